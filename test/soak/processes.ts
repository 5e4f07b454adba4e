import { readdirSync, readFileSync } from "node:fs";

export interface Sample {
  readonly rssMiB: number;
  readonly files: number;
}

/** Memory and open files of a process; undefined when it is gone. Source: proc(5). */
export function sampleOf(pid: number): Sample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
    // One that has ended and was not waited for yet has none.
    if (Number.isNaN(kib)) return undefined;
    return { rssMiB: kib / 1024, files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}

/** Between the second quarter of the samples and the last: what start and warm-up take is no growth. */
export function growth(
  samples: readonly Sample[],
  of: (sample: Sample) => number,
): { readonly early: number; readonly late: number; readonly most: number } {
  const quarter = Math.floor(samples.length / 4);
  const median = (some: readonly Sample[]): number =>
    some.map(of).toSorted((a, b) => a - b)[some.length >> 1] ?? 0;
  return {
    early: median(samples.slice(quarter, 2 * quarter)),
    late: median(samples.slice(-quarter)),
    most: Math.max(...samples.map(of)),
  };
}

import { spawnSync } from "node:child_process";

export interface Figures {
  readonly reads: number;
  readonly kib: number;
  readonly rounds: number;
  readonly verdict: string;
}

/** What one scan cost, by its own count. */
export function scanFigures(image: string): Figures | string {
  const done = spawnSync(process.execPath, ["bin/sixray.js", "scan", "--quiet", "--format", "json", image], {
    maxBuffer: 1 << 28,
  });
  try {
    const report: unknown = JSON.parse(done.stdout.toString());
    const result = firstResult(report);
    return result ?? "no result in the report";
  } catch {
    return done.stderr.toString().trim() || `exit ${done.status}`;
  }
}

function firstResult(report: unknown): Figures | undefined {
  if (typeof report !== "object" || report === null || !("results" in report)) return undefined;
  const [result]: unknown[] = Array.isArray(report.results) ? report.results : [];
  if (typeof result !== "object" || result === null || !("cost" in result) || !("verdict" in result))
    return undefined;
  const { cost, verdict } = result;
  if (
    typeof cost !== "object" ||
    cost === null ||
    !("reads" in cost) ||
    !("bytes" in cost) ||
    !("rounds" in cost)
  )
    return undefined;
  return {
    reads: Number(cost.reads),
    kib: Math.ceil(Number(cost.bytes) / 1024),
    rounds: Number(cost.rounds),
    verdict: String(verdict),
  };
}

/** Median and extremes of the wall time of whole processes, in milliseconds, run in turns so that noise is shared. */
export function wallTimes(
  commands: readonly (readonly [program: string, ...args: string[]])[],
  runs: number,
): readonly { readonly median: number; readonly min: number; readonly max: number }[] {
  const times = commands.map((): number[] => []);
  for (let run = -1; run < runs; run++) {
    for (const [index, [program, ...args]] of commands.entries()) {
      const begun = performance.now();
      spawnSync(program, args, { stdio: "ignore" });
      if (run >= 0) times[index]?.push(performance.now() - begun);
    }
  }
  return times.map((all) => {
    const sorted = all.toSorted((a, b) => a - b);
    return { median: sorted[runs >> 1] ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
  });
}

const TELL_RSS = `data:text/javascript,process.on("exit",()=>process.stderr.write("rss="+process.resourceUsage().maxRSS))`;

/** Peak resident memory of a Node process, in MiB. */
export function peakMemoryMib(args: readonly string[]): number {
  const done = spawnSync(process.execPath, ["--import", TELL_RSS, ...args]);
  return Math.round(Number(/rss=(\d+)/.exec(done.stderr.toString())?.[1] ?? 0) / 1024);
}

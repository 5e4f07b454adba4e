/** Where `length` bytes of the virtual disk come from. */
export type Run =
  | { readonly kind: "zero" | "unallocated"; readonly length: number }
  | { readonly kind: "stored"; readonly length: number; readonly offset: number }
  | {
      readonly kind: "compressed";
      readonly length: number;
      /** Where in the decompressed cluster the bytes begin. */
      readonly within: number;
      readonly at: Compressed;
    };

/** One compressed cluster: `length` is the most it can take, in whole sectors or up to the file's end. */
export interface Compressed {
  readonly offset: number;
  readonly length: number;
}

/** The same runs with neighbours that continue each other made one, so that one read serves them. */
export function joined(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last && continues(last, run))
      result[result.length - 1] = { ...last, length: last.length + run.length };
    else result.push(run);
  }
  return result;
}

function continues(last: Run, next: Run): boolean {
  if (last.kind === "compressed" || last.kind !== next.kind) return false;
  return last.kind !== "stored" || next.kind !== "stored" || last.offset + last.length === next.offset;
}

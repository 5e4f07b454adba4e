/** `length` file blocks from `logical` lie at `physical` on disk; `physical` undefined is a hole or unwritten. */
export interface Run {
  readonly logical: number;
  readonly length: number;
  readonly physical: number | undefined;
}

/** Finds where the file blocks `from` .. `to` (exclusive) lie: runs in order, that together cover the range. */
export type BlockMap = (from: number, to: number) => Promise<readonly Run[]>;

/** Fills the gaps between sorted runs with holes and cuts to the range. */
export function complete(runs: readonly Run[], from: number, to: number): readonly Run[] {
  const all: Run[] = [];
  let at = from;
  for (const run of runs) {
    const start = Math.max(run.logical, at);
    const end = Math.min(run.logical + run.length, to);
    if (end <= start) continue;
    if (start > at) push(all, { logical: at, length: start - at, physical: undefined });
    const skipped = start - run.logical;
    const physical = run.physical === undefined ? undefined : run.physical + skipped;
    push(all, { logical: start, length: end - start, physical });
    at = end;
  }
  if (at < to) push(all, { logical: at, length: to - at, physical: undefined });
  return all;
}

/** Appends, merging with a run that goes on where the last one ended. */
function push(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  const continues =
    last !== undefined &&
    (last.physical === undefined
      ? run.physical === undefined
      : run.physical !== undefined && last.physical + last.length === run.physical);
  if (continues && last) runs[runs.length - 1] = { ...last, length: last.length + run.length };
  else runs.push(run);
}

/** `length` file blocks from `logical` lie at block `physical` of the volume; undefined is a hole. */
export interface Run {
  readonly logical: number;
  readonly length: number;
  readonly physical: number | undefined;
  /** Allocated and never written: reads as zeros. */
  readonly unwritten: boolean;
}

/** Finds where the file blocks `from` .. `to` (exclusive) lie: runs in order, that together cover the range. */
export type BlockMap = (from: number, to: number) => Promise<readonly Run[]>;

/** Cuts sorted extents to the range and fills the gaps between them with holes. */
export function complete(extents: readonly Run[], from: number, to: number): readonly Run[] {
  const all: Run[] = [];
  let at = from;
  const fill = (end: number): void => {
    if (end > at) all.push({ logical: at, length: end - at, physical: undefined, unwritten: false });
  };
  for (const { logical, length, physical, unwritten } of extents) {
    const start = Math.max(logical, at);
    const end = Math.min(logical + length, to);
    if (end <= start) continue;
    fill(start);
    const moved = physical === undefined ? undefined : physical + (start - logical);
    all.push({ logical: start, length: end - start, physical: moved, unwritten });
    at = end;
  }
  fill(to);
  return all;
}

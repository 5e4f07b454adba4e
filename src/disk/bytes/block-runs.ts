import type { ByteSource } from "./byte-source.ts";
import { type Extent, mapped } from "./mapped.ts";

/** `length` blocks of a file from `logical` lie at block `physical` of the volume; undefined is a hole. */
export interface Run {
  readonly logical: number;
  readonly length: number;
  readonly physical: number | undefined;
  /** Allocated and never written: reads as zeros. */
  readonly unwritten?: boolean;
}

/** Finds where the file blocks `from` .. `to` (exclusive) lie: runs in order, that together cover the range. */
export type BlockMap = (from: number, to: number) => Promise<readonly Run[]>;

/** Cuts sorted runs to the range and fills the gaps between them with holes. */
export function complete(runs: readonly Run[], from: number, to: number): readonly Run[] {
  const all: Run[] = [];
  let at = from;
  const fill = (end: number): void => {
    if (end > at) all.push({ logical: at, length: end - at, physical: undefined });
  };
  for (const run of runs) {
    const start = Math.max(run.logical, at);
    const end = Math.min(run.logical + run.length, to);
    if (end <= start) continue;
    fill(start);
    const physical = run.physical === undefined ? undefined : run.physical + (start - run.logical);
    all.push({ ...run, logical: start, length: end - start, physical });
    at = end;
  }
  fill(to);
  return all;
}

/** The blocks of a volume that a file is made of. */
export interface Blocks {
  readonly source: ByteSource;
  readonly blockBytes: number;
  readonly map: BlockMap;
}

/** A file's bytes. Holes and unwritten runs read as zeros. */
export function mappedBlocks(blocks: Blocks, size: number, label: string): ByteSource {
  const { blockBytes, map } = blocks;
  return mapped(size, label, async (offset, length) => {
    const first = Math.floor(offset / blockBytes);
    const runs = await map(first, Math.ceil((offset + length) / blockBytes));
    return runs.map((run) => extentOf(blocks, run, offset, offset + length));
  });
}

function extentOf({ source, blockBytes }: Blocks, run: Run, from: number, to: number): Extent {
  const start = Math.max(from, run.logical * blockBytes);
  const length = Math.min(to, (run.logical + run.length) * blockBytes) - start;
  if (run.physical === undefined || run.unwritten) return { kind: "zeros", length };
  return {
    kind: "stored",
    length,
    source,
    offset: run.physical * blockBytes + (start - run.logical * blockBytes),
  };
}

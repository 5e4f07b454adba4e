import { corrupt } from "../../../errors.ts";
import { type BlockMap, complete, type Run } from "../../bytes/block-runs.ts";
import { View } from "../../bytes/view.ts";
import { BLOCK_OFFSET, type Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

const DIRECT_BLOCKS = 12;
const LEVELS_MAX = 3;

/** Direct and indirect blocks of an inode. Source: ext4/ifork.rst, "Direct/Indirect Block Addressing". */
export function indirectMap(volume: ExtVolume, inode: Inode): BlockMap {
  const perBlock = volume.superblock.blockBytes / 4;
  const end = DIRECT_BLOCKS + perBlock + perBlock ** 2 + perBlock ** 3;
  return async (from, to) => {
    if (to > end)
      throw corrupt(volume.label, `inode ${inode.number}: block ${to} is past the map's end`, inode.offset);
    const root = new View(inode.block, volume.label, inode.offset + BLOCK_OFFSET);
    const direct = pointers(volume, inode, root, { first: 0, from, to: Math.min(to, DIRECT_BLOCKS) });
    const deeper: Promise<readonly Run[]>[] = [];
    let first = DIRECT_BLOCKS;
    for (let level = 1; level <= LEVELS_MAX; level++) {
      const size = perBlock ** level;
      if (from < first + size && to > first)
        deeper.push(below(volume, inode, root.u32le(4 * (11 + level)), { first, from, to, level }));
      first += size;
    }
    return complete([...direct, ...(await Promise.all(deeper)).flat()], from, to);
  };
}

interface Range {
  /** File block that the first pointer stands for. */
  readonly first: number;
  readonly from: number;
  readonly to: number;
}

/** Runs behind one pointer block; `level` 1 points to data. */
async function below(
  volume: ExtVolume,
  inode: Inode,
  block: number,
  { first, from, to, level }: Range & { readonly level: number },
): Promise<readonly Run[]> {
  if (block === 0) return [];
  const perBlock = volume.superblock.blockBytes / 4;
  const bytes = await volume.block(block, `block map of inode ${inode.number}`);
  const view = new View(bytes, volume.label, block * volume.superblock.blockBytes);
  if (level === 1) return pointers(volume, inode, view, { first, from, to: Math.min(to, first + perBlock) });
  const span = perBlock ** (level - 1);
  const low = Math.max(0, Math.floor((from - first) / span));
  const high = Math.min(perBlock - 1, Math.floor((to - 1 - first) / span));
  const children: Promise<readonly Run[]>[] = [];
  for (let index = low; index <= high; index++) {
    const start = first + index * span;
    children.push(below(volume, inode, view.u32le(4 * index), { first: start, from, to, level: level - 1 }));
  }
  return (await Promise.all(children)).flat();
}

function pointers(volume: ExtVolume, inode: Inode, view: View, { first, from, to }: Range): readonly Run[] {
  const runs: Run[] = [];
  for (let logical = Math.max(from, first); logical < to; logical++) {
    const physical = view.u32le(4 * (logical - first));
    if (physical === 0) continue;
    if (physical >= volume.superblock.blocksCount)
      throw corrupt(
        volume.label,
        `inode ${inode.number}: block ${logical} lies at block ${physical}`,
        view.base,
      );
    runs.push({ logical, length: 1, physical });
  }
  return runs;
}

import { corrupt } from "../../../errors.ts";
import { type BlockMap, complete, type Run } from "../../bytes/block-runs.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { View } from "../../bytes/view.ts";
import { BLOCK_OFFSET, type Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

const MAGIC = 0xf30a;
const DEPTH_MAX = 5;
const ENTRY_BYTES = 12;
/** Lengths above this mean an extent that is allocated and not yet written: it reads as zeros. */
const INITIALISED_MAX = 32768;

/** The extent tree of an inode. Source: ext4/ifork.rst, "Extent Tree". */
export function extentMap(volume: ExtVolume, inode: Inode): BlockMap {
  return async (from, to) => {
    const root = new View(inode.block, volume.label, inode.offset + BLOCK_OFFSET);
    return complete(await runsIn(volume, inode, root, { from, to, depth: undefined }), from, to);
  };
}

interface Wanted {
  readonly from: number;
  readonly to: number;
  /** What the parent says; undefined at the root. */
  readonly depth: number | undefined;
}

async function runsIn(volume: ExtVolume, inode: Inode, node: View, wanted: Wanted): Promise<readonly Run[]> {
  const wrong = (what: string): Error =>
    corrupt(volume.label, `extent tree of inode ${inode.number}: ${what}`, node.base);
  const entries = node.u16le(2);
  const entriesMax = node.u16le(4);
  const depth = node.u16le(6);
  if (node.u16le(0) !== MAGIC) throw wrong("bad magic");
  if (entries > entriesMax || (entriesMax + 1) * ENTRY_BYTES > node.length) throw wrong(`${entries} entries`);
  if (depth > DEPTH_MAX || (wanted.depth !== undefined && depth !== wanted.depth))
    throw wrong(`depth ${depth}`);
  return depth === 0
    ? leafRuns(volume, node, entries, wrong)
    : childRuns(volume, inode, node, { entries, depth, wanted, wrong });
}

function leafRuns(
  volume: ExtVolume,
  node: View,
  entries: number,
  wrong: (what: string) => Error,
): readonly Run[] {
  const runs: Run[] = [];
  let end = 0;
  for (let index = 0; index < entries; index++) {
    const at = ENTRY_BYTES * (index + 1);
    const logical = node.u32le(at);
    const stored = node.u16le(at + 4);
    const physical = node.u16le(at + 6) * 2 ** 32 + node.u32le(at + 8);
    const length = stored > INITIALISED_MAX ? stored - INITIALISED_MAX : stored;
    if (length === 0 || logical < end) throw wrong(`extent ${index} is out of order`);
    if (physical + length > volume.superblock.blocksCount)
      throw wrong(`extent ${index} reaches block ${physical + length} of ${volume.superblock.blocksCount}`);
    runs.push({ logical, length, physical: stored > INITIALISED_MAX ? undefined : physical });
    end = logical + length;
  }
  return runs;
}

interface IndexNode {
  readonly entries: number;
  readonly depth: number;
  readonly wanted: Wanted;
  readonly wrong: (what: string) => Error;
}

async function childRuns(
  volume: ExtVolume,
  inode: Inode,
  node: View,
  { entries, depth, wanted, wrong }: IndexNode,
): Promise<readonly Run[]> {
  const children: { readonly block: number; readonly from: number; readonly to: number }[] = [];
  let before = -1;
  for (let index = 0; index < entries; index++) {
    const at = ENTRY_BYTES * (index + 1);
    const logical = node.u32le(at);
    if (logical <= before) throw wrong(`index ${index} is out of order`);
    before = logical;
    const next = index + 1 < entries ? node.u32le(at + ENTRY_BYTES) : Number.POSITIVE_INFINITY;
    if (next <= wanted.from || logical >= wanted.to) continue;
    const block = node.u32le(at + 4) + node.u16le(at + 8) * 2 ** 32;
    children.push({ block, from: Math.max(logical, wanted.from), to: Math.min(next, wanted.to) });
  }
  const found = await Promise.all(
    children.map(async ({ block, from, to }) => {
      const bytes = await volume.block(block, `extent tree of inode ${inode.number}`);
      const child = new View(bytes, volume.label, block * volume.superblock.blockBytes);
      checkBlock(child, inode);
      const runs = await runsIn(volume, inode, child, { from, to, depth: depth - 1 });
      return complete(runs, from, to);
    }),
  );
  return found.flat();
}

/** The checksum lies behind the last possible entry. */
function checkBlock(node: View, inode: Inode): void {
  if (inode.checksumSeed === undefined) return;
  const tail = ENTRY_BYTES * (node.u16le(4) + 1);
  const fits = tail + 4 <= node.length;
  if (!fits || crc32cUpdate(inode.checksumSeed, node.slice(0, tail)) !== node.u32le(tail))
    throw corrupt(node.label, `extent tree of inode ${inode.number}: checksum does not match`, node.base);
}

import { corrupt, limitReached } from "../../../errors.ts";
import { type BlockMap, complete, type Run } from "../../bytes/block-runs.ts";
import { View } from "../../bytes/view.ts";
import { BMAP_BTREE, verifyBlock } from "./checksum.ts";
import type { Inode } from "./inode.ts";
import type { XfsVolume } from "./volume.ts";

const RECORD_BYTES = 16;
const POINTER_BYTES = 8;
const ROOT_HEADER_BYTES = 4;
const HEADER_BYTES = 24;
const HEADER_V5_BYTES = 72;
const LEVELS_MAX = 9;
/** Tree blocks read for one range: four million extents at 4 KiB, and no more memory than that takes. */
const BLOCKS_MAX = 16_384;

/** The data fork's extents: a list in the inode or a B+tree. Source: "Data Extents". */
export function extentMap(volume: XfsVolume, inode: Inode): BlockMap {
  const { fork, format, extentsCount, number } = inode;
  if (format === "extents") {
    if (extentsCount * RECORD_BYTES > fork.length)
      throw corrupt(volume.label, `inode ${number}: ${extentsCount} extents in its fork`, fork.base);
    const extents = extentsIn(volume, inode, fork.sub(0, extentsCount * RECORD_BYTES));
    return async (from, to) => complete(extents, from, to);
  }
  if (format !== "btree")
    throw corrupt(volume.label, `inode ${number}: data fork of format ${format}`, fork.base);
  return async (from, to) => {
    const walk = { volume, inode, budget: { blocks: BLOCKS_MAX } };
    const level = fork.u16be(0);
    const keysMax = Math.floor((fork.length - ROOT_HEADER_BYTES) / RECORD_BYTES);
    const root = { node: fork, level, count: fork.u16be(2), keysAt: ROOT_HEADER_BYTES, keysMax };
    if (level === 0 || level > LEVELS_MAX) throw wrongTree(walk, fork, `level ${level}`);
    return complete(await below(walk, root, from, to), from, to);
  };
}

interface Walk {
  readonly volume: XfsVolume;
  readonly inode: Inode;
  readonly budget: { blocks: number };
}

/** Keys, then room for `keysMax` of them, then pointers. */
interface IndexNode {
  readonly node: View;
  readonly level: number;
  readonly count: number;
  readonly keysAt: number;
  readonly keysMax: number;
}

async function below(walk: Walk, index: IndexNode, from: number, to: number): Promise<readonly Run[]> {
  const { node, level, count, keysAt, keysMax } = index;
  if (count === 0 || count > keysMax) throw wrongTree(walk, node, `${count} keys`);
  const pointersAt = keysAt + keysMax * POINTER_BYTES;
  const children: { readonly block: number; readonly from: number; readonly to: number }[] = [];
  let before = -1;
  for (let i = 0; i < count; i++) {
    const key = node.u64be(keysAt + i * POINTER_BYTES);
    if (key <= before) throw wrongTree(walk, node, `key ${i} is out of order`);
    before = key;
    const next = i + 1 < count ? node.u64be(keysAt + (i + 1) * POINTER_BYTES) : Number.POSITIVE_INFINITY;
    if (next <= from || key >= to) continue;
    const block = node.u64be(pointersAt + i * POINTER_BYTES);
    children.push({ block, from: Math.max(key, from), to: Math.min(next, to) });
  }
  walk.budget.blocks -= children.length;
  if (walk.budget.blocks < 0)
    throw limitReached(
      walk.volume.label,
      `inode ${walk.inode.number}: more than ${BLOCKS_MAX} extent blocks`,
    );
  const found = await Promise.all(children.map((child) => readNode(walk, level - 1, child)));
  return found.flat();
}

async function readNode(
  walk: Walk,
  level: number,
  { block, from, to }: { readonly block: number; readonly from: number; readonly to: number },
): Promise<readonly Run[]> {
  const { volume, inode } = walk;
  const { blockBytes, version } = volume.superblock;
  const offset = volume.linear(block, 1, `extent tree of inode ${inode.number}`) * blockBytes;
  const node = new View(await volume.source.read(offset, blockBytes), volume.label, offset);
  if (!node.is(0, version === 5 ? "BMA3" : "BMAP")) throw wrongTree(walk, node, "bad magic");
  verifyBlock(node, volume.superblock, BMAP_BTREE, { what: "extent tree", inode: inode.number });
  if (node.u16be(4) !== level) throw wrongTree(walk, node, `level ${node.u16be(4)}, not ${level}`);
  const keysAt = version === 5 ? HEADER_V5_BYTES : HEADER_BYTES;
  const count = node.u16be(6);
  const keysMax = Math.floor((blockBytes - keysAt) / RECORD_BYTES);
  if (level > 0) return below(walk, { node, level, count, keysAt, keysMax }, from, to);
  if (count > keysMax) throw wrongTree(walk, node, `${count} extents`);
  const extents = extentsIn(volume, inode, node.sub(keysAt, count * RECORD_BYTES));
  return extents.filter(({ logical, length }) => logical < to && logical + length > from);
}

function wrongTree({ volume, inode }: Walk, node: View, what: string): Error {
  return corrupt(volume.label, `extent tree of inode ${inode.number}: ${what}`, node.base);
}

/** Packed records: flag 1 bit, file offset 54, block 52, length 21. Source: "Extent List". */
function extentsIn(volume: XfsVolume, inode: Inode, records: View): readonly Run[] {
  const runs: Run[] = [];
  let end = 0;
  for (let at = 0; at < records.length; at += RECORD_BYTES) {
    const [w0, w1, w2, w3] = [0, 4, 8, 12].map((word) => records.u32be(at + word));
    if (w0 === undefined || w1 === undefined || w2 === undefined || w3 === undefined) break;
    const logical = (w0 & 0x7fffffff) * 2 ** 23 + Math.floor(w1 / 2 ** 9);
    const block = (w1 & 0x1ff) * 2 ** 43 + w2 * 2 ** 11 + Math.floor(w3 / 2 ** 21);
    const length = w3 & 0x1fffff;
    if (length === 0 || logical < end)
      throw corrupt(records.label, `inode ${inode.number}: extents out of order`, records.base + at);
    const physical = inode.realtime ? undefined : volume.linear(block, length, `inode ${inode.number}`);
    runs.push({ logical, length, physical, unwritten: w0 >= 0x80000000 });
    end = logical + length;
  }
  return runs;
}

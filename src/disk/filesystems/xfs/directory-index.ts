import { limitReached } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import type { DirectoryReader } from "./directory-blocks.ts";

/** Where a directory's leaves begin, in bytes. Source: XFS_DIR2_LEAF_OFFSET. */
const INDEX_START_BYTES = 32 * 2 ** 30;
const ENTRY_BYTES = 8;
const LEVELS_MAX = 5;
/** Leaves that names of one hash may fill. */
const LEAVES_MAX = 256;
const ADDRESS_UNIT_BYTES = 8;

const NODE = { v4: 0xfebe, v5: 0x3ebe };
const SOLE_LEAF = { v4: 0xd2f1, v5: 0x3df1 };
const LEAF = { v4: 0xd2ff, v5: 0x3dff };

/**
 * Byte offsets in the directory's data of all entries whose name hashes to `hash`. Reads one index block a level.
 * Source: XFS Algorithms & Data Structures, "Leaf Directories" and "Node Directories".
 */
export async function findOffsets(reader: DirectoryReader, hash: number): Promise<readonly number[]> {
  const { blockBytes: fsBlockBytes, version } = reader.volume.superblock;
  const v = version === 5 ? "v5" : "v4";
  let block = await reader.index(INDEX_START_BYTES / fsBlockBytes);
  let level: number | undefined;
  while (magicOf(block) === NODE[v]) {
    const count = block.u16be(v === "v5" ? 56 : 12);
    const said = block.u16be(v === "v5" ? 58 : 14);
    if (said === 0 || said > LEVELS_MAX || (level !== undefined && said !== level - 1))
      throw reader.wrong(`index level ${said}`, block.base);
    level = said;
    const at = firstNotBelow(reader, block, count, hash);
    if (at === count) return [];
    block = await reader.index(block.u32be(entriesAt(reader) + at * ENTRY_BYTES + 4));
  }
  if (level !== undefined && level !== 1) throw reader.wrong(`a leaf below index level ${level}`, block.base);
  return offsetsIn(reader, block, hash, level === undefined ? [SOLE_LEAF[v], LEAF[v]] : [LEAF[v]]);
}

/** Names of one hash may go on in the leaves that follow. */
async function offsetsIn(
  reader: DirectoryReader,
  first: View,
  hash: number,
  magics: readonly number[],
): Promise<readonly number[]> {
  const offsets: number[] = [];
  const v5 = reader.volume.superblock.version === 5;
  let leaf = first;
  for (let leaves = 0; leaves < LEAVES_MAX; leaves++) {
    if (!magics.includes(magicOf(leaf))) throw reader.wrong("leaf with a bad magic", leaf.base);
    const count = leaf.u16be(v5 ? 56 : 12);
    let at = firstNotBelow(reader, leaf, count, hash);
    for (; at < count; at++) {
      const entry = entriesAt(reader) + at * ENTRY_BYTES;
      if (leaf.u32be(entry) !== hash) return offsets;
      const address = leaf.u32be(entry + 4);
      // Zero is a name that was removed.
      if (address !== 0) offsets.push(address * ADDRESS_UNIT_BYTES);
    }
    const next = leaf.u32be(0);
    if (next === 0) return offsets;
    leaf = await reader.index(next);
  }
  throw limitReached(
    reader.volume.label,
    `directory of inode ${reader.inode.number}: more than ${LEAVES_MAX} leaves of one hash`,
  );
}

function magicOf(block: View): number {
  return block.u16be(8);
}

function entriesAt(reader: DirectoryReader): number {
  return reader.volume.superblock.version === 5 ? 64 : 16;
}

/** The first of `count` sorted entries whose hash is not below `hash`; `count` when there is none. */
function firstNotBelow(reader: DirectoryReader, block: View, count: number, hash: number): number {
  const start = entriesAt(reader);
  if (start + count * ENTRY_BYTES > block.length) throw reader.wrong(`${count} index entries`, block.base);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block.u32be(start + middle * ENTRY_BYTES) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

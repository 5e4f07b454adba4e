import { corrupt, limitReached } from "../../../errors.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { decodeName, encodeName } from "../../bytes/names.ts";
import { View } from "../../bytes/view.ts";
import type { NodeType } from "../driver.ts";
import { contentOf } from "./content.ts";
import { INCOMPAT } from "./features.ts";
import { findLeaves } from "./htree.ts";
import { systemData } from "./inline-data.ts";
import { INODE_FLAGS, type Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

/** Up to here a directory is read whole: rounds cost more than bytes. */
const WHOLE_BYTES = 16 << 10;
const DIRECTORY_MAX_BYTES = 512 << 20;
const TAIL_BYTES = 12;
const TAIL_TYPE = 0xde;
const INLINE_PARENT_BYTES = 4;

export interface Dirent {
  readonly name: string;
  readonly inode: number;
  readonly type?: NodeType;
}

/** Source: ext4/directory.rst, "ftype". */
const TYPES: readonly (NodeType | undefined)[] = [
  undefined,
  "file",
  "directory",
  "char",
  "block",
  "fifo",
  "socket",
  "symlink",
];

/** Every entry but `.` and `..`. Source: ext4/directory.rst. */
export async function listDirectory(volume: ExtVolume, inode: Inode): Promise<readonly Dirent[]> {
  const regions = await wholeDirectory(volume, inode);
  return regions.flatMap((region) => direntsIn(volume, inode, region));
}

/** The entry of exactly this name. A large indexed directory is read only where the name hashes to. */
export async function findDirent(volume: ExtVolume, inode: Inode, name: string): Promise<Dirent | undefined> {
  const indexed = (inode.flags & INODE_FLAGS.index) !== 0 && (inode.flags & INODE_FLAGS.inlineData) === 0;
  if (indexed && inode.sizeBytes > WHOLE_BYTES) {
    const content = contentOf(volume, inode);
    const { blockBytes } = volume.superblock;
    const readBlock = (block: number): Promise<Uint8Array> => content.read(block * blockBytes, blockBytes);
    const leaves = await findLeaves(volume, inode, encodeName(name), readBlock);
    if (leaves) {
      for (const block of leaves) {
        const region = new View(await readBlock(block), volume.label, block * blockBytes);
        const found = direntsIn(volume, inode, region).find((one) => one.name === name);
        if (found) return found;
      }
      return undefined;
    }
  }
  return (await listDirectory(volume, inode)).find((one) => one.name === name);
}

/** Blocks, or the two regions of an inline directory. */
async function wholeDirectory(volume: ExtVolume, inode: Inode): Promise<readonly View[]> {
  const { label, superblock } = volume;
  const content = contentOf(volume, inode);
  if (content.size > DIRECTORY_MAX_BYTES)
    throw limitReached(label, `directory of ${content.size} bytes (inode ${inode.number})`);
  if ((inode.flags & INODE_FLAGS.inlineData) !== 0) {
    return [inode.block.subarray(INLINE_PARENT_BYTES), systemData(inode, label)]
      .filter((region) => region.length > 0)
      .map((region) => new View(region, `${label} > inode ${inode.number}`));
  }
  const bytes = await content.read(0, content.size);
  const views: View[] = [];
  for (let at = 0; at < bytes.length; at += superblock.blockBytes) {
    const block = bytes.subarray(at, at + superblock.blockBytes);
    if (block.length < superblock.blockBytes)
      throw corrupt(label, `directory of ${bytes.length} bytes is not whole blocks (inode ${inode.number})`);
    views.push(new View(block, `${label} > inode ${inode.number}`, at));
  }
  return views;
}

/** The entries of one block or inline region; index blocks look like blocks without entries. */
function direntsIn(volume: ExtVolume, inode: Inode, region: View): readonly Dirent[] {
  checkBlock(volume, inode, region);
  const typed = (volume.superblock.incompat & INCOMPAT.filetype) !== 0;
  const found: Dirent[] = [];
  for (let at = 0; at + 8 <= region.length; ) {
    const length = recordLength(region, at);
    if (length < 8 || length % 4 !== 0 || at + length > region.length)
      throw corrupt(region.label, `directory entry of ${length} bytes`, region.base + at);
    const number = region.u32le(at);
    const nameLength = typed ? region.u8(at + 6) : region.u16le(at + 6);
    if (number !== 0) {
      if (nameLength === 0 || nameLength + 8 > length)
        throw corrupt(region.label, `directory entry with a name of ${nameLength} bytes`, region.base + at);
      const name = decodeName(region.slice(at + 8, nameLength));
      const type = typed ? TYPES[region.u8(at + 7)] : undefined;
      if (name !== "." && name !== "..") found.push({ name, inode: number, ...(type ? { type } : {}) });
    }
    at += length;
  }
  return found;
}

/** Blocks of 64 KiB do not fit 16 bits: 0 and 65,535 mean the whole block, the low bits are the high ones. */
function recordLength(region: View, at: number): number {
  const stored = region.u16le(at + 4);
  if (region.length !== 65536) return stored;
  return stored === 0 || stored === 65535 ? 65536 : (stored & 65532) | ((stored & 3) << 16);
}

function checkBlock(volume: ExtVolume, inode: Inode, block: View): void {
  const seed = inode.checksumSeed;
  if (seed === undefined || block.length !== volume.superblock.blockBytes) return;
  if ((inode.flags & INODE_FLAGS.inlineData) !== 0) return;
  const wrong = (): Error => corrupt(block.label, "checksum of a directory block does not match", block.base);
  const counts = (inode.flags & INODE_FLAGS.index) !== 0 ? indexCountsAt(block) : undefined;
  if (counts !== undefined) {
    const limit = block.u16le(counts);
    const tail = counts + limit * 8;
    const used = counts + block.u16le(counts + 2) * 8;
    if (tail + 8 > block.length || used > tail) throw wrong();
    let crc = crc32cUpdate(seed, block.bytes.subarray(0, used));
    crc = crc32cUpdate(crc, block.slice(tail, 4));
    if (crc32cUpdate(crc, new Uint8Array(4)) !== block.u32le(tail + 4)) throw wrong();
    return;
  }
  const tail = block.length - TAIL_BYTES;
  const isTail =
    block.u32le(tail) === 0 && block.u16le(tail + 4) === TAIL_BYTES && block.u8(tail + 7) === TAIL_TYPE;
  if (!isTail || crc32cUpdate(seed, block.bytes.subarray(0, tail)) !== block.u32le(tail + 8)) throw wrong();
}

/** Where an index block keeps its counts, or undefined for a block of entries. Source: "Hash Tree Directories". */
function indexCountsAt(block: View): number | undefined {
  const first = recordLength(block, 0);
  if (first === block.length && block.u32le(0) === 0) return 8;
  if (first !== 12 || recordLength(block, 12) !== block.length - 12) return undefined;
  return block.u32le(24) === 0 && block.u8(29) === 8 ? 32 : undefined;
}

import { limitReached } from "../../../errors.ts";
import { allOf, DIRECTORY_MAX_BYTES, PIECE_BYTES, WHOLE_BYTES } from "../directory-pieces.ts";
import { type DataBlock, DirectoryReader } from "./directory-blocks.ts";
import { findOffsets } from "./directory-index.ts";
import { type Dirent, direntAt, direntsIn, shortFormDirents } from "./dirent.ts";
import type { Inode } from "./inode.ts";
import { exactNames, foldedNames } from "./names.ts";
import type { XfsVolume } from "./volume.ts";

/** Every entry but `.` and `..`. */
export async function listDirectory(volume: XfsVolume, inode: Inode): Promise<readonly Dirent[]> {
  return allOf(pieces(volume, inode), volume.label, inode.number);
}

/** The entry of this name. A large directory of several blocks is read only where its index says. */
export async function findDirent(volume: XfsVolume, inode: Inode, name: string): Promise<Dirent | undefined> {
  const { asciiCi, ftype } = volume.superblock;
  const rule = asciiCi ? foldedNames : exactNames;
  const matches = rule.matcher(name);
  const { blockBytes, directoryBlocks } = volume.superblock;
  if (inode.format === "local" || inode.sizeBytes <= Math.max(WHOLE_BYTES, blockBytes * directoryBlocks)) {
    for await (const dirents of pieces(volume, inode)) {
      const found = dirents.find((one) => matches(one.name));
      if (found) return found;
    }
    return undefined;
  }
  const reader = new DirectoryReader(volume, inode);
  const blocks = new Map<number, number[]>();
  for (const offset of await findOffsets(reader, rule.hash(name))) {
    const number = Math.floor(offset / reader.blockBytes);
    if (number >= reader.count) throw reader.wrong(`index points to byte ${offset} of ${inode.sizeBytes}`);
    const known = blocks.get(number);
    if (known) known.push(offset % reader.blockBytes);
    else blocks.set(number, [offset % reader.blockBytes]);
  }
  for (const [number, offsets] of blocks) {
    const [block] = await reader.data(number, number + 1);
    if (!block) throw reader.wrong(`index points to block ${number}, a hole`);
    for (const offset of offsets) {
      if (offset < block.from) throw reader.wrong(`index points to byte ${offset} of block ${number}`);
      const { dirent } = direntAt(block.view, offset, block.to, ftype);
      if (matches(dirent.name)) return dirent;
    }
  }
  return undefined;
}

async function* pieces(volume: XfsVolume, inode: Inode): AsyncGenerator<readonly Dirent[]> {
  const { ftype } = volume.superblock;
  if (inode.format === "local") {
    yield shortFormDirents(inode, ftype);
    return;
  }
  const reader = new DirectoryReader(volume, inode);
  if (inode.sizeBytes > DIRECTORY_MAX_BYTES)
    throw limitReached(volume.label, `directory of ${inode.sizeBytes} bytes (inode ${inode.number})`);
  const step = PIECE_BYTES / reader.blockBytes;
  for (let from = 0; from < reader.count; from += step) {
    const blocks: readonly DataBlock[] = await reader.data(from, Math.min(from + step, reader.count));
    for (const { view, from: start, to } of blocks) yield direntsIn(view, start, to, ftype);
  }
}

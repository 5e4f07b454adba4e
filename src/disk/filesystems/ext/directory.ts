import { corrupt, limitReached } from "../../../errors.ts";
import { encodeName } from "../../bytes/names.ts";
import { View } from "../../bytes/view.ts";
import { allOf, DIRECTORY_MAX_BYTES, PIECE_BYTES, WHOLE_BYTES } from "../directory-pieces.ts";
import { contentOf } from "./content.ts";
import { checkDirectoryBlock, type Dirent, direntsIn } from "./directory-block.ts";
import { INCOMPAT } from "./features.ts";
import { findLeaves } from "./htree.ts";
import { systemData } from "./inline-data.ts";
import { INODE_FLAGS, type Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

const INLINE_PARENT_BYTES = 4;

/** Every entry but `.` and `..`. Source: ext4/directory.rst. */
export async function listDirectory(volume: ExtVolume, inode: Inode): Promise<readonly Dirent[]> {
  return allOf(pieces(volume, inode), volume.label, inode.number);
}

/** The entry of this name. A large indexed directory is read only where the name hashes to. */
export async function findDirent(volume: ExtVolume, inode: Inode, name: string): Promise<Dirent | undefined> {
  const readBlock = blockReader(volume, inode);
  const leaves = isHashed(inode) ? await findLeaves(volume, inode, encodeName(name), readBlock) : undefined;
  if (leaves) {
    for (const leaf of leaves) {
      const found = direntsIn(await readBlock(leaf), isTyped(volume)).find((one) => one.name === name);
      if (found) return found;
    }
    return undefined;
  }
  let alike: Dirent | undefined;
  const folded = isFolding(inode) ? foldName(name) : undefined;
  for await (const dirents of pieces(volume, inode)) {
    const found = dirents.find((one) => one.name === name);
    if (found) return found;
    if (folded !== undefined) alike ??= dirents.find((one) => foldName(one.name) === folded);
  }
  return alike;
}

/** A directory in which names that differ in case only are one. */
export function isFolding({ flags }: Inode): boolean {
  return (flags & INODE_FLAGS.casefold) !== 0;
}

/** Close to the kernel's tables (Unicode 12.1, case folded, decomposed). */
function foldName(name: string): string {
  return name.normalize("NFD").toLowerCase().normalize("NFD");
}

/** Worth an index walk. Casefold directories hash the folded name, which takes Unicode's tables: not these. */
function isHashed({ flags, sizeBytes }: Inode): boolean {
  const without = INODE_FLAGS.inlineData | INODE_FLAGS.casefold;
  return (flags & INODE_FLAGS.index) !== 0 && (flags & without) === 0 && sizeBytes > WHOLE_BYTES;
}

function isTyped({ superblock }: ExtVolume): boolean {
  return (superblock.incompat & INCOMPAT.filetype) !== 0;
}

/** Reads and checks one block of a directory that is not inline. */
function blockReader(volume: ExtVolume, inode: Inode): (block: number) => Promise<View> {
  const content = contentOf(volume, inode);
  const { blockBytes } = volume.superblock;
  return async (block) => {
    const at = block * blockBytes;
    return checkedBlock(inode, await content.read(at, blockBytes), content.label, at);
  };
}

function checkedBlock(inode: Inode, bytes: Uint8Array, label: string, at: number): View {
  const view = new View(bytes, label, at);
  checkDirectoryBlock(view, inode.checksumSeed, (inode.flags & INODE_FLAGS.index) !== 0);
  return view;
}

/** Every block's entries in order, or those of the two regions of an inline directory. */
async function* pieces(volume: ExtVolume, inode: Inode): AsyncGenerator<readonly Dirent[]> {
  const { blockBytes } = volume.superblock;
  const typed = isTyped(volume);
  const content = contentOf(volume, inode);
  if ((inode.flags & INODE_FLAGS.inlineData) !== 0) {
    for (const region of [inode.block.subarray(INLINE_PARENT_BYTES), systemData(inode, volume.label)])
      yield direntsIn(new View(region, content.label), typed);
    return;
  }
  if (content.size > DIRECTORY_MAX_BYTES)
    throw limitReached(content.label, `directory of ${content.size} bytes`);
  if (content.size % blockBytes !== 0)
    throw corrupt(content.label, `directory of ${content.size} bytes is not whole blocks`);
  for (let start = 0; start < content.size; start += PIECE_BYTES) {
    const piece = await content.read(start, Math.min(PIECE_BYTES, content.size - start));
    for (let at = 0; at < piece.length; at += blockBytes) {
      const block = piece.subarray(at, at + blockBytes);
      yield direntsIn(checkedBlock(inode, block, content.label, start + at), typed);
    }
  }
}

/**
 * squashfs 4.0. Source: Linux Documentation/filesystems/squashfs.rst; where it is silent, fs/squashfs/squashfs_fs.h.
 */

import type { Format } from "../../bytes/format.ts";
import { has } from "../../bytes/signature.ts";
import type { FileSystem } from "../driver.ts";
import { readInode } from "./inode.ts";
import { Metadata } from "./metadata.ts";
import { SquashfsNode } from "./node.ts";
import { MAGIC, parseSuperblock, SUPERBLOCK_BYTES } from "./superblock.ts";

export const squashfs: Format<FileSystem> = {
  name: "squashfs",
  probe: async (source) => source.size >= SUPERBLOCK_BYTES && (await has(source, 0, MAGIC)),

  async open(source) {
    const superblock = parseSuperblock(await source.read(0, SUPERBLOCK_BYTES), source.label, source.size);
    const metadata = new Metadata(source, superblock);
    let root: Promise<SquashfsNode> | undefined;
    return {
      type: "squashfs",
      label: "",
      uuid: "",
      features: [superblock.compression, `block ${superblock.blockBytes}`],
      notes: [],
      caseSensitive: true,
      root() {
        root ??= rootOf(metadata);
        return root;
      },
    };
  },
};

async function rootOf(metadata: Metadata): Promise<SquashfsNode> {
  const ref = metadata.superblock.rootRef;
  const inode = await readInode(metadata, Number((ref >> 16n) & 0xffffffffn), Number(ref & 0xffffn));
  return new SquashfsNode(metadata, inode);
}

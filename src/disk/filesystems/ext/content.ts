import { unsupported } from "../../../errors.ts";
import { mappedBlocks } from "../../bytes/block-runs.ts";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { indirectMap } from "./block-map.ts";
import { extentMap } from "./extents.ts";
import { inlineData } from "./inline-data.ts";
import { INODE_FLAGS, type Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

/** The bytes of a file, directory or slow link. */
export function contentOf(volume: ExtVolume, inode: Inode): ByteSource {
  const label = `${volume.label} > inode ${inode.number}`;
  if ((inode.flags & INODE_FLAGS.encrypt) !== 0)
    throw unsupported(label, `ext4 encrypted ${inode.type} (fscrypt): no key`);
  if ((inode.flags & INODE_FLAGS.inlineData) !== 0)
    return memorySource(inlineData(inode, volume.label), label);
  const map =
    (inode.flags & INODE_FLAGS.extents) !== 0 ? extentMap(volume, inode) : indirectMap(volume, inode);
  const { source, superblock } = volume;
  return mappedBlocks({ source, blockBytes: superblock.blockBytes, map }, inode.sizeBytes, label);
}

import { unsupported } from "../../../errors.ts";
import { type ByteSource, checkRange, memorySource } from "../../bytes/byte-source.ts";
import { indirectMap } from "./block-map.ts";
import { extentMap } from "./extents.ts";
import { inlineData } from "./inline-data.ts";
import { INODE_FLAGS, type Inode } from "./inode.ts";
import type { BlockMap } from "./mapping.ts";
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
  return mappedSource(volume, map, inode.sizeBytes, label);
}

/** Runs that follow each other on disk are one read; all reads of a range go out together. */
function mappedSource(volume: ExtVolume, map: BlockMap, size: number, label: string): ByteSource {
  const { blockBytes } = volume.superblock;
  const source: ByteSource = {
    size,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      if (length === 0) return new Uint8Array();
      const first = Math.floor(offset / blockBytes);
      const runs = await map(first, Math.ceil((offset + length) / blockBytes));
      const bytes = new Uint8Array(length);
      await Promise.all(
        runs.map(async ({ logical, length: blocks, physical }) => {
          if (physical === undefined) return;
          const start = Math.max(offset, logical * blockBytes);
          const end = Math.min(offset + length, (logical + blocks) * blockBytes);
          const at = physical * blockBytes + (start - logical * blockBytes);
          bytes.set(await volume.source.read(at, end - start, signal), start - offset);
        }),
      );
      return bytes;
    },
  };
  return source;
}

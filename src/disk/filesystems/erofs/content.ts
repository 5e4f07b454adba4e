import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { byBlock, type Extent, type Locate, mapped } from "../../bytes/mapped.ts";
import { View } from "../../bytes/view.ts";
import { compressedExtents } from "./compressed.ts";
import type { ErofsVolume, Inode } from "./inode.ts";

const HOLE = 0xffffffff;
const CHUNK_INDEXES = 0x20;

/** The bytes of a file, folder or link. */
export function contentOf(volume: ErofsVolume, inode: Inode): ByteSource {
  const label = `${volume.source.label} > inode ${inode.number}`;
  return mapped(inode.sizeBytes, label, locator(volume, inode, label));
}

function locator(volume: ErofsVolume, inode: Inode, label: string): Locate {
  const { source, superblock } = volume;
  const { blockBytes } = superblock;
  const start = inode.value * blockBytes;
  switch (inode.layout) {
    case "plain":
      return async (offset, length) => [{ kind: "stored", length, source, offset: start + offset }];
    case "inline": {
      // The last block, whole or not, lies behind the inode.
      const inBlocks = Math.max(0, Math.ceil(inode.sizeBytes / blockBytes) - 1) * blockBytes;
      const tailBytes = inode.sizeBytes - inBlocks;
      if ((inode.tail % blockBytes) + tailBytes > blockBytes)
        throw corrupt(label, `tail of ${tailBytes} bytes crosses a block`, inode.tail);
      return async (offset, length) => {
        const front = Math.max(0, Math.min(length, inBlocks - offset));
        const extents: Extent[] = [];
        if (front > 0) extents.push({ kind: "stored", length: front, source, offset: start + offset });
        if (front < length) {
          const at = inode.tail + offset + front - inBlocks;
          extents.push({ kind: "stored", length: length - front, source, offset: at });
        }
        return extents;
      };
    }
    case "chunks":
      return chunks(volume, inode, label);
    case "full":
    case "compact":
      return compressedExtents(volume, inode, label);
  }
}

function chunks({ source, superblock }: ErofsVolume, inode: Inode, label: string): Locate {
  const { blockBytes, blockBits } = superblock;
  const format = inode.value & 0xffff;
  if (format >> 6 !== 0) throw unsupported(label, `EROFS chunk format ${format}`);
  const chunkBytes = 2 ** (blockBits + (format & 0x1f));
  const indexes = (format & CHUNK_INDEXES) !== 0;
  const unit = indexes ? 8 : 4;
  const table = Math.ceil(inode.tail / unit) * unit;
  return (offset, length) =>
    byBlock(offset, length, chunkBytes, async (chunk, within, bytes) => {
      const at = table + chunk * unit;
      const view = new View(await source.read(at, unit), label, at);
      if (indexes && view.u16le(2) !== 0) throw unsupported(label, "EROFS chunk on another device", at);
      const block = view.u32le(indexes ? 4 : 0);
      if (block === HOLE) return [{ kind: "zeros", length: bytes }];
      return [{ kind: "stored", length: bytes, source, offset: block * blockBytes + within }];
    });
}

import { corrupt, unsupported } from "../../../errors.ts";
import { mappedBlocks } from "../../bytes/block-runs.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { extentMap } from "./extents.ts";
import type { Inode } from "./inode.ts";
import type { XfsVolume } from "./volume.ts";

/** The bytes of a file. */
export function contentOf(volume: XfsVolume, inode: Inode): ByteSource {
  const label = `${volume.label} > inode ${inode.number}`;
  if (inode.realtime) throw unsupported(label, "XFS real-time file: its data lies on the real-time device");
  if (inode.format === "local" || inode.format === "device")
    throw corrupt(label, `file with a data fork of format ${inode.format}`, inode.fork.base);
  return bytesOf(volume, inode, inode.sizeBytes, label);
}

/** What the data fork maps, up to `size`. */
export function bytesOf(volume: XfsVolume, inode: Inode, size: number, label: string): ByteSource {
  const { source, superblock } = volume;
  const map = extentMap(volume, inode);
  return mappedBlocks({ source, blockBytes: superblock.blockBytes, map }, size, label);
}

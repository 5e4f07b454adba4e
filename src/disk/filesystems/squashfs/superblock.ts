import { corrupt, unsupported } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";

export const SUPERBLOCK_BYTES = 96;
export const MAGIC = "hsqs";

export type Compression = "gzip" | "lzo" | "xz" | "lz4" | "zstd";

const COMPRESSIONS: Readonly<Record<number, Compression | "lzma">> = {
  1: "gzip",
  2: "lzma",
  3: "lzo",
  4: "xz",
  5: "lz4",
  6: "zstd",
};
/** A table that is not there. */
const NONE = 0xffffffffffffffffn;

/** Where things lie. Offsets are bytes from the start of the volume. */
export interface Superblock {
  readonly compression: Compression;
  readonly blockBytes: number;
  readonly bytesUsed: number;
  /** Reference of the root folder's inode: metadata block << 16 | offset within it. */
  readonly rootRef: bigint;
  readonly fragmentsCount: number;
  readonly idsCount: number;
  readonly idTable: number;
  readonly inodeTable: number;
  readonly directoryTable: number;
  readonly fragmentTable: number | undefined;
}

/** Source: Linux Documentation/filesystems/squashfs.rst, and struct squashfs_super_block of fs/squashfs/squashfs_fs.h. */
export function parseSuperblock(bytes: Uint8Array, label: string, size: number): Superblock {
  const view = new View(bytes, label);
  const major = view.u16le(0x1c);
  const minor = view.u16le(0x1e);
  if (major !== 4 || minor !== 0)
    throw unsupported(label, `squashfs ${major}.${minor}: only 4.0 is read`, 0x1c);
  const compression = COMPRESSIONS[view.u16le(0x14)];
  if (compression === undefined) throw unsupported(label, `squashfs compression ${view.u16le(0x14)}`, 0x14);
  if (compression === "lzma") throw unsupported(label, "squashfs compressed with the old lzma", 0x14);
  const blockBytes = view.u32le(0x0c);
  const blockLog = view.u16le(0x16);
  if (blockLog < 12 || blockLog > 20 || blockBytes !== 2 ** blockLog)
    throw corrupt(label, `squashfs superblock: block size ${blockBytes}`, 0x0c);
  const bytesUsed = view.u64le(0x28);
  if (bytesUsed > size)
    throw corrupt(label, `squashfs of ${bytesUsed} bytes in a volume of ${size}: is it complete?`, 0x28);
  const table = (at: number): number => {
    const offset = view.u64le(at);
    if (offset < SUPERBLOCK_BYTES || offset >= bytesUsed)
      throw corrupt(label, `squashfs superblock: table at ${offset} of ${bytesUsed} bytes`, at);
    return offset;
  };
  const fragmentsCount = view.u32le(0x10);
  return {
    compression,
    blockBytes,
    bytesUsed,
    rootRef: view.big64le(0x20),
    fragmentsCount,
    idsCount: view.u16le(0x1a),
    idTable: table(0x30),
    inodeTable: table(0x40),
    directoryTable: table(0x48),
    fragmentTable: fragmentsCount === 0 || view.big64le(0x50) === NONE ? undefined : table(0x50),
  };
}

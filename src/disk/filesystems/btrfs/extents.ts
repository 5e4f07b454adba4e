import { corrupt, unsupported } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import type { Inode } from "./inode.ts";
import { ITEM, type Key } from "./keys.ts";
import { scan } from "./search.ts";
import type { Item } from "./tree-node.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

// Source: Btrfs documentation, "On-disk format", EXTENT_DATA.

const INLINE_OFFSET = 21;
const KINDS = ["inline", "regular", "preallocated"] as const;
const COMPRESSIONS = ["none", "zlib", "lzo", "zstd"] as const;
/** Compression works on pieces of 128 KiB. Source: Linux fs/btrfs/compression.h, BTRFS_MAX_UNCOMPRESSED. */
const COMPRESSED_MAX_BYTES = 128 << 10;

export type Compression = (typeof COMPRESSIONS)[number];

interface Piece {
  /** Where it begins in the file, and how much of the file it is. */
  readonly start: number;
  readonly length: number;
  readonly compression: Compression;
}

/** Bytes in the tree itself. */
export interface InlineExtent extends Piece {
  readonly kind: "inline";
  readonly data: View;
}

/** Bytes elsewhere: `skip` bytes into what lies, perhaps compressed, at a logical address. */
export interface RegularExtent extends Piece {
  readonly kind: "regular";
  readonly logical: number;
  readonly storedBytes: number;
  readonly plainBytes: number;
  readonly skip: number;
}

export type Extent = InlineExtent | RegularExtent;

/** The extents between two file offsets, in order. What they leave out is a hole or not written yet: zeros. */
export async function extentsBetween(
  volume: BtrfsVolume,
  root: TreeRoot,
  inode: Inode,
  from: number,
  to: number,
): Promise<readonly Extent[]> {
  const extents: Extent[] = [];
  let end = 0;
  const key = (offset: number): Key => ({
    objectid: inode.number,
    type: ITEM.extentData,
    offset: BigInt(offset),
  });
  await scan(volume, root, { from: key(from), to: key(to - 1), orBefore: true }, (item) => {
    if (item.key.objectid !== inode.number || item.key.type !== ITEM.extentData) return;
    const extent = parseExtent(item, volume.superblock.sectorBytes);
    if (!extent) return;
    if (extent.start < end)
      throw corrupt(volume.label, `extents of inode ${inode.number} overlap`, item.data.base);
    end = extent.start + extent.length;
    if (end > from) extents.push(extent);
  });
  return extents;
}

/** Undefined for a hole and for what is not written yet. */
function parseExtent({ key, data }: Item, sectorBytes: number): Extent | undefined {
  const wrong = (what: string): Error =>
    corrupt(data.label, `extent ${key.offset} of inode ${key.objectid}: ${what}`, data.base);
  const kind = KINDS[data.u8(20)];
  const compression = COMPRESSIONS[data.u8(16)];
  if (data.u8(17) !== 0 || data.u16le(18) !== 0)
    throw unsupported(data.label, `Btrfs extent with encryption ${data.u8(17)}`, data.base);
  if (!kind) throw wrong(`kind ${data.u8(20)}`);
  if (!compression) throw unsupported(data.label, `Btrfs compression ${data.u8(16)}`, data.base);
  const plainBytes = data.u64le(8);
  const isPacked = compression !== "none";
  if (isPacked && plainBytes > COMPRESSED_MAX_BYTES) throw wrong(`${plainBytes} bytes compressed as one`);
  if (key.offset > Number.MAX_SAFE_INTEGER) throw wrong("out of range");
  const start = Number(key.offset);
  if (kind === "inline") {
    const inline = data.sub(INLINE_OFFSET, data.length - INLINE_OFFSET);
    const length = isPacked ? plainBytes : inline.length;
    if (start !== 0) throw wrong("inline");
    return { kind, start, length, compression, data: inline };
  }
  const logical = data.u64le(21);
  const storedBytes = data.u64le(29);
  const skip = data.u64le(37);
  const length = data.u64le(45);
  const sizes = [start, logical, storedBytes, skip, length];
  if (length === 0 || sizes.some((size) => size % sectorBytes !== 0)) throw wrong("not in sectors");
  if (![start + length, logical + storedBytes, skip + length].every(Number.isSafeInteger))
    throw wrong("too far");
  if (logical === 0 || kind === "preallocated") return undefined;
  if (isPacked && storedBytes > COMPRESSED_MAX_BYTES) throw wrong(`${storedBytes} bytes of compressed data`);
  if (skip + length > (isPacked ? plainBytes : storedBytes)) throw wrong("reaches past its data");
  return { kind, start, length, compression, logical, storedBytes, plainBytes, skip };
}

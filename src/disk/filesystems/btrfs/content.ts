import { limitReached } from "../../../errors.ts";
import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";
import type { View } from "../../bytes/view.ts";
import { sectorCheck } from "./data-checksums.ts";
import { decompress } from "./decompress.ts";
import { type Extent, extentsBetween } from "./extents.ts";
import type { Inode } from "./inode.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

/** A file's size is whatever its inode says; nobody needs more of it in one piece. */
const READ_MAX_BYTES = 256 << 20;

/** The bytes of a file or link: each extent is verified and decompressed as it is read, all side by side. */
export function contentOf(volume: BtrfsVolume, root: TreeRoot, inode: Inode): ByteSource {
  const source: ByteSource = {
    size: inode.sizeBytes,
    label: `${volume.label} > subvolume ${root.id} > inode ${inode.number}`,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      if (length > READ_MAX_BYTES) throw limitReached(source.label, `${length} bytes asked for at once`);
      const bytes = new Uint8Array(length);
      if (length === 0) return bytes;
      const end = offset + length;
      const extents = await extentsBetween(volume, root, inode, offset, end);
      await Promise.all(
        extents.map(async (extent) => {
          const from = Math.max(extent.start, offset);
          const to = Math.min(extent.start + extent.length, end);
          const piece = await readExtent(volume, extent, from - extent.start, to - from, inode.hasChecksums);
          bytes.set(piece, from - offset);
        }),
      );
      return bytes;
    },
  };
  return source;
}

/** `length` bytes, `skip` bytes into what the extent is of the file. */
async function readExtent(
  volume: BtrfsVolume,
  extent: Extent,
  skip: number,
  length: number,
  verify: boolean,
): Promise<Uint8Array> {
  const { sectorBytes } = volume.superblock;
  const { compression } = extent;
  if (extent.kind === "inline") {
    const { data } = extent;
    if (compression === "none") return data.slice(skip, length);
    return decompress(data, compression, extent.length, sectorBytes).subarray(skip, skip + length);
  }
  const at = extent.skip + skip;
  if (compression === "none") {
    const before = at % sectorBytes;
    const sectors = Math.ceil((before + length) / sectorBytes) * sectorBytes;
    const view = await readStored(volume, extent.logical + at - before, sectors, verify);
    return view.slice(before, length);
  }
  const packed = await readStored(volume, extent.logical, extent.storedBytes, verify);
  return decompress(packed, compression, extent.plainBytes, sectorBytes).subarray(at, at + length);
}

/** Whole sectors as they lie on disk, verified when the file has checksums. */
async function readStored(
  volume: BtrfsVolume,
  logical: number,
  length: number,
  verify: boolean,
): Promise<View> {
  const check = verify ? sectorCheck(volume, logical, length) : undefined;
  // The data is read beside its checksums; without data there is nobody to tell about those.
  check?.catch(() => undefined);
  const chunk = await volume.chunk(logical);
  return volume.copies(chunk, logical, length, async (view) => {
    (await check)?.(view, logical);
    return view;
  });
}

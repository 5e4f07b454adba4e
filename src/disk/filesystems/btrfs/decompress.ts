import { constants, inflateSync, zstdDecompressSync } from "node:zlib";
import { corrupt } from "../../../errors.ts";
import { lzo1xDecompress } from "../../bytes/codecs/lzo1x.ts";
import { zstdFrameBytes } from "../../bytes/codecs/zstd-frame.ts";
import type { View } from "../../bytes/view.ts";
import type { Compression } from "./extents.ts";

/** What the kernel can read: 128 KiB. Source: Linux fs/btrfs/zstd.c, ZSTD_BTRFS_MAX_WINDOWLOG. */
const ZSTD_WINDOW_BITS_MAX = 17;
const LENGTH_BYTES = 4;

/**
 * The first `plainBytes` bytes of a compressed extent; zeros where it holds less, as the kernel fills them.
 * @throws corrupt when it cannot be decompressed
 */
export function decompress(
  packed: View,
  compression: Exclude<Compression, "none">,
  plainBytes: number,
  sectorBytes: number,
): Uint8Array {
  const plain = new Uint8Array(plainBytes);
  try {
    const bytes = unpack(packed, compression, plainBytes, sectorBytes);
    plain.set(bytes.subarray(0, plainBytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw corrupt(packed.label, `${compression} extent: ${why}`, packed.base);
  }
  return plain;
}

function unpack(
  packed: View,
  compression: Exclude<Compression, "none">,
  plainBytes: number,
  sectorBytes: number,
): Uint8Array {
  const maxOutputLength = roundUp(plainBytes, sectorBytes);
  // All output in one piece, and a little more, so that nothing is put together.
  const chunkSize = maxOutputLength + 1024;
  switch (compression) {
    case "zlib":
      return inflateSync(packed.bytes, { maxOutputLength, chunkSize });
    case "zstd":
      return zstdDecompressSync(packed.slice(0, zstdFrameBytes(packed, 0)), {
        maxOutputLength,
        chunkSize,
        params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_BITS_MAX },
      });
    case "lzo":
      return unlzo(packed, plainBytes, sectorBytes);
  }
}

/**
 * Total length, then for each sector of plain bytes the length of its LZO stream and the stream. A length never
 * straddles a sector of packed bytes: the space before the boundary is left empty. Source: Linux
 * fs/btrfs/lzo.c, "Btrfs LZO compression format".
 */
function unlzo(packed: View, plainBytes: number, sectorBytes: number): Uint8Array {
  const plain = new Uint8Array(roundUp(plainBytes, sectorBytes));
  const end = packed.u32le(0);
  if (end > packed.length) throw corrupt(packed.label, `${end} bytes of LZO`, packed.base);
  let at = LENGTH_BYTES;
  for (let done = 0; done < plainBytes && at < end; done += sectorBytes) {
    const left = sectorBytes - (at % sectorBytes);
    if (left < LENGTH_BYTES) at += left;
    const length = packed.u32le(at);
    const segment = packed.sub(at + LENGTH_BYTES, length);
    plain.set(lzo1xDecompress(segment, sectorBytes), done);
    at += LENGTH_BYTES + length;
  }
  return plain;
}

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}

import { constants, inflateRawSync, zstdDecompressSync } from "node:zlib";
import { corrupt, ScanError, unsupported } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";

/** By the number that a file's header gives. Source: Linux fs/erofs/erofs_fs.h, Z_EROFS_COMPRESSION_*. */
const ALGORITHMS = ["LZ4", "MicroLZMA", "DEFLATE", "Zstandard"] as const;
/** What several files share may go on behind what one of them has of it. */
const PLAIN_MAX_BYTES = 16 << 20;
/** Bounds what a frame header can make the decoder allocate: 16 MiB. */
const ZSTD_WINDOW_BITS_MAX = 24;

/**
 * The first `length` bytes of what is packed. With `padded` zeros before the stream are skipped: but for old LZ4 it
 * stands at the end of its blocks, and begins with a byte that is no zero. Decoders load when one is needed.
 * @throws corrupt, limit, unsupported
 */
export async function unpack(
  blocks: View,
  algorithm: number,
  padded: boolean,
  length: number,
): Promise<Uint8Array> {
  const { label } = blocks;
  const name = ALGORITHMS[algorithm];
  if (!name) throw unsupported(label, `EROFS compressed with algorithm ${algorithm}`, blocks.base);
  const skip = padded || name !== "LZ4" ? blocks.bytes.findIndex((byte) => byte !== 0) : 0;
  const packed = blocks.sub(Math.max(0, skip), blocks.length - Math.max(0, skip));
  try {
    const plain = await decoded(packed, name, length);
    if (plain.length < length) throw corrupt(label, `${plain.length} bytes of ${length}`);
    return new Uint8Array(plain.buffer, plain.byteOffset, length);
  } catch (error) {
    if (error instanceof ScanError && error.code !== "corrupt") throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw corrupt(label, `${name}: ${why}`, blocks.base);
  }
}

async function decoded(packed: View, name: (typeof ALGORITHMS)[number], length: number): Promise<Uint8Array> {
  switch (name) {
    case "LZ4":
      return (await import("../../bytes/codecs/lz4.ts")).lz4Decompress(packed, length, true);
    case "MicroLZMA":
      return (await import("../../bytes/codecs/lzma.ts")).microLzmaDecompress(packed, length);
    case "DEFLATE":
      return inflateRawSync(packed.bytes, { maxOutputLength: PLAIN_MAX_BYTES });
    case "Zstandard":
      return zstdDecompressSync(packed.bytes, {
        maxOutputLength: PLAIN_MAX_BYTES,
        params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_BITS_MAX },
      });
  }
}

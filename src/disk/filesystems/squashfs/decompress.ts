import { inflateSync, zstdDecompressSync } from "node:zlib";
import { corrupt, ScanError } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import type { Compression } from "./superblock.ts";

/**
 * A metadata or data block, unpacked to at most `bytesMax` bytes. Decoders that few images need load when one does.
 * @throws corrupt, limit; unsupported for xz with filters that are not read
 */
export async function decompress(
  packed: View,
  compression: Compression,
  bytesMax: number,
): Promise<Uint8Array> {
  try {
    switch (compression) {
      case "gzip":
        return plain(inflateSync(packed.bytes, { maxOutputLength: bytesMax }));
      case "zstd":
        return plain(zstdDecompressSync(packed.bytes, { maxOutputLength: bytesMax }));
      case "lz4":
        return (await import("../../bytes/codecs/lz4.ts")).lz4Decompress(packed, bytesMax);
      case "lzo":
        return (await import("../../bytes/codecs/lzo1x.ts")).lzo1xDecompress(packed, bytesMax);
      case "xz":
        return (await import("../../bytes/codecs/xz.ts")).xzDecompress(packed, bytesMax);
    }
  } catch (error) {
    if (error instanceof ScanError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw corrupt(packed.label, `${compression} block: ${why}`, packed.base);
  }
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

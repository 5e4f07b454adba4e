import { constants, inflateRawSync, zstdDecompressSync } from "node:zlib";
import { corrupt } from "../../../errors.ts";
import { zstdFrameBytes } from "../../bytes/codecs/zstd-frame.ts";
import type { View } from "../../bytes/view.ts";
import type { Compression } from "./header.ts";

// Source: QEMU docs/interop/qcow2, section "Compressed Clusters Descriptor"; block/qcow2-threads.c for the
// window: raw deflate with a window of 2^12 bytes.

const DEFLATE_WINDOW_BITS = 12;
/** Bounds what a frame header can make the decoder allocate: 16 MiB. */
const ZSTD_WINDOW_BITS_MAX = 24;

/**
 * The cluster in `packed`, which may have bytes of its neighbours behind it.
 * @returns exactly `clusterBytes` bytes, plain: node:zlib gives Buffers
 * @throws corrupt when it cannot be decompressed, or is shorter or longer than a cluster
 */
export function decompress(packed: View, compression: Compression, clusterBytes: number): Uint8Array {
  let cluster: Uint8Array;
  try {
    cluster = compression === "zstd" ? unzstd(packed, clusterBytes) : inflate(packed.bytes, clusterBytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw corrupt(packed.label, `compressed cluster: ${why}`, packed.base);
  }
  if (cluster.length !== clusterBytes)
    throw corrupt(packed.label, `compressed cluster has ${cluster.length} bytes`, packed.base);
  return new Uint8Array(cluster.buffer, cluster.byteOffset, cluster.length);
}

/** All output in one piece, and a little more, so that nothing is put together. */
const CHUNK_SLACK_BYTES = 1024;

function inflate(packed: Uint8Array, clusterBytes: number): Uint8Array {
  return inflateRawSync(packed, {
    windowBits: DEFLATE_WINDOW_BITS,
    maxOutputLength: clusterBytes,
    chunkSize: clusterBytes + CHUNK_SLACK_BYTES,
  });
}

/** QEMU writes one frame a cluster; its reader takes several, and so does this one. */
function unzstd(packed: View, clusterBytes: number): Uint8Array {
  const frames: Uint8Array[] = [];
  let have = 0;
  for (let at = 0; have < clusterBytes; ) {
    const bytes = zstdFrameBytes(packed, at);
    const frame = zstdDecompressSync(packed.slice(at, bytes), {
      maxOutputLength: clusterBytes - have,
      chunkSize: clusterBytes + CHUNK_SLACK_BYTES,
      params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_BITS_MAX },
    });
    frames.push(frame);
    have += frame.length;
    at += bytes;
  }
  const [only] = frames;
  return frames.length === 1 && only ? only : Buffer.concat(frames);
}

import { inflateSync } from "node:zlib";
import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import type { SparseHeader } from "./sparse-header.ts";

// Source: VMware, Virtual Disk Format 5.0, section "Stream-Optimized Compressed Sparse Extents": grain marker
// (address u64, size u32), then RFC 1950 data.

const MARKER_BYTES = 12;
const SECTOR = 512;
const PIECE_BYTES = 4096;
/** What marker, padding and incompressible data add to a grain. */
const SLACK_BYTES = 1024;

/** Where a compressed grain begins, and an offset that it ends before, when one is known. */
export interface PackedGrain {
  readonly offset: number;
  readonly before?: number;
  /** Its first sector on the disk, which its marker repeats. */
  readonly sector: number;
}

/**
 * Reads and inflates one grain. Its size stands in front of it and nowhere else; but the tables tell where the
 * next one begins. So that is read when it is no more than a grain can take, and else its first 4 KiB.
 * @returns at most `grainBytes` bytes, plain
 * @throws corrupt when marker and tables disagree, or the data cannot be inflated
 */
export async function readPackedGrain(
  source: ByteSource,
  header: SparseHeader,
  grain: PackedGrain,
  label: string,
): Promise<Uint8Array> {
  const { offset } = grain;
  const most = Math.min(packedBytesMax(header.grainBytes), source.size - offset);
  const room = Math.min(most, (grain.before ?? Number.POSITIVE_INFINITY) - offset);
  const close = grain.before !== undefined && room <= header.grainBytes + SLACK_BYTES;
  const first = header.markers && !close ? firstPiece(offset, room) : room;
  const front = new View(await source.read(offset, first), label, offset);
  if (!header.markers) return inflate(front.bytes, header, label, offset);
  const size = front.u32le(8);
  if (front.u64le(0) !== grain.sector || size === 0 || MARKER_BYTES + size > most)
    throw corrupt(label, `marker of ${size} bytes does not belong to the grain it stands before`, offset);
  const missing = MARKER_BYTES + size - front.length;
  if (missing <= 0) return inflate(front.slice(MARKER_BYTES, size), header, label, offset);
  const packed = new Uint8Array(size);
  packed.set(front.bytes.subarray(MARKER_BYTES));
  packed.set(await source.read(offset + front.length, missing), front.length - MARKER_BYTES);
  return inflate(packed, header, label, offset);
}

/** Up to the end of the 4 KiB of the file that hold the marker and something behind it. */
function firstPiece(offset: number, most: number): number {
  const inPiece = PIECE_BYTES - (offset % PIECE_BYTES);
  return Math.min(most, inPiece >= SECTOR ? inPiece : inPiece + PIECE_BYTES);
}

/** What does not compress grows a little, by RFC 1951's stored blocks; twice the grain is QEMU's bound. */
function packedBytesMax(grainBytes: number): number {
  return MARKER_BYTES + 2 * grainBytes;
}

function inflate(packed: Uint8Array, header: SparseHeader, label: string, offset: number): Uint8Array {
  try {
    // One piece of output and a little more, so that nothing is put together.
    const chunkSize = header.grainBytes + SLACK_BYTES;
    const grain = inflateSync(packed, { maxOutputLength: header.grainBytes, chunkSize });
    return new Uint8Array(grain.buffer, grain.byteOffset, grain.length);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw corrupt(label, `compressed grain: ${why}`, offset);
  }
}

import { crc32 } from "node:zlib";

/** Source: LVM2 lib/misc/crc.h, INITIAL_CRC. */
const SEED = 0xf597a6cf;

/** The CRC-32 of labels, headers and metadata text: zlib's polynomial, another seed, no inversion at the ends. */
export function checksum(...parts: readonly Uint8Array[]): number {
  return ~parts.reduce((crc, part) => crc32(part, crc), ~SEED >>> 0) >>> 0;
}

import { crcTables, crcUpdate } from "./crc-tables.ts";

/** CRC-32 of ISO 3309, as UEFI and zlib have it. zlib's own would load streams, for a few KiB. */
const TABLES = crcTables(0xedb88320);

/** `crc32("123456789")` is 0xcbf43926. */
export function crc32(bytes: Uint8Array): number {
  return ~crcUpdate(TABLES, ~0, bytes) >>> 0;
}

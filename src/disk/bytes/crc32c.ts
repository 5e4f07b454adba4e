import { crcTables, crcUpdate } from "./crc-tables.ts";

/** CRC-32C (Castagnoli), RFC 3720 appendix B.4: reflected polynomial 0x82f63b78. */
const TABLES = crcTables(0x82f63b78);

/** The CRC of `bytes`; pass an earlier result as `seed` to go on. `crc32c("123456789")` is 0xe3069283. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  return ~crc32cUpdate(~seed, bytes) >>> 0;
}

/** The bare shift register without inversion before or after, as ext4, XFS (partly) and JBD2 keep it. */
export function crc32cUpdate(register: number, bytes: Uint8Array): number {
  return crcUpdate(TABLES, register, bytes);
}

/** CRC-32 with the polynomial 0x04c11db7, most significant bit first, as a bare register (no inversion). */
const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** Goes on from `register`: the checksum of JBD2's first kind, as the kernel's crc32_be. */
export function crc32beUpdate(register: number, bytes: Uint8Array): number {
  let crc = register;
  for (const byte of bytes) crc = (crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  return crc >>> 0;
}

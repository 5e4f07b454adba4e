/** CRC-16/ARC as a bare register (no inversion): reflected polynomial 0xa001, as gdt_csum uses it. */
export function crc16Update(register: number, bytes: Uint8Array): number {
  let crc = register;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

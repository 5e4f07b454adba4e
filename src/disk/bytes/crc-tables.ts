/** The tables of a reflected CRC of 32 bits, slicing by four. */
export function crcTables(polynomial: number): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  const tables = [first];
  for (let slice = 1; slice < 4; slice++) {
    const before = tables[slice - 1] ?? first;
    tables.push(before.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] ?? 0)));
  }
  return tables;
}

/** The bare shift register, without inversion before or after. */
export function crcUpdate(tables: readonly Uint32Array[], register: number, bytes: Uint8Array): number {
  const [t0, t1, t2, t3] = tables;
  if (!t0 || !t1 || !t2 || !t3) return register;
  let crc = register | 0;
  let at = 0;
  const whole = bytes.length - (bytes.length % 4);
  // Indices are below 256 or inside `bytes`: the fallbacks never apply.
  for (; at < whole; at += 4) {
    crc ^=
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    crc =
      (t3[crc & 0xff] ?? 0) ^
      (t2[(crc >>> 8) & 0xff] ?? 0) ^
      (t1[(crc >>> 16) & 0xff] ?? 0) ^
      (t0[crc >>> 24] ?? 0);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc >>> 0;
}

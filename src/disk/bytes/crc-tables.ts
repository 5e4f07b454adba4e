/**
 * The tables of a reflected CRC of 32 bits, slicing by four. Each power of two is a shift of the one before, and the
 * rest are sums of these: the tables are made at every start.
 */
export function crcTables(polynomial: number): readonly Uint32Array[] {
  const first = new Uint32Array(256);
  let crc = 1;
  for (let power = 128; power > 0; power >>= 1) {
    crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    for (let at = 0; at < 256; at += 2 * power) first[at + power] = crc ^ (first[at] ?? 0);
  }
  const tables = [first];
  for (let before = first; tables.length < 4; ) {
    const next = new Uint32Array(256);
    for (let byte = 0; byte < 256; byte++) {
      const value = before[byte] ?? 0;
      next[byte] = (value >>> 8) ^ (first[value & 0xff] ?? 0);
    }
    tables.push(next);
    before = next;
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

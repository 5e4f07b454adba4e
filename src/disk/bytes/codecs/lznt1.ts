import { corrupt } from "../../../errors.ts";
import { View } from "../view.ts";

const CHUNK_BYTES = 4096;

/**
 * Unpacks LZNT1 to exactly `size` bytes. Chunks stand at multiples of 4096; what they do not fill is zero.
 * Source: [MS-XCA] section 2.5.
 */
export function lznt1(packed: Uint8Array, size: number, label: string): Uint8Array {
  const view = new View(packed, label);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let start = 0; start < size && at + 2 <= packed.length; start += CHUNK_BYTES) {
    const header = view.u16le(at);
    if (header === 0) break;
    const chunk = view.slice(at + 2, (header & 0xfff) + 1);
    if (((header >> 12) & 7) !== 3) throw corrupt(label, "LZNT1 chunk without its signature", at);
    const out = bytes.subarray(start, Math.min(size, start + CHUNK_BYTES));
    if ((header & 0x8000) === 0) {
      if (chunk.length > out.length) throw corrupt(label, `LZNT1 chunk of ${chunk.length} plain bytes`, at);
      out.set(chunk);
    } else unpackChunk(chunk, out, label, at);
    at += 2 + chunk.length;
  }
  return bytes;
}

function unpackChunk(chunk: Uint8Array, out: Uint8Array, label: string, base: number): void {
  let to = 0;
  let offsetBits = 4;
  for (let at = 0; at < chunk.length; ) {
    const flags = chunk[at++] ?? 0;
    for (let bit = 0; bit < 8 && at < chunk.length; bit++) {
      if (to >= out.length) throw corrupt(label, "LZNT1 chunk unpacks to more than 4096 bytes", base);
      if ((flags & (1 << bit)) === 0) {
        out[to++] = chunk[at++] ?? 0;
        continue;
      }
      if (at + 2 > chunk.length) throw corrupt(label, "LZNT1 chunk ends within a match", base);
      const token = (chunk[at] ?? 0) | ((chunk[at + 1] ?? 0) << 8);
      at += 2;
      // The split of a match into offset and length moves with the position in the chunk.
      while (to > 1 << offsetBits) offsetBits++;
      const distance = (token >> (16 - offsetBits)) + 1;
      const length = (token & ((1 << (16 - offsetBits)) - 1)) + 3;
      if (distance > to || to + length > out.length)
        throw corrupt(label, `LZNT1 match of ${length} bytes ${distance} back at ${to}`, base);
      for (let i = 0; i < length; i++, to++) out[to] = out[to - distance] ?? 0;
    }
  }
}

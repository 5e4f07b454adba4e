import { corrupt, limitReached } from "../../../errors.ts";
import type { View } from "../view.ts";

// Source: lz4 project, doc/lz4_Block_format.md.

const MATCH_MIN = 4;

/**
 * Decompresses one LZ4 block until its end, or until `bytesMax` bytes are there when `partial`: what follows is
 * then not looked at.
 * @throws corrupt when it ends early or reaches before its start, limit when it grows past `bytesMax`
 */
export function lz4Decompress(packed: View, bytesMax: number, partial = false): Uint8Array {
  const out = new Uint8Array(bytesMax);
  const input = packed.bytes;
  let at = 0;
  let made = 0;
  const wrong = (what: string): Error => corrupt(packed.label, `LZ4: ${what}`, packed.base + at);
  const tooMuch = (): Error =>
    limitReached(packed.label, `LZ4: more than ${bytesMax} bytes`, packed.base + at);
  const long = (start: number): number => {
    let length = start;
    for (let byte = 255; byte === 255; length += byte) byte = packed.u8(at++);
    return length;
  };
  while (at < input.length) {
    const token = packed.u8(at++);
    let literals = token >> 4;
    if (literals === 15) literals = long(literals);
    if (made + literals > bytesMax) {
      if (!partial) throw tooMuch();
      literals = bytesMax - made;
    }
    out.set(packed.slice(at, literals), made);
    at += literals;
    made += literals;
    if (at === input.length || (partial && made === bytesMax)) break;
    const distance = packed.u16le(at);
    at += 2;
    let length = (token & 15) + MATCH_MIN;
    if (length === 15 + MATCH_MIN) length = long(length);
    if (distance === 0 || distance > made) throw wrong("a match reaches before the start");
    if (made + length > bytesMax) {
      if (!partial) throw tooMuch();
      length = bytesMax - made;
    }
    // Source and target may overlap: byte by byte repeats what was just written.
    for (let i = 0; i < length; i++, made++) out[made] = out[made - distance] ?? 0;
    if (partial && made === bytesMax) break;
  }
  return out.subarray(0, made);
}

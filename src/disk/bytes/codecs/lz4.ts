import { corrupt, limitReached } from "../../../errors.ts";
import type { View } from "../view.ts";

// Source: LZ4 Block Format Description (lz4/doc/lz4_Block_format.md).

const MATCH_MIN = 4;

/**
 * One LZ4 block, unpacked.
 * @throws corrupt when it is damaged, limit when it gives more than `bytesMax`
 */
export function lz4Decompress(packed: View, bytesMax: number): Uint8Array {
  const { bytes, label, base } = packed;
  const out = new Uint8Array(bytesMax);
  let at = 0;
  let have = 0;
  const bad = (what: string): Error => corrupt(label, `LZ4: ${what}`, base + at);
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw bad("ends too early");
    at += 1;
    return byte;
  };
  const extended = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15)
      for (let more = 255; more === 255; ) {
        more = next();
        length += more;
      }
    return length;
  };
  while (at < bytes.length) {
    const token = next();
    const literals = extended(token >> 4);
    if (at + literals > bytes.length) throw bad("literals run past the end");
    if (have + literals > bytesMax) throw limitReached(label, `LZ4: more than ${bytesMax} bytes`, base + at);
    out.set(bytes.subarray(at, at + literals), have);
    at += literals;
    have += literals;
    if (at === bytes.length) break; // the last sequence has no match
    const distance = next() + next() * 256;
    if (distance === 0 || distance > have) throw bad(`match ${distance} bytes back, of ${have}`);
    const length = extended(token & 15) + MATCH_MIN;
    if (have + length > bytesMax) throw limitReached(label, `LZ4: more than ${bytesMax} bytes`, base + at);
    for (let i = 0; i < length; i++, have++) out[have] = out[have - distance] ?? 0;
  }
  return out.subarray(0, have);
}

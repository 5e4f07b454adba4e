import { corrupt, limitReached } from "../../../errors.ts";
import type { View } from "../view.ts";
import { LzmaDecoder, lzmaProperties } from "./lzma.ts";

const CONTROL = { end: 0, plainNewDictionary: 1, plain: 2, packed: 0x80 } as const;
/** What a packed chunk resets, by the bits behind the first. */
const RESET = { state: 1, properties: 2, dictionary: 3 } as const;

/**
 * LZMA2: chunks of LZMA or of plain bytes. Source: xz-utils, src/liblzma/lzma/lzma2_decoder.c (what a chunk's control
 * byte says), and XZ Embedded's description of the same.
 * @returns how many bytes were made, and how many taken
 * @throws corrupt; limit past the end of `out`
 */
export function lzma2Decompress(
  packed: View,
  out: Uint8Array,
): { readonly made: number; readonly taken: number } {
  const decoder = new LzmaDecoder(out);
  let wanted: number = RESET.dictionary; // what the next packed chunk must reset at least
  for (let at = 0; ; ) {
    const control = packed.u8(at);
    if (control === CONTROL.end) return { made: decoder.at, taken: at + 1 };
    const isPacked = control >= CONTROL.packed;
    if (!isPacked && control > CONTROL.plain)
      throw corrupt(packed.label, `LZMA2: chunk of type ${control}`, packed.base + at);
    const length = packed.u16be(at + 1) + 1 + (isPacked ? (control & 0x1f) << 16 : 0);
    if (decoder.at + length > out.length)
      throw limitReached(packed.label, `LZMA2: more than ${out.length} bytes`, packed.base + at);
    if (!isPacked) {
      if (control === CONTROL.plainNewDictionary) decoder.dictionaryStart = decoder.at;
      else if (wanted === RESET.dictionary)
        throw corrupt(packed.label, "LZMA2: no dictionary", packed.base + at);
      wanted = Math.min(wanted, RESET.properties);
      out.set(packed.slice(at + 3, length), decoder.at);
      decoder.at += length;
      at += 3 + length;
      continue;
    }
    const bytes = packed.u16be(at + 3) + 1;
    const resets = (control >> 5) & 3;
    if (resets < wanted) throw corrupt(packed.label, `LZMA2: chunk resets too little`, packed.base + at);
    if (resets === RESET.dictionary) decoder.dictionaryStart = decoder.at;
    at += 5;
    if (resets >= RESET.properties) {
      const properties = lzmaProperties(packed.u8(at++));
      if (!properties) throw corrupt(packed.label, "LZMA2: bad properties", packed.base + at);
      decoder.reset(properties);
    } else if (resets === RESET.state) decoder.reset();
    wanted = 0;
    decoder.run(packed.sub(at, bytes), decoder.at + length);
    at += bytes;
  }
}

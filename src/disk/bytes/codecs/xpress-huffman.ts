import { corrupt } from "../../../errors.ts";
import { copyMatch, PrefixCode, WordBits } from "./prefix-code.ts";

const SYMBOLS = 512;
const TABLE_BYTES = SYMBOLS / 2;
const OUTPUT_MAX_BYTES = 65536; // one code table covers as much

/** Unpacks one LZ77+Huffman block to exactly `size` (at most 65,536) bytes. Source: [MS-XCA] section 2.2. */
export function xpressHuffman(packed: Uint8Array, size: number, label: string): Uint8Array {
  if (packed.length < TABLE_BYTES || size > OUTPUT_MAX_BYTES)
    throw corrupt(label, `XPRESS block of ${packed.length} bytes for ${size}`);
  const lengths = new Uint8Array(SYMBOLS);
  for (let i = 0; i < TABLE_BYTES; i++) {
    const pair = packed[i] ?? 0;
    lengths[2 * i] = pair & 0xf;
    lengths[2 * i + 1] = pair >> 4;
  }
  const code = new PrefixCode(lengths, 15, label);
  const bits = new WordBits(packed, TABLE_BYTES, label);
  const out = new Uint8Array(size);
  for (let to = 0; to < size; ) {
    bits.fill(16);
    const symbol = code.take(bits);
    // The format keeps 16 bits in hand: bytes between the words stand behind them.
    bits.fill(16);
    if (symbol < 256) {
      out[to++] = symbol;
      continue;
    }
    let length = symbol & 0xf;
    if (length === 15) {
      length = bits.byte();
      if (length === 255) {
        length = bits.byte() | (bits.byte() << 8);
        if (length < 15) throw corrupt(label, `XPRESS match of ${length} in the long form`);
        length -= 15;
      }
      length += 15;
    }
    length += 3;
    const offsetBits = (symbol - 256) >> 4;
    const distance = (1 << offsetBits) + bits.take(offsetBits);
    copyMatch(out, to, distance, length, label);
    to += length;
  }
  return out;
}

import { corrupt } from "../../../errors.ts";

/** Bits from little-endian 16-bit words, the highest bit first, as XPRESS Huffman and LZX store them. */
export class WordBits {
  readonly #bytes: Uint8Array;
  readonly #label: string;
  #at: number;
  #held = 0;
  #count = 0;

  constructor(bytes: Uint8Array, at: number, label: string) {
    this.#bytes = bytes;
    this.#at = at;
    this.#label = label;
  }

  /** Words past the end read as zero; using more than 32 bits of them is an error. */
  fill(count: number): void {
    while (this.#count < count) {
      if (this.#at > this.#bytes.length + 4) throw corrupt(this.#label, "compressed data ends too early");
      const word = (this.#bytes[this.#at] ?? 0) | ((this.#bytes[this.#at + 1] ?? 0) << 8);
      this.#at += 2;
      this.#held = ((this.#held << 16) | word) >>> 0;
      this.#count += 16;
    }
  }

  /** The next `count` (at most 16) bits without taking them. */
  peek(count: number): number {
    if (count === 0) return 0;
    this.fill(count);
    return (this.#held >>> (this.#count - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#count -= count;
    this.#held = this.#count === 0 ? 0 : this.#held & (2 ** this.#count - 1);
  }

  /** `count` bits, at most 17. */
  take(count: number): number {
    if (count > 16) return this.take(count - 16) * 65536 + this.take(16);
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** Bytes that stand between the words: after those already fetched. */
  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw corrupt(this.#label, "compressed data ends too early");
    this.#at++;
    return value;
  }

  /** Gives up the rest of the current word; a reader that is at a word's end gives up the next one. */
  alignToNextWord(): void {
    this.fill(1);
    this.#at -= 2 * Math.floor((this.#count - 1) / 16); // whole words that were fetched ahead
    this.#held = 0;
    this.#count = 0;
  }
}

/** A canonical prefix code, decoded by one table look-up: `lengths[symbol]` in bits, 0 for unused. */
export class PrefixCode {
  readonly #table: Uint16Array;
  readonly #lengths: Uint8Array;
  readonly #bits: number;
  readonly #label: string;

  constructor(lengths: Uint8Array, bitsMax: number, label: string) {
    this.#lengths = lengths;
    this.#bits = bitsMax;
    this.#label = label;
    this.#table = new Uint16Array(1 << bitsMax).fill(NONE);
    let next = 0;
    for (let length = 1; length <= bitsMax; length++) {
      for (let symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] !== length) continue;
        const span = 1 << (bitsMax - length);
        if (next + span > this.#table.length) throw corrupt(label, "prefix code has too many words");
        this.#table.fill(symbol, next, next + span);
        next += span;
      }
    }
  }

  take(bits: WordBits): number {
    const symbol = this.#table[bits.peek(this.#bits)] ?? NONE;
    if (symbol === NONE) throw corrupt(this.#label, "bits that are no word of the prefix code");
    bits.skip(this.#lengths[symbol] ?? 0);
    return symbol;
  }
}

const NONE = 0xffff;

/** Repeats `length` bytes from `distance` back; the two may overlap. */
export function copyMatch(
  out: Uint8Array,
  to: number,
  distance: number,
  length: number,
  label: string,
): void {
  if (distance > to || distance < 1 || to + length > out.length)
    throw corrupt(label, `match of ${length} bytes ${distance} back at ${to} of ${out.length}`);
  for (let i = to; i < to + length; i++) out[i] = out[i - distance] ?? 0;
}

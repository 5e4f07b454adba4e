import { corrupt } from "../../../errors.ts";
import { copyMatch, PrefixCode, WordBits } from "./prefix-code.ts";

/*
 * LZX as WIM files and NTFS system compression use it: a window of 32 KiB, each chunk by itself, x86 calls always
 * translated. Sources: [MS-PATCH] LZX DELTA and the CAB LZX specification for the code; wimlib's documentation,
 * "LZX", for what WIM does otherwise (block sizes, no translation header).
 */

const POSITION_SLOTS = 30; // for a window of 32 KiB
const MAIN_SYMBOLS = 256 + 8 * POSITION_SLOTS;
const LENGTH_SYMBOLS = 249;
const BLOCK = { verbatim: 1, aligned: 2, plain: 3 } as const;
const BLOCK_BYTES_DEFAULT = 32768;
const TRANSLATION_SIZE = 12_000_000;

const EXTRA_BITS = Array.from({ length: POSITION_SLOTS }, (_, slot) => Math.max(0, (slot >> 1) - 1));
const SLOT_BASE = EXTRA_BITS.map((_, slot) =>
  EXTRA_BITS.slice(0, slot).reduce((sum, bits) => sum + 2 ** bits, 0),
);

/** Unpacks one chunk to exactly `size` (at most 32,768) bytes. */
export function lzx(packed: Uint8Array, size: number, label: string): Uint8Array {
  const decoder = new Decoder(packed, size, label);
  return decoder.run();
}

class Decoder {
  readonly #label: string;
  readonly #bits: WordBits;
  readonly #out: Uint8Array;
  readonly #mainLengths = new Uint8Array(MAIN_SYMBOLS);
  readonly #lengthLengths = new Uint8Array(LENGTH_SYMBOLS);
  #recent: [number, number, number] = [1, 1, 1];
  #to = 0;

  constructor(packed: Uint8Array, size: number, label: string) {
    this.#label = label;
    this.#bits = new WordBits(packed, 0, label);
    this.#out = new Uint8Array(size);
  }

  run(): Uint8Array {
    while (this.#to < this.#out.length) {
      const type = this.#bits.take(3);
      const size = this.#bits.take(1) === 1 ? BLOCK_BYTES_DEFAULT : this.#bits.take(16);
      const end = this.#to + size;
      if (size === 0 || end > this.#out.length)
        throw corrupt(this.#label, `LZX block of ${size} bytes at ${this.#to} of ${this.#out.length}`);
      if (type === BLOCK.plain) this.#plainBlock(end);
      else if (type === BLOCK.verbatim || type === BLOCK.aligned)
        this.#codedBlock(end, type === BLOCK.aligned);
      else throw corrupt(this.#label, `LZX block of type ${type}`);
    }
    undoCallTranslation(this.#out);
    return this.#out;
  }

  #plainBlock(end: number): void {
    const bits = this.#bits;
    bits.alignToNextWord();
    const u32 = (): number =>
      bits.byte() + bits.byte() * 2 ** 8 + bits.byte() * 2 ** 16 + bits.byte() * 2 ** 24;
    this.#recent = [u32(), u32(), u32()];
    const isOdd = (end - this.#to) % 2 === 1;
    while (this.#to < end) this.#out[this.#to++] = bits.byte();
    if (isOdd && this.#to < this.#out.length) bits.byte();
  }

  #codedBlock(end: number, isAligned: boolean): void {
    const bits = this.#bits;
    const aligned = isAligned
      ? new PrefixCode(
          Uint8Array.from({ length: 8 }, () => bits.take(3)),
          7,
          this.#label,
        )
      : undefined;
    this.#readLengths(this.#mainLengths, 0, 256);
    this.#readLengths(this.#mainLengths, 256, MAIN_SYMBOLS);
    this.#readLengths(this.#lengthLengths, 0, LENGTH_SYMBOLS);
    const main = new PrefixCode(this.#mainLengths, 16, this.#label);
    const lengths = new PrefixCode(this.#lengthLengths, 16, this.#label);
    while (this.#to < end) {
      const symbol = main.take(bits);
      if (symbol < 256) {
        this.#out[this.#to++] = symbol;
        continue;
      }
      const header = symbol & 7;
      const length = header + 2 + (header === 7 ? lengths.take(bits) : 0);
      const distance = this.#distance((symbol - 256) >> 3, aligned);
      if (this.#to + length > end) throw corrupt(this.#label, `LZX match crosses the block's end at ${end}`);
      copyMatch(this.#out, this.#to, distance, length, this.#label);
      this.#to += length;
    }
  }

  #distance(slot: number, aligned: PrefixCode | undefined): number {
    const [first, second, third] = this.#recent;
    if (slot === 0) return first;
    if (slot === 1) {
      this.#recent = [second, first, third];
      return second;
    }
    if (slot === 2) {
      this.#recent = [third, second, first];
      return third;
    }
    const extra = EXTRA_BITS[slot] ?? 0;
    const low =
      aligned && extra >= 3
        ? this.#bits.take(extra - 3) * 8 + aligned.take(this.#bits)
        : this.#bits.take(extra);
    const distance = (SLOT_BASE[slot] ?? 0) + low - 2;
    this.#recent = [distance, first, second];
    return distance;
  }

  /** Code lengths, told as differences from the last block's, themselves in a prefix code. */
  #readLengths(lengths: Uint8Array, from: number, to: number): void {
    const bits = this.#bits;
    const code = new PrefixCode(
      Uint8Array.from({ length: 20 }, () => bits.take(4)),
      15,
      this.#label,
    );
    const changed = (at: number, symbol: number): number => ((lengths[at] ?? 0) - symbol + 17) % 17;
    for (let at = from; at < to; ) {
      const symbol = code.take(bits);
      if (symbol < 17) {
        lengths[at] = changed(at, symbol);
        at++;
        continue;
      }
      const run = symbol === 17 ? 4 + bits.take(4) : symbol === 18 ? 20 + bits.take(5) : 4 + bits.take(1);
      let value = 0;
      if (symbol === 19) {
        const same = code.take(bits);
        if (same > 16) throw corrupt(this.#label, "LZX code length is no length");
        value = changed(at, same);
      }
      const stop = Math.min(to, at + run);
      lengths.fill(value, at, stop);
      at = stop;
    }
  }
}

/** Compressors make the targets of x86 calls (E8) absolute; this makes them relative again. */
function undoCallTranslation(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length - 10; at++) {
    if (bytes[at] !== 0xe8) continue;
    const target = view.getInt32(at + 1, true);
    if (target >= 0 && target < TRANSLATION_SIZE) view.setInt32(at + 1, target - at, true);
    else if (target < 0 && target >= -at) view.setInt32(at + 1, target + TRANSLATION_SIZE, true);
    at += 4;
  }
}

import { corrupt, unsupported } from "../../../errors.ts";
import type { View } from "../view.ts";

// Source: Linux Documentation/staging/lzo.rst. Only bitstream version 0: nobody writes runs (version 1) to disk.

/** A version byte may follow this first byte. */
const VERSION_MARK = 17;
const VERSION_MIN_BYTES = 5;

/** What the bytes behind an instruction say: how far back, how much, and how many literals follow. */
interface Match {
  readonly distance: number;
  readonly length: number;
  readonly literals: number;
}

/**
 * Decompresses one LZO1X stream.
 * @returns as many bytes as the stream holds, at most `bytesMax`
 * @throws corrupt when it ends early, reaches before its start, or grows past `bytesMax`
 */
export function lzo1xDecompress(packed: View, bytesMax: number): Uint8Array {
  return new Decoder(packed, bytesMax).run();
}

class Decoder {
  readonly #in: View;
  readonly #out: Uint8Array;
  #at = 0;
  #length = 0;

  constructor(packed: View, bytesMax: number) {
    this.#in = packed;
    this.#out = new Uint8Array(bytesMax);
  }

  run(): Uint8Array {
    // The number of literals the last instruction copied decides what the next one means; 4 is "4 or more".
    let state = this.#start();
    for (;;) {
      const code = this.#byte();
      if (code < 16 && state === 0) {
        this.#literals((code === 0 ? 15 + this.#long() : code) + 3);
        state = 4;
        continue;
      }
      const match = this.#match(code, state);
      if (match === undefined) return this.#out.subarray(0, this.#length);
      this.#copy(match);
      this.#literals(match.literals);
      state = match.literals;
    }
  }

  #start(): number {
    const first = this.#in.u8(0);
    if (first === VERSION_MARK && this.#in.length >= VERSION_MIN_BYTES) {
      if (this.#in.u8(1) !== 0) throw unsupported(this.#in.label, "LZO with run lengths", this.#in.base);
      this.#at = 2;
      return 0;
    }
    if (first <= VERSION_MARK) return 0;
    this.#at = 1;
    const count = first - VERSION_MARK;
    this.#literals(count);
    return Math.min(count, 4);
  }

  /** Undefined at the end mark. */
  #match(code: number, state: number): Match | undefined {
    if (code >= 64)
      return {
        length: (code >> 5) + 1,
        distance: 1 + ((code >> 2) & 7) + this.#byte() * 8,
        literals: code & 3,
      };
    if (code >= 32) {
      const length = code === 32 ? 31 + this.#long() : code & 31;
      const word = this.#word();
      return { length: length + 2, distance: 1 + (word >> 2), literals: word & 3 };
    }
    if (code >= 16) {
      const length = (code & 7) === 0 ? 7 + this.#long() : code & 7;
      const word = this.#word();
      const distance = ((code & 8) << 11) + (word >> 2);
      return distance === 0
        ? undefined
        : { length: length + 2, distance: distance + 0x4000, literals: word & 3 };
    }
    const near = 1 + (code >> 2) + this.#byte() * 4;
    const literals = code & 3;
    return state === 4
      ? { length: 3, distance: near + 0x800, literals }
      : { length: 2, distance: near, literals };
  }

  /** A length too big for its instruction: 255 for each zero byte, and the first byte that is none. */
  #long(): number {
    let length = 0;
    let byte = this.#byte();
    for (; byte === 0; byte = this.#byte()) length += 255;
    return length + byte;
  }

  #literals(count: number): void {
    const bytes = this.#in.slice(this.#at, count);
    this.#room(count);
    this.#out.set(bytes, this.#length);
    this.#at += count;
    this.#length += count;
  }

  #copy({ distance, length }: Match): void {
    this.#room(length);
    const from = this.#length - distance;
    if (from < 0) throw this.#wrong("a match reaches before the start");
    // Source and target may overlap: byte by byte repeats what was just written.
    for (let i = 0; i < length; i++) this.#out[this.#length + i] = this.#out[from + i] ?? 0;
    this.#length += length;
  }

  #room(count: number): void {
    if (this.#length + count > this.#out.length) throw this.#wrong(`more than ${this.#out.length} bytes`);
  }

  #byte(): number {
    return this.#in.u8(this.#at++);
  }

  #word(): number {
    this.#at += 2;
    return this.#in.u16le(this.#at - 2);
  }

  #wrong(what: string): Error {
    return corrupt(this.#in.label, `LZO: ${what}`, this.#in.base + this.#at);
  }
}

/**
 * LZMA, as LZMA2, MicroLZMA and .lzma files wrap it. Source: Igor Pavlov, "LZMA specification" (LZMA SDK, public
 * domain). Own and small: Node has none, and libraries decode only whole .xz files.
 */
import { corrupt } from "../../../errors.ts";
import type { View } from "../view.ts";

const STATES = 12;
const POSITIONS = 16;
const LITERAL_PROBABILITIES = 0x300;
const HALF = 1024;
const NORMALIZED_BELOW = 2 ** 24;
const RANGE_BYTES = 5;
const MATCH_MIN = 2;
const END_MARK = 0xffffffff;

/** Where the probabilities of each decision lie. */
const LENGTH_CODER = 2 + 2 * POSITIONS * 8 + 256;
const AT = places();

function places() {
  let end = 0;
  const room = (size: number): number => {
    const at = end;
    end += size;
    return at;
  };
  return {
    match: room(STATES * POSITIONS),
    rep: room(STATES),
    rep0: room(STATES),
    rep1: room(STATES),
    rep2: room(STATES),
    rep0Long: room(STATES * POSITIONS),
    slot: room(4 * 64),
    distance: room(128),
    align: room(16),
    length: room(LENGTH_CODER),
    repLength: room(LENGTH_CODER),
    literal: end,
  };
}

export interface LzmaProperties {
  readonly literalContext: number;
  readonly literalPosition: number;
  readonly position: number;
}

/** The properties packed into one byte; undefined when they are out of range. */
export function lzmaProperties(byte: number): LzmaProperties | undefined {
  const [literalContext, rest] = [byte % 9, Math.floor(byte / 9)];
  const [literalPosition, position] = [rest % 5, Math.floor(rest / 5)];
  return position > 4 || literalContext + literalPosition > 4
    ? undefined
    : { literalContext, literalPosition, position };
}

/** Decodes into one array, which is its dictionary too. */
export class LzmaDecoder {
  readonly out: Uint8Array;
  /** Bytes decoded so far. */
  at = 0;
  /** Matches reach back to here. */
  dictionaryStart = 0;
  #properties: LzmaProperties = { literalContext: 0, literalPosition: 0, position: 0 };
  #probabilities = new Uint16Array();
  #state = 0;
  #distances: [number, number, number, number] = [0, 0, 0, 0];
  #input: Uint8Array = new Uint8Array();
  #next = 0;
  #range = 0;
  #code = 0;

  constructor(out: Uint8Array) {
    this.out = out;
  }

  reset(properties: LzmaProperties = this.#properties): void {
    const { literalContext, literalPosition } = properties;
    const size = AT.literal + LITERAL_PROBABILITIES * 2 ** (literalContext + literalPosition);
    this.#properties = properties;
    this.#probabilities = new Uint16Array(size).fill(HALF);
    this.#state = 0;
    this.#distances = [0, 0, 0, 0];
  }

  /**
   * Decodes until `limit` bytes are there; a match that goes on is cut. `packed` is one stream of the range coder,
   * whose first byte says nothing. @throws corrupt
   */
  run(packed: View, limit: number): void {
    const wrong = (what: string): Error => corrupt(packed.label, `LZMA: ${what}`, packed.base);
    this.#input = packed.bytes;
    this.#range = END_MARK;
    this.#code = packed.u32be(1);
    this.#next = RANGE_BYTES;
    while (this.at < limit) {
      if (this.#next > this.#input.length) throw wrong("stream ends early");
      const length = this.#symbol();
      if (length === 0) continue;
      const back = this.#distances[0] + 1;
      if (back === END_MARK + 1) throw wrong(`ends after ${this.at} of ${limit} bytes`);
      if (back > this.at - this.dictionaryStart) throw wrong(`match reaches ${back} bytes back`);
      const end = Math.min(limit, this.at + length);
      for (; this.at < end; this.at++) this.out[this.at] = this.out[this.at - back] ?? 0;
    }
    // What is read ahead at the end may be zeros of nothing, but no more than one byte.
    if (this.#next > this.#input.length + 1) throw wrong("stream ends early");
  }

  /** Decodes one literal (0) or finds the length of a match, whose distance is then the first of four. */
  #symbol(): number {
    const position = this.at & (2 ** this.#properties.position - 1);
    const state = this.#state;
    if (this.#bit(AT.match + state * POSITIONS + position) === 0) {
      this.#literal();
      return 0;
    }
    const [d0, d1, d2, d3] = this.#distances;
    if (this.#bit(AT.rep + state) === 0) {
      const length = this.#length(AT.length, position);
      this.#distances = [this.#distance(length), d0, d1, d2];
      this.#state = state < 7 ? 7 : 10;
      return length;
    }
    if (this.#bit(AT.rep0 + state) === 0) {
      if (this.#bit(AT.rep0Long + state * POSITIONS + position) === 0) {
        this.#state = state < 7 ? 9 : 11;
        return 1;
      }
    } else if (this.#bit(AT.rep1 + state) === 0) this.#distances = [d1, d0, d2, d3];
    else if (this.#bit(AT.rep2 + state) === 0) this.#distances = [d2, d0, d1, d3];
    else this.#distances = [d3, d0, d1, d2];
    this.#state = state < 7 ? 8 : 11;
    return this.#length(AT.repLength, position);
  }

  #literal(): void {
    const { literalContext, literalPosition } = this.#properties;
    const before = this.at > this.dictionaryStart ? (this.out[this.at - 1] ?? 0) : 0;
    const low = this.at & (2 ** literalPosition - 1);
    const context = low * 2 ** literalContext + (before >> (8 - literalContext));
    const table = AT.literal + LITERAL_PROBABILITIES * context;
    let symbol = 1;
    if (this.#state >= 7) {
      let matched = this.out[this.at - this.#distances[0] - 1] ?? 0;
      while (symbol < 0x100) {
        const expected = (matched >> 7) & 1;
        matched <<= 1;
        const bit = this.#bit(table + ((1 + expected) << 8) + symbol);
        symbol = symbol * 2 + bit;
        if (bit !== expected) break;
      }
    }
    while (symbol < 0x100) symbol = symbol * 2 + this.#bit(table + symbol);
    this.out[this.at++] = symbol & 0xff;
    const state = this.#state;
    this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  #length(table: number, position: number): number {
    const low = table + 2 + position * 8;
    if (this.#bit(table) === 0) return MATCH_MIN + this.#tree(low, 3);
    if (this.#bit(table + 1) === 0) return MATCH_MIN + 8 + this.#tree(low + POSITIONS * 8, 3);
    return MATCH_MIN + 16 + this.#tree(table + 2 + 2 * POSITIONS * 8, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(AT.slot + Math.min(length - MATCH_MIN, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return base + this.#reversed(AT.distance + base - slot, bits);
    let direct = 0;
    for (let i = 0; i < bits - 4; i++) direct = direct * 2 + this.#direct();
    return base + direct * 16 + this.#reversed(AT.align, 4);
  }

  #tree(table: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = symbol * 2 + this.#bit(table + symbol);
    return symbol - 2 ** bits;
  }

  #reversed(table: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(table + symbol);
      symbol = symbol * 2 + bit;
      value |= bit << i;
    }
    return value;
  }

  #bit(index: number): 0 | 1 {
    const probability = this.#probabilities[index] ?? HALF;
    const bound = (this.#range >>> 11) * probability;
    const bit = this.#code < bound ? 0 : 1;
    if (bit === 0) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2048 - probability) >> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      this.#probabilities[index] = probability - (probability >> 5);
    }
    this.#normalize();
    return bit;
  }

  #direct(): 0 | 1 {
    this.#range >>>= 1;
    const bit = this.#code < this.#range ? 0 : 1;
    if (bit === 1) this.#code -= this.#range;
    this.#normalize();
    return bit;
  }

  #normalize(): void {
    if (this.#range >= NORMALIZED_BELOW) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | (this.#input[this.#next++] ?? 0)) >>> 0;
  }
}

/**
 * MicroLZMA: the first byte of the range coder's stream, which is always 0, holds the properties inverted.
 * Source: XZ Embedded, linux/xz.h, "MicroLZMA decoder"; Linux fs/erofs/decompressor_lzma.c.
 */
export function microLzmaDecompress(packed: View, length: number): Uint8Array {
  const properties = lzmaProperties(~packed.u8(0) & 0xff);
  if (!properties) throw corrupt(packed.label, "MicroLZMA: bad properties", packed.base);
  const decoder = new LzmaDecoder(new Uint8Array(length));
  decoder.reset(properties);
  decoder.run(packed, length);
  return decoder.out;
}

import { corrupt } from "../../../errors.ts";

// Source: bzip2 1.0's format as Joe Tsai's "BZIP2: Format Specification" writes it down. An own decoder: node:zlib
// has none, and the JavaScript packages check no sums. Blocks are decoded one by one; each is checked.

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
/** More than any block takes when compressed: what has to be at hand before one is decoded. */
const BLOCK_MAX_BYTES = 1_100_000;
const GROUP = 50;
const CODE_BITS_MAX = 20;
const OUT_BYTES = 256 << 10;

/** Decompresses a stream of one or more bzip2 streams. @throws corrupt */
export async function* bunzip2(
  input: AsyncIterable<Uint8Array>,
  label: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const bits = new BitReader(input, label);
  for (let first = true; ; first = false) {
    await bits.have(BLOCK_MAX_BYTES);
    if (!first && bits.atEnd()) return;
    if (bits.take(24) !== 0x425a68) throw bits.wrong("stream without its signature");
    const level = bits.take(8) - 0x30;
    if (level < 1 || level > 9) throw bits.wrong("stream of an impossible block size");
    let combined = 0;
    for (;;) {
      await bits.have(BLOCK_MAX_BYTES);
      const magic = bits.take(24) * 2 ** 24 + bits.take(24);
      if (magic === END_MAGIC) break;
      if (magic !== BLOCK_MAGIC) throw bits.wrong("block without its signature");
      const wanted = bits.take(32);
      const crc = new Crc();
      yield* expand(decodeBlock(bits, level * 100_000), crc);
      if (crc.value !== wanted) throw bits.wrong("checksum of a block is wrong");
      combined = (((combined << 1) | (combined >>> 31)) ^ crc.value) >>> 0;
    }
    if (bits.take(32) !== combined) throw bits.wrong("checksum of the stream is wrong");
    bits.align();
  }
}

/** The Burrows-Wheeler transformed bytes of one block, as a chain to follow from `start`. */
interface Chain {
  /** Each entry: the next index in the upper 24 bits, the byte in the lower 8. */
  readonly links: Uint32Array;
  readonly start: number;
  readonly length: number;
}

function decodeBlock(bits: BitReader, sizeMax: number): Chain {
  if (bits.take(1) !== 0) throw bits.wrong("block of the retired randomised kind");
  const origin = bits.take(24);
  const symbols = usedSymbols(bits);
  const alphabet = symbols.length + 2;
  const tableCount = bits.take(3);
  const selectorCount = bits.take(15);
  if (tableCount < 2 || tableCount > 6 || selectorCount === 0)
    throw bits.wrong("block with impossible tables");
  const selectors = readSelectors(bits, selectorCount, tableCount);
  const tables = Array.from({ length: tableCount }, () => readTable(bits, alphabet));
  const links = new Uint32Array(sizeMax);
  const counts = new Uint32Array(256);
  let length = 0;
  let run = 0;
  let runBit = 1;
  const put = (byte: number, times: number): void => {
    if (length + times > sizeMax) throw bits.wrong("block longer than its stream allows");
    links.fill(byte, length, length + times);
    counts[byte] = (counts[byte] ?? 0) + times;
    length += times;
  };
  for (let group = 0; ; group++) {
    const table = tables[selectors[group] ?? -1];
    if (!table) throw bits.wrong("block without an end");
    for (let i = 0; i < GROUP; i++) {
      const symbol = table.next(bits);
      if (symbol <= 1) {
        run += runBit << symbol;
        runBit <<= 1;
        if (run > sizeMax) throw bits.wrong("block longer than its stream allows");
        continue;
      }
      if (run > 0) {
        put(symbols[0] ?? 0, run);
        run = 0;
        runBit = 1;
      }
      if (symbol === alphabet - 1) {
        if (origin >= length) throw bits.wrong("block whose origin lies outside it");
        return chain(links, counts, origin, length);
      }
      const byte = symbols[symbol - 1] ?? 0;
      symbols.copyWithin(1, 0, symbol - 1);
      symbols[0] = byte;
      put(byte, 1);
    }
  }
}

function usedSymbols(bits: BitReader): Uint8Array {
  const used: number[] = [];
  const rows = bits.take(16);
  for (let row = 0; row < 16; row++) {
    if (((rows >> (15 - row)) & 1) === 0) continue;
    const row16 = bits.take(16);
    for (let i = 0; i < 16; i++) if (((row16 >> (15 - i)) & 1) !== 0) used.push(row * 16 + i);
  }
  if (used.length === 0) throw bits.wrong("block that uses no bytes");
  return Uint8Array.from(used);
}

/** Which table each group of symbols uses, as moves to the front. */
function readSelectors(bits: BitReader, count: number, tables: number): Uint8Array {
  const order = Array.from({ length: tables }, (_, i) => i);
  return Uint8Array.from({ length: count }, () => {
    let at = 0;
    while (bits.take(1) !== 0) if (++at >= tables) throw bits.wrong("selector of no table");
    const [table = 0] = order.splice(at, 1);
    order.unshift(table);
    return table;
  });
}

function readTable(bits: BitReader, alphabet: number): HuffmanTable {
  let length = bits.take(5);
  const lengths = Uint8Array.from({ length: alphabet }, () => {
    for (;;) {
      if (length < 1 || length > CODE_BITS_MAX) throw bits.wrong("code of an impossible length");
      if (bits.take(1) === 0) return length;
      length += bits.take(1) === 0 ? 1 : -1;
    }
  });
  return new HuffmanTable(lengths);
}

/** Canonical codes, looked up by the first code of each length. */
class HuffmanTable {
  readonly #first: number[] = [];
  readonly #count: number[] = [];
  readonly #symbols: number[] = [];

  constructor(lengths: Uint8Array) {
    let code = 0;
    for (let length = 1; length <= CODE_BITS_MAX; length++) {
      const before = this.#symbols.length;
      for (const [symbol, one] of lengths.entries()) if (one === length) this.#symbols.push(symbol);
      const count = this.#symbols.length - before;
      this.#first.push(code - before);
      this.#count.push(code + count);
      code = (code + count) << 1;
    }
  }

  next(bits: BitReader): number {
    let code = 0;
    for (let length = 0; length < CODE_BITS_MAX; length++) {
      code = (code << 1) | bits.bit();
      if (code < (this.#count[length] ?? 0)) {
        const symbol = this.#symbols[code - (this.#first[length] ?? 0)];
        if (symbol !== undefined) return symbol;
        break;
      }
    }
    throw bits.wrong("code that stands for nothing");
  }
}

/** Turns the last column into links from each byte to the one that follows it. */
function chain(links: Uint32Array, counts: Uint32Array, origin: number, length: number): Chain {
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte] ?? 0;
    counts[byte] = sum;
    sum += count;
  }
  for (let at = 0; at < length; at++) {
    const byte = (links[at] ?? 0) & 0xff;
    const to = counts[byte] ?? 0;
    counts[byte] = to + 1;
    links[to] = ((links[to] ?? 0) | (at << 8)) >>> 0;
  }
  return { links, start: (links[origin] ?? 0) >>> 8, length };
}

/** Follows the chain and undoes the run lengths: four equal bytes are followed by how many more there are. */
function* expand({ links, start, length }: Chain, crc: Crc): Generator<Uint8Array<ArrayBuffer>> {
  let out = new Uint8Array(OUT_BYTES + 256);
  let filled = 0;
  let at = start;
  let last = -1;
  let same = 0;
  for (let i = 0; i < length; i++) {
    const link = links[at] ?? 0;
    const byte = link & 0xff;
    at = link >>> 8;
    if (same === 4) {
      out.fill(last, filled, filled + byte);
      filled += byte;
      same = 0;
      last = -1;
    } else {
      out[filled++] = byte;
      same = byte === last ? same + 1 : 1;
      last = byte;
    }
    if (filled < OUT_BYTES) continue;
    crc.update(out.subarray(0, filled));
    yield out.subarray(0, filled);
    out = new Uint8Array(OUT_BYTES + 256);
    filled = 0;
  }
  crc.update(out.subarray(0, filled));
  if (filled > 0) yield out.subarray(0, filled);
}

/** CRC-32 with the most significant bit first. */
class Crc {
  #register = 0xffff_ffff;

  update(bytes: Uint8Array): void {
    let crc = this.#register;
    for (let i = 0; i < bytes.length; i++)
      crc = (crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
    this.#register = crc;
  }

  get value(): number {
    return ~this.#register >>> 0;
  }
}

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  return crc >>> 0;
});

/** Bits from the front of a stream, most significant first. Past its end they are an error. */
class BitReader {
  readonly #input: AsyncIterator<Uint8Array>;
  readonly #label: string;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #bitsLeft = 0;
  #current = 0;
  #before = 0;
  #ended = false;

  constructor(input: AsyncIterable<Uint8Array>, label: string) {
    this.#input = input[Symbol.asyncIterator]();
    this.#label = label;
  }

  /** Waits until `bytes` are at hand, or all that there are. */
  async have(bytes: number): Promise<void> {
    if (this.#ended || this.#bytes.length - this.#at >= bytes) return;
    const parts = [this.#bytes.subarray(this.#at)];
    let held = this.#bytes.length - this.#at;
    while (held < bytes) {
      const { done, value } = await this.#input.next();
      if (done) {
        this.#ended = true;
        break;
      }
      parts.push(value);
      held += value.length;
    }
    this.#before += this.#at;
    this.#at = 0;
    this.#bytes = Buffer.concat(parts);
  }

  atEnd(): boolean {
    return this.#ended && this.#at >= this.#bytes.length;
  }

  bit(): number {
    if (this.#bitsLeft === 0) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw this.wrong("stream that ends too early");
      this.#at++;
      this.#current = byte;
      this.#bitsLeft = 8;
    }
    return (this.#current >> --this.#bitsLeft) & 1;
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** Drops what is left of a byte. */
  align(): void {
    this.#bitsLeft = 0;
  }

  wrong(what: string): Error {
    return corrupt(this.#label, `bzip2: ${what}`, this.#before + this.#at);
  }
}

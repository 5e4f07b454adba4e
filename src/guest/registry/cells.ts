import type { ByteSource } from "../../disk/bytes/byte-source.ts";
import { grain } from "../../disk/bytes/grain.ts";
import { View } from "../../disk/bytes/view.ts";
import { corrupt, limitReached } from "../../errors.ts";
import { BASE_BYTES } from "./base-block.ts";

const PAGE_BYTES = 4096;
const CELL_MAX_BYTES = 16 << 20;
/** All cells that reach beyond their page, over the life of a hive: more than any look-up needs. */
const LONG_CELLS_MAX_BYTES = 128 << 20;
/** Keys opened to see their names, over the life of a hive. */
const LOOKUPS_MAX = 1 << 19;

export const NO_CELL = 0xffffffff;

/** The cells of a hive, read one by one. Offsets count from the first bin, as everything in a hive does. */
export class Cells {
  readonly #source: ByteSource;
  readonly #binsBytes: number;
  #longBytesLeft = LONG_CELLS_MAX_BYTES;
  #lookupsLeft = LOOKUPS_MAX;

  constructor(source: ByteSource, binsBytes: number) {
    this.#source = source;
    this.#binsBytes = binsBytes;
  }

  get label(): string {
    return this.#source.label;
  }

  /** Counts keys that are opened to see their names; throws `limit` when they are too many in all. */
  spendLookups(keys: number): void {
    this.#lookupsLeft -= keys;
    if (this.#lookupsLeft < 0)
      throw limitReached(this.label, `more than ${LOOKUPS_MAX} keys opened in search of others`);
  }

  /** The content of an allocated cell. */
  async read(offset: number): Promise<View> {
    const { label } = this.#source;
    const at = BASE_BYTES + offset;
    if (offset % 8 !== 0 || offset + 8 > this.#binsBytes)
      throw corrupt(label, `cell at ${offset} of ${this.#binsBytes} bytes`, at);
    // The page holds most cells whole, and often those they lead to.
    const near = Math.min(PAGE_BYTES - (at % PAGE_BYTES), this.#binsBytes - offset);
    const head = new View(await grain(this.#source, at, near, PAGE_BYTES), label, at);
    const size = -head.i32le(0);
    if (size < 8 || size % 8 !== 0 || offset + size > this.#binsBytes)
      throw corrupt(label, size <= 0 ? "cell is not in use" : `cell of ${size} bytes`, at);
    if (size > CELL_MAX_BYTES) throw corrupt(label, `cell of ${size} bytes`, at);
    if (size <= near) return head.sub(4, size - 4);
    this.#longBytesLeft -= size;
    if (this.#longBytesLeft < 0)
      throw limitReached(label, `long cells of more than ${LONG_CELLS_MAX_BYTES} bytes in all`, at);
    return new View(await this.#source.read(at + 4, size - 4), label, at + 4);
  }
}

/** Text of a key or value name: one byte a character (Latin-1), or UTF-16. */
export function nameOf(view: View, at: number, bytes: number, isLatin: boolean): string {
  let text = "";
  if (isLatin) for (const byte of view.slice(at, bytes)) text += String.fromCharCode(byte);
  else for (let i = 0; i + 1 < bytes; i += 2) text += String.fromCharCode(view.u16le(at + i));
  return text;
}

/**
 * The same letters whatever their case, as the registry compares names: as Windows' own table does, only a letter that
 * is the small form of another counts as it. The Turkish dotless i is no i, and the micro sign no Greek letter.
 */
export function foldName(name: string): string {
  let text = "";
  for (const unit of name.split("")) {
    const upper = unit.toUpperCase();
    text += upper.length === 1 && upper.toLowerCase() === unit ? upper : unit;
  }
  return text;
}

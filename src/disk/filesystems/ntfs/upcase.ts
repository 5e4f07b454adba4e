import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";

const TABLE_BYTES = 65536 * 2;
const PAGE_BYTES = 4096;
const PAGE_CHARS = PAGE_BYTES / 2;

/**
 * The volume's own table of upper-case letters, by which its folders are sorted: read a page at a time, as names
 * need it. Source: Linux-NTFS project documentation, "$UpCase".
 */
export class UpCase {
  readonly #pages = new Map<number, View>();
  readonly #table: ByteSource;

  constructor(table: ByteSource) {
    if (table.size !== TABLE_BYTES) throw corrupt(table.label, `$UpCase of ${table.size} bytes`);
    this.#table = table;
  }

  /** Makes sure that `compare` knows every character of these names. */
  async load(names: readonly string[]): Promise<void> {
    const wanted = new Set<number>();
    for (const name of names)
      for (let i = 0; i < name.length; i++) wanted.add(Math.floor(name.charCodeAt(i) / PAGE_CHARS));
    await Promise.all(
      [...wanted]
        .filter((page) => !this.#pages.has(page))
        .map(async (page) => {
          const at = page * PAGE_BYTES;
          this.#pages.set(page, new View(await this.#table.read(at, PAGE_BYTES), this.#table.label, at));
        }),
    );
  }

  /** Order of two names without regard to case: COLLATION_FILE_NAME. */
  compare(a: string, b: string): number {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const order = this.#upper(a.charCodeAt(i)) - this.#upper(b.charCodeAt(i));
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }

  #upper(unit: number): number {
    return this.#pages.get(Math.floor(unit / PAGE_CHARS))?.u16le((unit % PAGE_CHARS) * 2) ?? unit;
  }
}

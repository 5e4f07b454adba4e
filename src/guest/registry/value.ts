import type { View } from "../../disk/bytes/view.ts";
import { corrupt, limitReached } from "../../errors.ts";
import { type Cells, nameOf } from "./cells.ts";

/** Source: winnt.h, REG_*. */
export const REG = {
  sz: 1,
  expandSz: 2,
  binary: 3,
  dword: 4,
  dwordBigEndian: 5,
  multiSz: 7,
  qword: 11,
} as const;

const INLINE = 0x80000000;
const SEGMENT_BYTES = 16344;
const DATA_MAX_BYTES = 64 << 20;
const LATIN_NAME = 1;

/** A value of a key; its data is read when asked for. The default value has no name. */
export class RegistryValue {
  readonly name: string;
  readonly type: number;
  readonly sizeBytes: number;
  readonly #cells: Cells;
  readonly #view: View;
  readonly #minor: number;

  /** `view` is a vk cell. Source: "Windows registry file format specification", "Key value". */
  constructor(cells: Cells, view: View, minor: number) {
    if (!view.is(0, "vk")) throw corrupt(view.label, "value cell without its signature vk", view.base);
    this.#cells = cells;
    this.#view = view;
    this.#minor = minor;
    this.name = nameOf(view, 20, view.u16le(2), (view.u16le(16) & LATIN_NAME) !== 0);
    this.type = view.u32le(12);
    const size = view.u32le(4);
    this.sizeBytes = size >= INLINE ? size - INLINE : size;
    if (size >= INLINE && this.sizeBytes > 4)
      throw corrupt(view.label, `value of ${this.sizeBytes} bytes in four`, view.base + 4);
  }

  async data(): Promise<Uint8Array> {
    const { label, base } = this.#view;
    if (this.#view.u32le(4) >= INLINE) return this.#view.slice(8, this.sizeBytes);
    if (this.sizeBytes === 0) return new Uint8Array();
    if (this.sizeBytes > DATA_MAX_BYTES)
      throw limitReached(label, `value of ${this.sizeBytes} bytes`, base + 4);
    const cell = await this.#cells.read(this.#view.u32le(8));
    if (this.sizeBytes <= SEGMENT_BYTES || this.#minor < 4 || !cell.is(0, "db"))
      return cell.slice(0, this.sizeBytes);
    return this.#segments(cell);
  }

  /** Big data: a list of cells, each but the last full. */
  async #segments(big: View): Promise<Uint8Array> {
    const count = big.u16le(2);
    if (count !== Math.ceil(this.sizeBytes / SEGMENT_BYTES))
      throw corrupt(big.label, `${count} segments for ${this.sizeBytes} bytes`, big.base);
    const list = await this.#cells.read(big.u32le(4));
    const bytes = new Uint8Array(this.sizeBytes);
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const segment = await this.#cells.read(list.u32le(i * 4));
        const at = i * SEGMENT_BYTES;
        bytes.set(segment.slice(0, Math.min(SEGMENT_BYTES, this.sizeBytes - at)), at);
      }),
    );
    return bytes;
  }
}

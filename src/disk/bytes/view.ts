import { corrupt } from "../../errors.ts";

/**
 * Bounds-checked reads from a structure that came from an image. Offsets are relative to the structure;
 * errors name the structure and its absolute offset. Offsets past the end reject with `corrupt`.
 */
export class View {
  readonly bytes: Uint8Array;
  readonly label: string;
  /** Offset of `bytes[0]` in its source, for error messages only. */
  readonly base: number;
  readonly #data: DataView;

  constructor(bytes: Uint8Array, label: string, base = 0) {
    this.bytes = bytes;
    this.label = label;
    this.base = base;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.byteLength;
  }

  u8(offset: number): number {
    this.#check(offset, 1);
    return this.#data.getUint8(offset);
  }
  u16le(offset: number): number {
    this.#check(offset, 2);
    return this.#data.getUint16(offset, true);
  }
  u32le(offset: number): number {
    this.#check(offset, 4);
    return this.#data.getUint32(offset, true);
  }
  u16be(offset: number): number {
    this.#check(offset, 2);
    return this.#data.getUint16(offset, false);
  }
  u32be(offset: number): number {
    this.#check(offset, 4);
    return this.#data.getUint32(offset, false);
  }
  i32le(offset: number): number {
    this.#check(offset, 4);
    return this.#data.getInt32(offset, true);
  }
  big64le(offset: number): bigint {
    this.#check(offset, 8);
    return this.#data.getBigUint64(offset, true);
  }
  big64be(offset: number): bigint {
    this.#check(offset, 8);
    return this.#data.getBigUint64(offset, false);
  }
  /** A 64-bit value that must be usable as an offset or size: above 2^53-1 is `corrupt`. */
  u64le(offset: number): number {
    return this.#safe(this.big64le(offset), offset);
  }
  u64be(offset: number): number {
    return this.#safe(this.big64be(offset), offset);
  }
  /** A view of `length` bytes, sharing memory. */
  sub(offset: number, length: number): View {
    this.#check(offset, length);
    return new View(this.bytes.subarray(offset, offset + length), this.label, this.base + offset);
  }
  slice(offset: number, length: number): Uint8Array {
    this.#check(offset, length);
    return this.bytes.subarray(offset, offset + length);
  }
  /** Latin-1 text, cut at the first NUL. For magics and fixed ASCII fields. */
  ascii(offset: number, length: number): string {
    let text = "";
    for (const byte of this.slice(offset, length)) {
      if (byte === 0) break;
      text += String.fromCharCode(byte);
    }
    return text;
  }
  /** True when the bytes at `offset` are exactly the Latin-1 text `magic`; false past the end. */
  is(offset: number, magic: string): boolean {
    if (offset < 0 || offset + magic.length > this.length) return false;
    for (let i = 0; i < magic.length; i++) if (this.bytes[offset + i] !== magic.charCodeAt(i)) return false;
    return true;
  }
  /** `xxxxxxxx-xxxx-...` of 16 bytes in order, as ext, XFS and Btrfs write UUIDs. */
  uuid(offset: number): string {
    return hyphenate(this.slice(offset, 16));
  }
  /** `xxxxxxxx-xxxx-...` of 16 bytes with the first three fields little-endian, as GPT and VHDX write GUIDs. */
  guid(offset: number): string {
    const b = this.slice(offset, 16);
    const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    return hyphenate(Uint8Array.from(order, (i) => b[i] ?? 0));
  }

  #safe(value: bigint, offset: number): number {
    if (value > 9007199254740991n) {
      throw corrupt(this.label, `64-bit value ${value} is out of range`, this.base + offset);
    }
    return Number(value);
  }
  #check(offset: number, length: number): void {
    if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || offset + length > this.length) {
      throw corrupt(
        this.label,
        `structure of ${this.length} bytes has no ${length} bytes at ${offset}`,
        this.base + offset,
      );
    }
  }
}

function hyphenate(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

import { marvin32 } from "../../src/guest/registry/marvin32.ts";

/** Builds registry hives, for tests of what reads them. */
export interface HiveTree {
  readonly values?: Readonly<Record<string, HiveValue>>;
  readonly keys?: Readonly<Record<string, HiveTree>>;
  /** How subkeys are listed. Default `lh`. */
  readonly list?: "lf" | "lh" | "li" | "ri";
}

export type HiveValue =
  | number
  | string
  | readonly string[]
  | { readonly type: number; readonly data: Uint8Array };

const BASE_BYTES = 4096;
const SEGMENT_BYTES = 16344;
const NONE = 0xffffffff;
const FIRST_CELL = 32; // behind the bin's header

/** A clean hive of format 1.5 (or `options.minor`) with these keys; `dirty` leaves its sequence numbers apart. */
export function buildHive(root: HiveTree, options: { dirty?: boolean; minor?: number } = {}): Uint8Array {
  const writer = new Writer();
  const rootCell = writer.key("ROOT", root, NONE, true);
  const bins = writer.bins();
  const bytes = Buffer.alloc(BASE_BYTES + bins.length);
  bytes.write("regf", 0, "latin1");
  bytes.writeUInt32LE(options.dirty ? 8 : 7, 4);
  bytes.writeUInt32LE(7, 8);
  bytes.writeUInt32LE(1, 20);
  bytes.writeUInt32LE(options.minor ?? 5, 24);
  bytes.writeUInt32LE(1, 32);
  bytes.writeUInt32LE(rootCell, 36);
  bytes.writeUInt32LE(bins.length, 40);
  bytes.writeUInt32LE(1, 44);
  seal(bytes);
  bytes.set(bins, BASE_BYTES);
  return new Uint8Array(bytes);
}

/**
 * A log (HvLE) beside `hive` whose entries hold the hive's own pages (of 512 bytes, counted in its bins), after
 * `change` had its way with them.
 */
export function buildLog(
  hive: Uint8Array,
  entries: readonly { readonly sequence: number; readonly pages: readonly number[] }[],
  size: number,
  change: (page: Uint8Array, number: number) => void = () => undefined,
): Uint8Array {
  const log = Buffer.alloc(size);
  log.set(hive.subarray(0, 512));
  log.writeUInt32LE(6, 28);
  seal(log);
  let at = 512;
  for (const { sequence, pages } of entries) {
    const length = Math.ceil((40 + pages.length * (8 + 512)) / 512) * 512;
    const entry = Buffer.alloc(length);
    entry.write("HvLE", 0, "latin1");
    entry.writeUInt32LE(length, 4);
    entry.writeUInt32LE(sequence, 12);
    entry.writeUInt32LE(hive.length - BASE_BYTES, 16);
    entry.writeUInt32LE(pages.length, 20);
    for (const [i, page] of pages.entries()) {
      entry.writeUInt32LE(page * 512, 40 + i * 8);
      entry.writeUInt32LE(512, 44 + i * 8);
      const bytes = Buffer.from(hive.subarray(BASE_BYTES + page * 512, BASE_BYTES + page * 512 + 512));
      change(bytes, page);
      entry.set(bytes, 40 + pages.length * 8 + i * 512);
    }
    entry.writeBigUInt64LE(marvin32(entry.subarray(40)), 24);
    entry.writeBigUInt64LE(marvin32(entry.subarray(0, 32)), 32);
    log.set(entry, at);
    at += length;
  }
  return new Uint8Array(log);
}

/** Writes the checksum of a base block. */
export function seal(bytes: Buffer): void {
  let sum = 0;
  for (let at = 0; at < 508; at += 4) sum ^= bytes.readUInt32LE(at);
  bytes.writeUInt32LE(sum >>> 0 || 1, 508);
}

class Writer {
  readonly #cells: Buffer[] = [];
  #at = FIRST_CELL;

  /** A security descriptor (a bare one) for all keys: whoever adds keys wants to copy their parent's. */
  readonly #security = this.#put(securityCell());

  key(name: string, tree: HiveTree, parent: number, isRoot = false): number {
    const cell = Buffer.alloc(76 + name.length);
    const offset = this.#put(cell);
    const keys = Object.entries(tree.keys ?? {}).toSorted(([a], [b]) =>
      a.toUpperCase() < b.toUpperCase() ? -1 : 1,
    );
    const values = Object.entries(tree.values ?? {});
    cell.write("nk", 0, "latin1");
    cell.writeUInt16LE(isRoot ? 0x2c : 0x20, 2);
    cell.writeUInt32LE(parent, 16);
    cell.writeUInt32LE(keys.length, 20);
    for (const at of [28, 32, 40, 48]) cell.writeUInt32LE(NONE, at);
    cell.writeUInt32LE(this.#security, 44);
    cell.writeUInt32LE(values.length, 36);
    cell.writeUInt16LE(name.length, 72);
    cell.write(name, 76, "latin1");
    const children = keys.map(([child, below]) => ({ name: child, cell: this.key(child, below, offset) }));
    if (children.length > 0) cell.writeUInt32LE(this.#list(children, tree.list ?? "lh"), 28);
    if (values.length > 0) {
      const list = Buffer.alloc(values.length * 4);
      for (const [i, [value, data]] of values.entries()) list.writeUInt32LE(this.#value(value, data), i * 4);
      cell.writeUInt32LE(this.#put(list), 40);
    }
    return offset;
  }

  bins(): Buffer {
    const size = Math.ceil(this.#at / 4096) * 4096;
    const bytes = Buffer.alloc(size);
    bytes.write("hbin", 0, "latin1");
    bytes.writeUInt32LE(size, 8);
    let at = 32;
    for (const cell of this.#cells) {
      const length = cellBytes(cell);
      bytes.writeInt32LE(-length, at);
      bytes.set(cell, at + 4);
      at += length;
    }
    if (at < size) bytes.writeInt32LE(size - at, at);
    return bytes;
  }

  #list(children: readonly { name: string; cell: number }[], kind: "lf" | "lh" | "li" | "ri"): number {
    if (kind === "ri") {
      const half = Math.ceil(children.length / 2);
      const parts = [children.slice(0, half), children.slice(half)].filter((part) => part.length > 0);
      const root = Buffer.alloc(4 + parts.length * 4);
      root.write("ri", 0, "latin1");
      root.writeUInt16LE(parts.length, 2);
      for (const [i, part] of parts.entries())
        root.writeUInt32LE(this.#list(part, i === 0 ? "lh" : "li"), 4 + i * 4);
      return this.#put(root);
    }
    const step = kind === "li" ? 4 : 8;
    const list = Buffer.alloc(4 + children.length * step);
    list.write(kind, 0, "latin1");
    list.writeUInt16LE(children.length, 2);
    for (const [i, { name, cell }] of children.entries()) {
      list.writeUInt32LE(cell, 4 + i * step);
      if (kind === "lf") list.write(name.slice(0, 4), 8 + i * step, "latin1");
      if (kind === "lh") list.writeUInt32LE(hash(name), 8 + i * step);
    }
    return this.#put(list);
  }

  #value(name: string, value: HiveValue): number {
    const { type, data } = encode(value);
    const cell = Buffer.alloc(20 + name.length);
    cell.write("vk", 0, "latin1");
    cell.writeUInt16LE(name.length, 2);
    if (data.length <= 4) {
      cell.writeUInt32LE(data.length + 0x80000000, 4);
      cell.set(data, 8);
    } else {
      cell.writeUInt32LE(data.length, 4);
      cell.writeUInt32LE(data.length > SEGMENT_BYTES ? this.#big(data) : this.#put(Buffer.from(data)), 8);
    }
    cell.writeUInt32LE(type, 12);
    cell.writeUInt16LE(1, 16);
    cell.write(name, 20, "latin1");
    return this.#put(cell);
  }

  #big(data: Uint8Array): number {
    const count = Math.ceil(data.length / SEGMENT_BYTES);
    const list = Buffer.alloc(count * 4);
    for (let i = 0; i < count; i++) {
      const segment = Buffer.alloc(SEGMENT_BYTES + 4);
      segment.set(data.subarray(i * SEGMENT_BYTES, (i + 1) * SEGMENT_BYTES));
      list.writeUInt32LE(this.#put(segment), i * 4);
    }
    const big = Buffer.alloc(8);
    big.write("db", 0, "latin1");
    big.writeUInt16LE(count, 2);
    big.writeUInt32LE(this.#put(list), 4);
    return this.#put(big);
  }

  #put(cell: Buffer): number {
    const offset = this.#at;
    this.#cells.push(cell);
    this.#at += cellBytes(cell);
    return offset;
  }
}

/** The first cell of a hive, so that its list links to where it lies. */
function securityCell(): Buffer {
  const cell = Buffer.alloc(40);
  cell.write("sk", 0, "latin1");
  cell.writeUInt32LE(FIRST_CELL, 4);
  cell.writeUInt32LE(FIRST_CELL, 8);
  cell.writeUInt32LE(1, 12);
  cell.writeUInt32LE(20, 16);
  cell.writeUInt16LE(1, 20); // revision 1, no owner, no lists
  cell.writeUInt16LE(0x8000, 22);
  return cell;
}

function cellBytes(cell: Buffer): number {
  return Math.ceil((cell.length + 4) / 8) * 8;
}

function encode(value: HiveValue): { readonly type: number; readonly data: Uint8Array } {
  if (typeof value === "string") return { type: 1, data: Buffer.from(`${value}\0`, "utf16le") };
  if (typeof value === "number") {
    const data = Buffer.alloc(4);
    data.writeUInt32LE(value >>> 0);
    return { type: 4, data };
  }
  if ("type" in value) return value;
  return { type: 7, data: Buffer.from(`${value.map((one) => `${one}\0`).join("")}\0`, "utf16le") };
}

function hash(name: string): number {
  let sum = 0;
  for (const unit of name.toUpperCase().split("")) sum = (Math.imul(sum, 37) + unit.charCodeAt(0)) >>> 0;
  return sum;
}

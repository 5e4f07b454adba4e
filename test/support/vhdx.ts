import { crc32c } from "../../src/disk/bytes/crc32c.ts";

// Source: [MS-VHDX].

const MIB = 1 << 20;
const KIB = 1024;
export const LOG: number = MIB;
export const METADATA: number = 2 * MIB;
export const BAT: number = 3 * MIB;
/** Where the blocks begin. */
const DATA = 4 * MIB;

/** A block of a crafted disk; blocks are of 1 MiB. `written` makes it partially present. */
export type GuestBlock =
  | number
  | { readonly bytes: Uint8Array; readonly written?: (sector: number) => boolean };

export interface VhdxOptions {
  readonly sizeBytes?: number;
  readonly sectorBytes?: number;
  readonly dataWriteGuid?: string;
  readonly parent?: { readonly path: string; readonly linkage: string };
  /** Marks the log as one to replay. */
  readonly logGuid?: string;
}

export interface CraftedVhdx {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
}

/** 16 bytes as Microsoft writes a GUID. */
export function guidBytes(guid: string): Uint8Array {
  const hex = guid.replaceAll("-", "");
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, (i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Writes the checksum of a structure (at +4) again. */
export function sealVhdx(bytes: Uint8Array, at: number, length: number): void {
  bytes.fill(0, at + 4, at + 8);
  const sum = crc32c(bytes.subarray(at, at + length));
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + 4, sum, true);
}

/** File type, both headers, both region tables, log, metadata, BAT, bitmaps, blocks. A number is a block's state. */
export function craftVhdx(blocks: readonly GuestBlock[], options: VhdxOptions = {}): CraftedVhdx {
  const stored = blocks.filter((block) => typeof block !== "number").length;
  const partial = blocks.some((block) => typeof block !== "number" && block.written);
  const bytes = new Uint8Array(DATA + (stored + (partial ? 1 : 0)) * MIB);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from("vhdxfile"));
  for (const [at, sequence] of [
    [64 * KIB, 1n],
    [128 * KIB, 2n],
  ] as const)
    writeHeader(bytes, at, sequence, options);
  for (const at of [192 * KIB, 256 * KIB]) {
    bytes.set(Buffer.from("regi"), at);
    view.setUint32(at + 8, 2, true);
    writeRegion(bytes, at + 16, "2dc27766-f623-4200-9d64-115e9bfd4a08", BAT);
    writeRegion(bytes, at + 48, "8b7ca206-4790-4b9a-b8fe-575f050f886e", METADATA);
    sealVhdx(bytes, at, 64 * KIB);
  }
  writeMetadata(bytes, options.sizeBytes ?? blocks.length * MIB, options);
  const sectorBytes = options.sectorBytes ?? 512;
  let free = DATA;
  const bitmap = partial ? free : 0;
  if (partial) {
    view.setBigUint64(BAT + 8 * (8 * sectorBytes), BigInt(free) | 6n, true);
    free += MIB;
  }
  for (const [i, block] of blocks.entries()) {
    if (typeof block === "number") {
      view.setBigUint64(BAT + i * 8, BigInt(block), true);
      continue;
    }
    view.setBigUint64(BAT + i * 8, BigInt(free) | (block.written ? 7n : 6n), true);
    bytes.set(block.bytes, free);
    const perBlock = MIB / sectorBytes;
    for (let sector = 0; block.written && sector < perBlock; sector++) {
      const bit = i * perBlock + sector;
      if (block.written(sector))
        bytes[bitmap + (bit >> 3)] = (bytes[bitmap + (bit >> 3)] ?? 0) | (1 << (bit & 7));
    }
    free += MIB;
  }
  return { bytes, view };
}

function writeHeader(bytes: Uint8Array, at: number, sequence: bigint, options: VhdxOptions): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  bytes.set(Buffer.from("head"), at);
  view.setBigUint64(at + 8, sequence, true);
  bytes.set(guidBytes("11111111-0000-0000-0000-000000000001"), at + 16);
  bytes.set(guidBytes(options.dataWriteGuid ?? "22222222-0000-0000-0000-000000000002"), at + 32);
  if (options.logGuid) bytes.set(guidBytes(options.logGuid), at + 48);
  view.setUint16(at + 66, 1, true);
  view.setUint32(at + 68, MIB, true);
  view.setBigUint64(at + 72, BigInt(LOG), true);
  sealVhdx(bytes, at, 4096);
}

function writeRegion(bytes: Uint8Array, at: number, guid: string, offset: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  bytes.set(guidBytes(guid), at);
  view.setBigUint64(at + 16, BigInt(offset), true);
  view.setUint32(at + 24, MIB, true);
  view.setUint32(at + 28, 1, true);
}

function writeMetadata(bytes: Uint8Array, sizeBytes: number, options: VhdxOptions): void {
  const items: [string, Uint8Array][] = [
    ["caa16737-fa36-4d43-b3b6-33f0aa44e76b", numbers([MIB, 4], [options.parent ? 2 : 0, 4])],
    ["2fa54224-cd1b-4876-b211-5dbed83bf4b8", numbers([sizeBytes, 8])],
    ["8141bf1d-a96f-4709-ba47-f233a8faab5f", numbers([options.sectorBytes ?? 512, 4])],
    ["cda348c7-445d-4471-9cc9-e9885251c556", numbers([4096, 4])],
    ["beca12ab-b2e6-4523-93ef-c309e000c746", new Uint8Array(16).fill(3)],
  ];
  if (options.parent) items.push(["a8d35f2d-b30b-454d-abf7-d3d84834ab0c", parentLocator(options.parent)]);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  bytes.set(Buffer.from("metadata"), METADATA);
  view.setUint16(METADATA + 10, items.length, true);
  let at = 64 * KIB;
  for (const [i, [guid, data]] of items.entries()) {
    const entry = METADATA + 32 + i * 32;
    bytes.set(guidBytes(guid), entry);
    view.setUint32(entry + 16, at, true);
    view.setUint32(entry + 20, data.length, true);
    view.setUint32(entry + 24, 6, true);
    bytes.set(data, METADATA + at);
    at += data.length;
  }
}

function numbers(...fields: readonly (readonly [value: number, bytes: number])[]): Uint8Array {
  return Buffer.concat(
    fields.map(([value, bytes]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(BigInt(value));
      return field.subarray(0, bytes);
    }),
  );
}

function parentLocator({ path, linkage }: { path: string; linkage: string }): Uint8Array {
  const pairs = [
    ["parent_linkage", `{${linkage.toUpperCase()}}`],
    ["relative_path", path],
  ].map((pair) => pair.map((text) => Buffer.from(text, "utf16le")));
  const parts: Uint8Array[] = [guidBytes("b04aefb7-d19e-4a81-b789-25b8e9445913"), numbers([0, 2], [2, 2])];
  let at = 20 + 12 * pairs.length;
  for (const [key, value] of pairs) {
    if (!key || !value) continue;
    parts.push(numbers([at, 4], [at + key.length, 4], [key.length, 2], [value.length, 2]));
    at += key.length + value.length;
  }
  return Buffer.concat([...parts, ...pairs.flat()]);
}

/** What one log entry writes. */
export type LogWrite =
  | { readonly offset: number; readonly bytes: Uint8Array }
  | { readonly offset: number; readonly zeros: number };

export interface LogEntry {
  readonly guid: string;
  readonly sequence: bigint;
  /** Offset in the log of the first entry that has to be replayed. */
  readonly tail: number;
  readonly writes: readonly LogWrite[];
  /** Size that the file has to have, and will have. */
  readonly fileBytes: number;
}

/** A log entry: header, descriptors, data sectors. Each of `writes` is one sector of 4 KiB, or zeros. */
export function logEntry({ guid, sequence, tail, writes, fileBytes }: LogEntry): Uint8Array<ArrayBuffer> {
  const descriptors = Math.ceil((64 + writes.length * 32) / 4096);
  const data = writes.filter((write) => "bytes" in write).length;
  const bytes = new Uint8Array((descriptors + data) * 4096);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from("loge"));
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, tail, true);
  view.setBigUint64(16, sequence, true);
  view.setUint32(24, writes.length, true);
  bytes.set(guidBytes(guid), 32);
  view.setBigUint64(48, BigInt(fileBytes), true);
  view.setBigUint64(56, BigInt(fileBytes), true);
  let sector = descriptors * 4096;
  for (const [i, write] of writes.entries()) {
    const at = 64 + i * 32;
    view.setBigUint64(at + 16, BigInt(write.offset), true);
    view.setBigUint64(at + 24, sequence, true);
    if ("zeros" in write) {
      bytes.set(Buffer.from("zero"), at);
      view.setBigUint64(at + 8, BigInt(write.zeros), true);
      continue;
    }
    bytes.set(Buffer.from("desc"), at);
    bytes.set(write.bytes.subarray(4092, 4096), at + 4);
    bytes.set(write.bytes.subarray(0, 8), at + 8);
    bytes.set(Buffer.from("data"), sector);
    view.setUint32(sector + 4, Number(sequence >> 32n), true);
    bytes.set(write.bytes.subarray(8, 4092), sector + 8);
    view.setUint32(sector + 4092, Number(sequence & 0xffff_ffffn), true);
    sector += 4096;
  }
  sealVhdx(bytes, 0, bytes.length);
  return bytes;
}

/** Puts entries into the log one behind the other from `start`, around its end. */
export function writeLog(image: Uint8Array, start: number, entries: readonly Uint8Array[]): void {
  let at = start;
  for (const entry of entries)
    for (const byte of entry) {
      image[LOG + (at % MIB)] = byte;
      at++;
    }
}

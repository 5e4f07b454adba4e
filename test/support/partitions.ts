import { crc32 } from "node:zlib";

/** One entry of a crafted MBR or extended boot record. */
export interface CraftedEntry {
  readonly type: number;
  readonly first: number;
  readonly sectors: number;
  readonly active?: number;
}

/** Writes up to four entries, in place of what was there, and 55 AA into the sector at `offset`. */
export function writeBootRecord(disk: Uint8Array, offset: number, entries: readonly CraftedEntry[]): void {
  const view = new DataView(disk.buffer, disk.byteOffset + offset, 512);
  disk.fill(0, offset + 446, offset + 510);
  for (const [index, { type, first, sectors, active }] of entries.entries()) {
    const at = 446 + 16 * index;
    view.setUint8(at, active ?? 0);
    view.setUint8(at + 4, type);
    view.setUint32(at + 8, first, true);
    view.setUint32(at + 12, sectors, true);
  }
  view.setUint16(510, 0x55aa);
}

export interface CraftedPartition {
  readonly first: bigint;
  readonly last: bigint;
  readonly name?: string;
}

export const LINUX_DATA = "0fc63daf-8483-4772-8e79-3d69d8477de4";
const LINUX_DATA_BYTES = [
  0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4,
];

/** Writes a GPT of 128 entries: protective MBR, primary and backup. An undefined partition is an empty slot. */
export function writeGpt(
  disk: Uint8Array,
  partitions: readonly (CraftedPartition | undefined)[],
  sector: 512 | 4096 = 512,
): void {
  const last = disk.length / sector - 1;
  const array = new Uint8Array(128 * 128);
  const view = new DataView(array.buffer);
  for (const [index, one] of partitions.entries()) {
    if (!one) continue;
    array.set(LINUX_DATA_BYTES, index * 128);
    array.fill(index + 1, index * 128 + 16, index * 128 + 32);
    view.setBigUint64(index * 128 + 32, one.first, true);
    view.setBigUint64(index * 128 + 40, one.last, true);
    array.set(Buffer.from(one.name ?? "", "utf16le"), index * 128 + 56);
  }
  const arraySectors = array.length / sector;
  writeBootRecord(disk, 0, [{ type: 0xee, first: 1, sectors: last }]);
  disk.set(array, 2 * sector);
  disk.set(array, (last - arraySectors) * sector);
  writeHeader(disk, sector, 1, last, 2, crc32(array));
  writeHeader(disk, sector, last, 1, last - arraySectors, crc32(array));
}

function writeHeader(
  disk: Uint8Array,
  sector: number,
  lba: number,
  other: number,
  arrayLba: number,
  arrayCrc: number,
): void {
  const bytes = disk.subarray(lba * sector, lba * sector + 92);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 92);
  bytes.set(Buffer.from("EFI PART"));
  view.setUint32(8, 0x10000, true);
  view.setUint32(12, 92, true);
  view.setBigUint64(24, BigInt(lba), true);
  view.setBigUint64(32, BigInt(other), true);
  view.setBigUint64(72, BigInt(arrayLba), true);
  view.setUint32(80, 128, true);
  view.setUint32(84, 128, true);
  view.setUint32(88, arrayCrc, true);
  signHeader(disk, lba * sector);
}

/** Makes the checksum of the header at `offset` right again, and that of an array right behind it. */
export function signHeader(disk: Uint8Array, offset: number, arrayBytes = 0): void {
  if (arrayBytes > 0) {
    const array = disk.subarray(offset + 512, offset + 512 + arrayBytes);
    new DataView(disk.buffer, disk.byteOffset + offset, 92).setUint32(88, crc32(array), true);
  }
  const bytes = disk.subarray(offset, offset + 92);
  bytes.fill(0, 16, 20);
  new DataView(bytes.buffer, bytes.byteOffset, 92).setUint32(16, crc32(bytes), true);
}

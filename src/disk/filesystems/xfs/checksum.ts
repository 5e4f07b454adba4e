import { corrupt } from "../../../errors.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import type { View } from "../../bytes/view.ts";
import type { Superblock } from "./superblock.ts";

/** Where a version 5 metadata block keeps what identifies it. */
export interface Identity {
  readonly crc: number;
  readonly blkno: number;
  readonly uuid: number;
  readonly owner: number;
}

/** Source: XFS Algorithms & Data Structures, "Metadata Integrity"; Linux fs/xfs/libxfs/xfs_da_format.h. */
export const BMAP_BTREE: Identity = { crc: 64, blkno: 24, uuid: 40, owner: 56 };
export const DIRECTORY_DATA: Identity = { crc: 4, blkno: 8, uuid: 24, owner: 40 };
export const DIRECTORY_INDEX: Identity = { crc: 12, blkno: 16, uuid: 32, owner: 48 };
export const REMOTE_SYMLINK: Identity = { crc: 12, blkno: 40, uuid: 16, owner: 32 };

const SECTOR_BYTES = 512;
const ZEROS = new Uint8Array(4);

/** CRC-32C of all bytes, taken with the little-endian field at `at` as zero. */
function checksumOf(bytes: Uint8Array, at: number): number {
  let register = crc32cUpdate(~0, bytes.subarray(0, at));
  register = crc32cUpdate(register, ZEROS);
  register = crc32cUpdate(register, bytes.subarray(at + 4));
  return ~register >>> 0;
}

/** Whether the little-endian field at `at` holds the checksum of all bytes. */
export function checksumMatches(bytes: Uint8Array, at: number): boolean {
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true);
  return checksumOf(bytes, at) === stored;
}

/** Sets the field at `at` to the checksum of all bytes, as whoever writes them does. */
export function seal(bytes: Uint8Array, at: number): void {
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length).setUint32(at, checksumOf(bytes, at), true);
}

/**
 * Rejects a version 5 block that is damaged, of another file system, place or inode. `block.base` is its byte
 * offset in the volume. Version 4 blocks have nothing to check.
 */
export function verifyBlock(
  block: View,
  { version, metaUuid }: Superblock,
  { crc, blkno, uuid, owner }: Identity,
  { what, inode }: { readonly what: string; readonly inode: number },
): void {
  if (version !== 5) return;
  const wrong = (how: string): Error => corrupt(block.label, `${what} of inode ${inode}: ${how}`, block.base);
  if (!checksumMatches(block.bytes, crc)) throw wrong("checksum does not match");
  if (block.uuid(uuid) !== metaUuid) throw wrong("belongs to another file system");
  if (block.u64be(blkno) !== block.base / SECTOR_BYTES) throw wrong("was written for another place");
  if (block.u64be(owner) !== inode) throw wrong(`belongs to inode ${block.u64be(owner)}`);
}

/** Checksums of journal blocks. Source: Linux Documentation/filesystems/ext4/journal.rst, and fs/jbd2/recovery.c. */
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { View } from "../../bytes/view.ts";
import type { Journal } from "./journal-superblock.ts";
import type { Tag } from "./journal-tags.ts";

const TAIL_BYTES = 4;
const COMMIT = { kind: 0x0c, size: 0x0d, checksum: 0x10 } as const;
const KIND_CRC32 = 1;

/** A descriptor or revocation block. */
export function tailMatches({ checksums, seed }: Journal, bytes: Uint8Array): boolean {
  if (checksums !== "v2" && checksums !== "v3") return true;
  const at = bytes.length - TAIL_BYTES;
  const crc = crc32cUpdate(crc32cUpdate(seed, bytes.subarray(0, at)), new Uint8Array(TAIL_BYTES));
  return crc === new View(bytes, "journal").u32be(at);
}

/** A commit block; `sum` is the checksum of all blocks of the transaction before it, for v1. */
export function commitMatches({ checksums, seed }: Journal, bytes: Uint8Array, sum: number): boolean {
  if (checksums === "none") return true;
  const view = new View(bytes, "journal");
  const stored = view.u32be(COMMIT.checksum);
  if (checksums === "v1") {
    const kind = view.u8(COMMIT.kind);
    const size = view.u8(COMMIT.size);
    if (kind === 0 && size === 0 && stored === 0) return true;
    return kind === KIND_CRC32 && size === 4 && stored === sum;
  }
  const cleared = bytes.slice();
  cleared.fill(0, COMMIT.checksum, COMMIT.checksum + 4);
  return crc32cUpdate(seed, cleared) === stored;
}

/** A data block of transaction `sequence`, as it is stored. */
export function dataMatches(
  { checksums, seed }: Journal,
  { checksum }: Tag,
  sequence: number,
  bytes: Uint8Array,
): boolean {
  if (checksums !== "v2" && checksums !== "v3") return true;
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, sequence);
  const crc = crc32cUpdate(crc32cUpdate(seed, number), bytes);
  return (checksums === "v3" ? crc : crc & 0xffff) === checksum;
}

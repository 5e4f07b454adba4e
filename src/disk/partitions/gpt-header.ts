import { corrupt, limitReached } from "../../errors.ts";
import { crc32 } from "../bytes/crc32.ts";
import type { View } from "../bytes/view.ts";

// Source: UEFI 2.11 section 5.3.2 (table 5.5).

export const GPT_MAGIC = "EFI PART";
const HEADER_BYTES_MIN = 92;
const ENTRIES_MAX = 1024;
const ARRAY_BYTES_MAX = 128 << 10;

export interface GptHeader {
  /** The disk's GUID, in lower case. */
  readonly diskId: string;
  readonly arrayOffset: number;
  readonly entries: number;
  readonly entryBytes: number;
  readonly arrayCrc: number;
}

/**
 * Checks the header in `sector`, which is sector number `lba` of the disk.
 * @throws corrupt (magic, checksum, its own place, sizes) or limit
 */
export function parseGptHeader(sector: View, lba: number): GptHeader {
  const { label, base } = sector;
  if (!sector.is(0, GPT_MAGIC)) throw corrupt(label, "no GPT header", base);
  const headerBytes = sector.u32le(12);
  if (headerBytes < HEADER_BYTES_MIN || headerBytes > sector.length)
    throw corrupt(label, `GPT header of ${headerBytes} bytes`, base + 12);
  const header = Uint8Array.from(sector.slice(0, headerBytes));
  header.fill(0, 16, 20);
  if (crc32(header) !== sector.u32le(16)) throw corrupt(label, "GPT header checksum is wrong", base + 16);
  if (sector.big64le(24) !== BigInt(lba))
    throw corrupt(label, `GPT header says it is sector ${sector.big64le(24)}, not ${lba}`, base + 24);
  const entries = sector.u32le(80);
  const entryBytes = sector.u32le(84);
  if (entryBytes < 128 || entryBytes > 4096 || (entryBytes & (entryBytes - 1)) !== 0)
    throw corrupt(label, `GPT entries of ${entryBytes} bytes`, base + 84);
  if (entries > ENTRIES_MAX || entries * entryBytes > ARRAY_BYTES_MAX)
    throw limitReached(label, `GPT of ${entries} entries of ${entryBytes} bytes`, base + 80);
  return {
    diskId: sector.guid(56),
    arrayOffset: sector.u64le(72) * sector.length,
    entries,
    entryBytes,
    arrayCrc: sector.u32le(88),
  };
}

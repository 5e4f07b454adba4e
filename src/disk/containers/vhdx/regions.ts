import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { checksumHolds } from "./checksum.ts";

// Source: [MS-VHDX] 2.2.3 (region tables).

export const REGION_OFFSETS: readonly number[] = [192 << 10, 256 << 10];
const TABLE_BYTES = 64 << 10;
export const FRONT_BYTES = 4096;
const ENTRY_BYTES = 32;
const ENTRIES_MAX = 2047;
const MIB = 1 << 20;
const BAT = "2dc27766-f623-4200-9d64-115e9bfd4a08";
const METADATA = "8b7ca206-4790-4b9a-b8fe-575f050f886e";

export interface Region {
  readonly offset: number;
  readonly length: number;
}

export interface Regions {
  readonly bat: Region;
  readonly metadata: Region;
}

/** The first table whose checksum holds. @throws corrupt, unsupported for a required region that is not known */
export async function readRegions(source: ByteSource, label: string): Promise<Regions> {
  for (const offset of REGION_OFFSETS) {
    const table = await readTable(source, offset, label);
    if (table) return parseTable(table, source);
  }
  throw corrupt(label, "neither region table has a checksum that matches", REGION_OFFSETS[0]);
}

/**
 * A table fills 64 KiB and is mostly zeros: its first 4 KiB followed by zeros are what the checksum is tried on
 * first, so that the rest is not read for nothing.
 */
async function readTable(source: ByteSource, offset: number, label: string): Promise<View | undefined> {
  if (offset + TABLE_BYTES > source.size) return undefined;
  const front = new View(await source.read(offset, FRONT_BYTES), label, offset);
  if (!front.is(0, "regi")) return undefined;
  if (checksumHolds(front, TABLE_BYTES - FRONT_BYTES)) return front;
  const whole = new View(await source.read(offset, TABLE_BYTES), label, offset);
  return checksumHolds(whole) ? whole : undefined;
}

function parseTable(table: View, source: ByteSource): Regions {
  const { label, base } = table;
  const count = table.u32le(8);
  if (count > ENTRIES_MAX) throw corrupt(label, `region table of ${count} entries`, base + 8);
  let bat: Region | undefined;
  let metadata: Region | undefined;
  for (let i = 0; i < count; i++) {
    const entry = table.sub(16 + i * ENTRY_BYTES, ENTRY_BYTES);
    const id = entry.guid(0);
    const required = (entry.u32le(28) & 1) === 1;
    if (id !== BAT && id !== METADATA) {
      if (required) throw unsupported(label, `VHDX region ${id}`, entry.base);
      continue;
    }
    const region = { offset: entry.u64le(16), length: entry.u32le(24) };
    if (region.offset < MIB || region.offset % MIB !== 0 || region.offset + region.length > source.size)
      throw corrupt(
        label,
        `region of ${region.length} bytes at ${region.offset} in a file of ${source.size}: is it complete?`,
        entry.base + 16,
      );
    if ((id === BAT ? bat : metadata) !== undefined)
      throw corrupt(label, "the region table lists a region twice", entry.base);
    if (id === BAT) bat = region;
    else metadata = region;
  }
  if (!bat || !metadata) throw corrupt(label, `no region for the ${bat ? "metadata" : "block table"}`, base);
  return { bat, metadata };
}

import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { type ParentLocator, parseParentLocator } from "./parent-locator.ts";
import type { Region } from "./regions.ts";

// Source: [MS-VHDX] 2.6 (metadata region).

const TABLE_BYTES = 64 << 10;
const FRONT_BYTES = 4096;
const TABLE_HEADER_BYTES = 32;
const ENTRY_BYTES = 32;
const ENTRIES_MAX = 2047;
/** [MS-VHDX] allows 1 MiB; the longest that matters is the parent locator. */
const ITEM_BYTES_MAX = 64 << 10;
const REQUIRED = 4;
const MIB = 1 << 20;
const DISK_BYTES_MAX = 64 * 2 ** 40;

const FILE_PARAMETERS = "caa16737-fa36-4d43-b3b6-33f0aa44e76b";
const DISK_SIZE = "2fa54224-cd1b-4876-b211-5dbed83bf4b8";
const LOGICAL_SECTOR = "8141bf1d-a96f-4709-ba47-f233a8faab5f";
const PARENT_LOCATOR = "a8d35f2d-b30b-454d-abf7-d3d84834ab0c";
/** Known, and nothing that reading needs: disk identifier, physical sector size. */
const IGNORED = ["beca12ab-b2e6-4523-93ef-c309e000c746", "cda348c7-445d-4471-9cc9-e9885251c556"];
const KNOWN = new Set([FILE_PARAMETERS, DISK_SIZE, LOGICAL_SECTOR, PARENT_LOCATOR, ...IGNORED]);

export interface Metadata {
  readonly sizeBytes: number;
  readonly blockBytes: number;
  readonly sectorBytes: 512 | 4096;
  /** All blocks are allocated and stay so. */
  readonly fixed: boolean;
  readonly parent?: ParentLocator;
}

interface Item {
  readonly offset: number;
  readonly length: number;
}

/** Reads what the metadata says of the disk: one round, as its items almost always begin 64 KiB behind its table. */
export async function readMetadata(source: ByteSource, region: Region, label: string): Promise<Metadata> {
  if (region.length < TABLE_BYTES) throw corrupt(label, "metadata region too short", region.offset);
  const guess = Math.min(FRONT_BYTES, region.length - TABLE_BYTES);
  const [bytes] = await Promise.all([
    source.read(region.offset, FRONT_BYTES),
    source.read(region.offset + TABLE_BYTES, guess),
  ]);
  const front = new View(bytes, label, region.offset);
  if (!front.is(0, "metadata")) throw corrupt(label, "no metadata table", region.offset);
  const count = front.u16le(10);
  if (count > ENTRIES_MAX) throw corrupt(label, `metadata table of ${count} entries`, region.offset + 10);
  const tableBytes = TABLE_HEADER_BYTES + count * ENTRY_BYTES;
  const table =
    tableBytes <= front.length
      ? front
      : new View(await source.read(region.offset, tableBytes), label, region.offset);
  const items = itemsOf(table, count, region);
  const read = async (id: string, name: string): Promise<View> => {
    const item = items.get(id);
    if (!item) throw corrupt(label, `the metadata lacks the ${name}`, region.offset);
    return new View(await source.read(item.offset, item.length), label, item.offset);
  };
  const [parameters, size, sector, locator] = await Promise.all([
    read(FILE_PARAMETERS, "file parameters"),
    read(DISK_SIZE, "disk size"),
    read(LOGICAL_SECTOR, "logical sector size"),
    items.has(PARENT_LOCATOR) ? read(PARENT_LOCATOR, "parent locator") : undefined,
  ]);
  return checked(parameters, size, sector, locator);
}

function itemsOf(table: View, count: number, region: Region): ReadonlyMap<string, Item> {
  const items = new Map<string, Item>();
  for (let i = 0; i < count; i++) {
    const entry = table.sub(TABLE_HEADER_BYTES + i * ENTRY_BYTES, ENTRY_BYTES);
    const id = entry.guid(0);
    if (!KNOWN.has(id)) {
      if ((entry.u32le(24) & REQUIRED) !== 0)
        throw unsupported(table.label, `VHDX metadata item ${id}`, entry.base);
      continue;
    }
    const item = { offset: region.offset + entry.u32le(16), length: entry.u32le(20) };
    if (item.length > ITEM_BYTES_MAX)
      throw limitReached(table.label, `metadata item of ${item.length} bytes`, entry.base + 20);
    if (entry.u32le(16) < TABLE_BYTES || entry.u32le(16) + item.length > region.length)
      throw corrupt(table.label, "a metadata item lies outside its region", entry.base + 16);
    if (items.has(id)) throw corrupt(table.label, "a metadata item is there twice", entry.base);
    items.set(id, item);
  }
  return items;
}

function checked(parameters: View, size: View, sector: View, locator: View | undefined): Metadata {
  const { label } = parameters;
  const blockBytes = parameters.u32le(0);
  if (blockBytes < MIB || blockBytes > 256 * MIB || !Number.isInteger(Math.log2(blockBytes)))
    throw corrupt(label, `blocks of ${blockBytes} bytes are impossible`, parameters.base);
  const flags = parameters.u32le(4);
  const hasParent = (flags & 2) !== 0;
  if (hasParent && !locator)
    throw corrupt(label, "a differencing disk without parent locator", parameters.base);
  const sectorBytes = sector.u32le(0);
  if (sectorBytes !== 512 && sectorBytes !== 4096)
    throw corrupt(label, `sectors of ${sectorBytes} bytes are impossible`, sector.base);
  const sizeBytes = size.u64le(0);
  if (sizeBytes % sectorBytes !== 0 || sizeBytes > DISK_BYTES_MAX)
    throw corrupt(label, `a disk of ${sizeBytes} bytes is impossible`, size.base);
  return {
    sizeBytes,
    blockBytes,
    sectorBytes,
    fixed: (flags & 1) !== 0,
    ...(hasParent && locator ? { parent: parseParentLocator(locator) } : {}),
  };
}

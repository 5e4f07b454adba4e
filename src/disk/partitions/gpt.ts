import { corrupt, isReadError, type ScanError } from "../../errors.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import { crc32 } from "../bytes/crc32.ts";
import type { Format, PartitionTable } from "../bytes/format.ts";
import { View } from "../bytes/view.ts";
import { isProtective, masterEntries, PROTECTIVE } from "./boot-sector.ts";
import { GPT_MAGIC, type GptHeader, parseGptHeader } from "./gpt-header.ts";
import { partitionsOf, type Slot } from "./slots.ts";

// Source: UEFI 2.11 section 5.3 (GPT disk layout).

const SECTOR_SIZES = [512, 4096] as const;
/**
 * The MBR, both places of the header, and of a disk with 512-byte sectors the first 28 entries: hardly a disk has more
 * partitions, and that the other entries are empty is told by their checksum.
 */
export const GPT_FRONT_BYTES: number = 4096 + 512;
/** The same of a disk with sectors of 4,096 bytes, with all of 128 entries. */
const LARGE_FRONT_BYTES = 24 << 10;
const NAME_BYTES = 72;

interface Table {
  readonly sectorSizeBytes: number;
  readonly header: GptHeader;
  readonly array: View;
}

/**
 * The GUID partition table. It is one when an MBR announces it (as Linux and firmware require), or when its
 * header is there and there is no MBR that says otherwise.
 *
 * Both checksums are verified. The entries behind the front are taken for empty if the checksum of all holds with
 * zeros in their place, and read otherwise. The backup at the end of the disk is read only when something about the
 * primary one is wrong.
 */
export const gpt: Format<PartitionTable> = {
  name: "gpt",
  async probe(source) {
    const view = await front(source);
    const entries = view.length < 512 ? undefined : masterEntries(view);
    if (entries) return isProtective(entries);
    return SECTOR_SIZES.some((at) => view.is(at, GPT_MAGIC));
  },
  async open(source) {
    const view = await front(source);
    const notes = boot(view);
    const primary = await attempt(() => primaryTable(source, view));
    const table = "table" in primary ? primary.table : await backupTable(source, view.label, primary.error);
    if ("error" in primary)
      notes.push(
        `primary table is bad (${primary.error.message}): the backup at the end of the disk is used`,
      );
    const { sectorSizeBytes } = table;
    const found = partitionsOf(source, "gpt", sectorSizeBytes, slotsOf(table));
    return {
      scheme: "gpt",
      diskId: table.header.diskId,
      sectorSizeBytes,
      partitions: found.partitions,
      notes: [...notes, ...found.notes],
    };
  },
};

async function front(source: ByteSource, bytes: number = GPT_FRONT_BYTES): Promise<View> {
  return new View(await source.read(0, Math.min(bytes, source.size)), `${source.label} > gpt`);
}

/** What is odd about the MBR before the table. */
function boot(view: View): string[] {
  const entries = view.length < 512 ? undefined : masterEntries(view);
  if (!entries || !isProtective(entries)) return ["no protective MBR: Linux ignores this table"];
  const hybrid = entries.some(({ type, sectors }) => sectors > 0 && type !== 0 && type !== PROTECTIVE);
  return hybrid ? ["hybrid MBR: its own partitions are ignored"] : [];
}

async function attempt(
  make: () => Promise<Table>,
): Promise<{ readonly table: Table } | { readonly error: ScanError }> {
  try {
    return { table: await make() };
  } catch (error) {
    if (!isReadError(error) || error.code === "access" || error.code === "transient") throw error;
    return { error };
  }
}

/** The header tells the sector size by where it lies; when both places have one, the first good one counts. */
async function primaryTable(source: ByteSource, view: View): Promise<Table> {
  let first: ScanError | undefined;
  for (const sectorSizeBytes of SECTOR_SIZES) {
    if (!view.is(sectorSizeBytes, GPT_MAGIC)) continue;
    const found = await attempt(async () => {
      const known = sectorSizeBytes === 512 ? view : await front(source, LARGE_FRONT_BYTES);
      return tableAt(source, known, sectorSizeBytes, 1);
    });
    if ("table" in found) return found.table;
    first ??= found.error;
  }
  throw first ?? corrupt(view.label, "no GPT header", 512);
}

async function backupTable(source: ByteSource, label: string, primary: ScanError): Promise<Table> {
  const start = Math.max(0, source.size - 4096);
  const tail = new View(await source.read(start, source.size - start), label, start);
  let why = "none";
  for (const sectorSizeBytes of SECTOR_SIZES) {
    const lba = Math.floor(source.size / sectorSizeBytes) - 1;
    const at = lba * sectorSizeBytes - start;
    if (at < 0 || !tail.is(at, GPT_MAGIC)) continue;
    const found = await attempt(() => tableAt(source, tail, sectorSizeBytes, lba));
    if ("table" in found) return found.table;
    why = found.error.message;
  }
  throw corrupt(
    label,
    `the MBR announces a GPT, and there is no good one: ${primary.message}; backup at the end of the disk: ${why}`,
    512,
  );
}

/** The table whose header is sector `lba`; `known` holds that sector and perhaps the entries, too. */
async function tableAt(
  source: ByteSource,
  known: View,
  sectorSizeBytes: number,
  lba: number,
): Promise<Table> {
  const sector = known.sub(lba * sectorSizeBytes - known.base, sectorSizeBytes);
  const header = parseGptHeader(sector, lba);
  const { arrayOffset, entries, entryBytes, arrayCrc } = header;
  const length = entries * entryBytes;
  const isWhole = arrayOffset + length <= source.size;
  const front = isWhole ? knownArray(known, arrayOffset, length, arrayCrc) : undefined;
  const array = front ?? (await source.read(arrayOffset, length));
  if (crc32(array) !== arrayCrc)
    throw corrupt(known.label, "checksum of the GPT entries is wrong", arrayOffset);
  return { sectorSizeBytes, header, array: new View(array, known.label, arrayOffset) };
}

/** The entries, when what is known of them and zeros for the others have their checksum. */
function knownArray(known: View, offset: number, length: number, crc: number): Uint8Array | undefined {
  const at = offset - known.base;
  if (at < 0 || at >= known.length) return undefined;
  const array = new Uint8Array(length);
  array.set(known.slice(at, Math.min(length, known.length - at)));
  return crc32(array) === crc ? array : undefined;
}

function slotsOf({ header, array }: Table): Slot[] {
  const slots: Slot[] = [];
  for (let index = 0; index < header.entries; index++) {
    const at = index * header.entryBytes;
    if (array.big64le(at) === 0n && array.big64le(at + 8) === 0n) continue;
    // Above 2^53 these lose precision, and lie outside of any disk all the same.
    const firstSector = Number(array.big64le(at + 32));
    const lastSector = Number(array.big64le(at + 40));
    const attributes = array.big64le(at + 48);
    slots.push({
      number: index + 1,
      label: nameOf(array.slice(at + 56, NAME_BYTES)),
      type: array.guid(at),
      uuid: array.guid(at + 16),
      ...(attributes === 0n ? {} : { attributes }),
      firstSector,
      sectors: lastSector - firstSector + 1,
    });
  }
  return slots;
}

function nameOf(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-16le").decode(bytes);
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

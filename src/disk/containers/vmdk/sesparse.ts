/**
 * Space-efficient sparse extents, which ESXi makes for snapshots. VMware has not published the format: what is read is
 * what QEMU's block/vmdk.c found out, and nothing else is taken. All numbers are little-endian.
 */
import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { beneath, byBlock, mapped } from "../../bytes/mapped.ts";
import { tablePieces } from "../../bytes/table-pieces.ts";
import { View } from "../../bytes/view.ts";

const SECTOR = 512;
const CONSTANT_MAGIC = 0xcafebabe;
const VOLATILE_MAGIC = 0xcafecafe;
/** 2.1 */
const VERSION = 0x200000001n;
const GRAIN_SECTORS = 8;
const TABLE_SECTORS = 64;
const ENTRY = 8;
const TABLE_BYTES = TABLE_SECTORS * SECTOR;
const TABLE_ENTRIES = TABLE_BYTES / ENTRY;
const GRAIN_BYTES = GRAIN_SECTORS * SECTOR;

/** The top four bits of an entry. */
const STATE = { none: 0, unmapped: 1, zeros: 2, stored: 3 } as const;

interface Header {
  readonly sizeBytes: number;
  readonly directory: number;
  readonly directoryBytes: number;
  readonly tables: number;
  readonly grains: number;
}

/**
 * The part of a disk that an extent holds.
 * @param parent what shows through where nothing was written, its first byte being the extent's own
 * @throws corrupt; unsupported for a journal that would have to be replayed, and other versions
 */
export async function sesparseExtent(
  source: ByteSource,
  label: string,
  parent?: ByteSource,
): Promise<ByteSource> {
  const header = await readHeader(source, label);
  const piece = tablePieces(source, label);

  async function entry(offset: number, what: string): Promise<bigint> {
    const { view, at } = await piece(offset, ENTRY, what);
    return view.big64le(at);
  }

  /** Where a grain lies; undefined where nothing was written. */
  async function grainAt(index: number): Promise<number | "zeros" | undefined> {
    const inDirectory = Math.floor(index / TABLE_ENTRIES) * ENTRY;
    if (inDirectory >= header.directoryBytes)
      throw corrupt(label, `grain ${index} is beyond the directory of ${header.directoryBytes} bytes`);
    const at = header.directory + inDirectory;
    const table = await entry(at, "grain directory");
    if (table === 0n) return undefined;
    if (table >> 32n !== 0x10000000n) throw corrupt(label, "grain directory: impossible entry", at);
    const place = header.tables + Number(table & 0xffffffffn) * TABLE_BYTES + (index % TABLE_ENTRIES) * ENTRY;
    const grain = await entry(place, "grain table");
    switch (Number(grain >> 60n)) {
      case STATE.none:
        if (grain === 0n) return undefined;
        break;
      case STATE.unmapped:
      case STATE.zeros:
        return "zeros";
      case STATE.stored: {
        // The number's low twelve bits stand above the others.
        const number = Number(((grain >> 48n) & 0xfffn) | ((grain & 0xffffffffffffn) << 12n));
        const offset = header.grains + number * GRAIN_BYTES;
        if (offset + GRAIN_BYTES > source.size)
          throw corrupt(label, `grain ${index} lies outside the file: is the file complete?`, place);
        return offset;
      }
    }
    throw corrupt(label, "grain table: impossible entry", place);
  }

  return mapped(header.sizeBytes, label, (offset, length) =>
    byBlock(offset, length, GRAIN_BYTES, async (index, within, part) => {
      const grain = await grainAt(index);
      if (grain === undefined) return beneath(parent, index * GRAIN_BYTES + within, part);
      if (grain === "zeros") return [{ kind: "zeros", length: part }];
      return [{ kind: "stored", length: part, source, offset: grain + within }];
    }),
  );
}

async function readHeader(source: ByteSource, label: string): Promise<Header> {
  const view = new View(await source.read(0, SECTOR), label);
  if (view.u64le(0) !== CONSTANT_MAGIC) throw corrupt(label, "no SESparse magic", 0);
  if (view.big64le(8) !== VERSION) throw unsupported(label, `SESparse version ${view.big64le(8)}`, 8);
  const [grain, table] = [view.u64le(24), view.u64le(32)];
  if (grain !== GRAIN_SECTORS || table !== TABLE_SECTORS)
    throw unsupported(label, `SESparse grains of ${grain} and tables of ${table} sectors`, 24);
  if (view.slice(40, 40).some((byte) => byte !== 0)) throw unsupported(label, "SESparse flags", 40);
  const at = (field: number): number => {
    const bytes = view.u64le(field) * SECTOR;
    if (!Number.isSafeInteger(bytes)) throw corrupt(label, "an offset is impossible", field);
    return bytes;
  };
  const written = at(80);
  if (written + SECTOR > source.size) throw corrupt(label, "its second header lies outside the file", 80);
  const second = new View(await source.read(written, SECTOR), label, written);
  if (second.u64le(0) !== VOLATILE_MAGIC) throw corrupt(label, "its second header has a bad magic", written);
  if (second.big64le(24) !== 0n)
    throw unsupported(label, "SESparse whose journal would have to be replayed", written + 24);
  return {
    sizeBytes: at(16),
    directory: at(128),
    directoryBytes: at(136),
    tables: at(144),
    grains: at(192),
  };
}

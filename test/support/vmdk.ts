import { deflateSync } from "node:zlib";

// Source: VMware, Virtual Disk Format 5.0.

const SECTOR = 512;

/** One grain of a crafted extent. */
export type GuestGrain = "hole" | "zero" | Uint8Array;

export interface VmdkOptions {
  readonly grainSectors?: number;
  readonly tableEntries?: number;
  /** zlib, with markers unless `markers` is false. */
  readonly compressed?: boolean;
  readonly markers?: boolean;
  /** Directory, tables and header at the end, as VMware streams a disk. */
  readonly footer?: boolean;
  /** A second directory with tables of its own, in front. */
  readonly redundant?: boolean;
  readonly zeroedGrains?: boolean;
  readonly sizeSectors?: number;
  /** The embedded descriptor; "" for none. */
  readonly descriptor?: string;
}

export interface CraftedVmdk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  /** Offsets of the directory in force and of its tables. */
  readonly directory: number;
  readonly tables: readonly number[];
  readonly redundantDirectory: number;
  /** Where each grain begins; 0 when it is not stored. */
  readonly grains: readonly number[];
}

export function descriptorText(extents: readonly string[], settings: Record<string, string> = {}): string {
  const all = { version: "1", CID: "12345678", parentCID: "ffffffff", createType: '"custom"', ...settings };
  const lines = Object.entries(all).map(([key, value]) => `${key}=${value}`);
  return `# Disk DescriptorFile\n${[...lines, "", "# Extent description", ...extents].join("\n")}\n`;
}

/** A sparse extent: header, descriptor, [redundant directory and tables], directory and tables, grains. */
export function craftVmdk(guest: readonly GuestGrain[], options: VmdkOptions = {}): CraftedVmdk {
  const grainSectors = options.grainSectors ?? 8;
  const tableEntries = options.tableEntries ?? 512;
  const sizeSectors = options.sizeSectors ?? guest.length * grainSectors;
  const tableCount = Math.ceil(sizeSectors / grainSectors / tableEntries);
  const text =
    options.descriptor ??
    descriptorText([`RW ${sizeSectors} SPARSE "x.vmdk"`], { createType: '"monolithicSparse"' });
  const out = new Sectors();
  out.add(new Uint8Array(SECTOR));
  const descriptorSector = text === "" ? 0 : out.add(new TextEncoder().encode(text), 2 * SECTOR);
  const tableBytes = Math.ceil((tableEntries * 4) / SECTOR) * SECTOR;
  const reserve = (): { directory: number; tables: number[] } => {
    const directory = out.add(new Uint8Array(tableCount * 4));
    return {
      directory,
      tables: Array.from({ length: tableCount }, () => out.add(new Uint8Array(tableBytes))),
    };
  };
  const redundant = options.redundant ? reserve() : undefined;
  const front = options.footer ? undefined : reserve();
  const grains = guest.map((one, i) => {
    if (typeof one === "string") return 0;
    return out.add(options.compressed ? packedGrain(one, i * grainSectors, options.markers ?? true) : one);
  });
  if (options.footer) out.add(marker(Math.ceil(tableBytes / SECTOR), 1));
  const main = front ?? reserve();
  if (options.footer) out.add(marker(0, 3));
  const header = headerBytes(options, sizeSectors, grainSectors, tableEntries);
  const h = new DataView(header.buffer);
  h.setBigUint64(28, BigInt(descriptorSector), true);
  h.setBigUint64(36, BigInt(text === "" ? 0 : 2), true);
  h.setBigUint64(48, BigInt(redundant?.directory ?? 0), true);
  h.setBigUint64(56, BigInt(main.directory), true);
  if (options.footer) {
    out.add(header.slice());
    out.add(marker(0, 0));
    h.setBigUint64(56, 2n ** 64n - 1n, true);
  }
  const bytes = out.bytes();
  const view = new DataView(bytes.buffer);
  bytes.set(header);
  for (const { directory, tables } of [main, ...(redundant ? [redundant] : [])]) {
    for (const [i, table] of tables.entries()) view.setUint32(directory * SECTOR + i * 4, table, true);
    for (const [i, one] of guest.entries()) {
      const table = tables[Math.floor(i / tableEntries)] ?? 0;
      const entry = one === "zero" ? 1 : (grains[i] ?? 0);
      view.setUint32(table * SECTOR + (i % tableEntries) * 4, entry, true);
    }
  }
  return {
    bytes,
    view,
    directory: main.directory * SECTOR,
    tables: main.tables.map((sector) => sector * SECTOR),
    redundantDirectory: (redundant?.directory ?? 0) * SECTOR,
    grains: grains.map((sector) => sector * SECTOR),
  };
}

function headerBytes(
  options: VmdkOptions,
  sizeSectors: number,
  grainSectors: number,
  tableEntries: number,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(SECTOR);
  const view = new DataView(header.buffer);
  header.set(Buffer.from("KDMV"));
  view.setUint32(4, options.compressed ? 3 : 1, true);
  const markers = options.compressed && (options.markers ?? true);
  view.setUint32(
    8,
    1 |
      (options.redundant ? 2 : 0) |
      (options.zeroedGrains ? 4 : 0) |
      (options.compressed ? 1 << 16 : 0) |
      (markers ? 1 << 17 : 0),
    true,
  );
  view.setBigUint64(12, BigInt(sizeSectors), true);
  view.setBigUint64(20, BigInt(grainSectors), true);
  view.setUint32(44, tableEntries, true);
  view.setBigUint64(64, 1n, true);
  header.set(Buffer.from("\n \r\n"), 73);
  view.setUint16(77, options.compressed ? 1 : 0, true);
  return header;
}

/** A compressed grain as it lies in a stream; `data` stands for what zlib makes of it when given. */
export function packedGrain(
  grain: Uint8Array,
  sector: number,
  markers: boolean,
  data: Uint8Array = deflateSync(grain),
): Uint8Array {
  if (!markers) return data;
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(sector), true);
  view.setUint32(8, data.length, true);
  bytes.set(data, 12);
  return bytes;
}

/** A metadata marker: 1 grain table, 3 footer, 0 end of stream. */
function marker(sectors: number, type: number): Uint8Array {
  const bytes = new Uint8Array(SECTOR);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(sectors), true);
  view.setUint32(12, type, true);
  return bytes;
}

/** A COWD extent: header of four sectors, directory, tables of 4,096 entries, grains. */
export function craftCowd(guest: readonly GuestGrain[], grainSectors = 8): CraftedVmdk {
  const out = new Sectors();
  out.add(new Uint8Array(4 * SECTOR));
  const directory = out.add(new Uint8Array(SECTOR));
  const table = out.add(new Uint8Array(4096 * 4));
  const grains = guest.map((one) => (typeof one === "string" ? 0 : out.add(one)));
  const bytes = out.bytes();
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from("COWD"));
  for (const [at, value] of [
    [4, 1],
    [8, 3],
    [12, guest.length * grainSectors],
    [16, grainSectors],
    [20, directory],
    [24, 1],
    [28, bytes.length / SECTOR],
    [directory * SECTOR, table],
  ] as const)
    view.setUint32(at, value, true);
  for (const [i, sector] of grains.entries()) view.setUint32(table * SECTOR + i * 4, sector, true);
  return {
    bytes,
    view,
    directory: directory * SECTOR,
    tables: [table * SECTOR],
    redundantDirectory: 0,
    grains: grains.map((sector) => sector * SECTOR),
  };
}

/** A file that grows by whole sectors. */
class Sectors {
  readonly #parts: Uint8Array[] = [];
  #next = 0;

  /** The sector where `bytes`, filled up to `lengthMin`, begin. */
  add(bytes: Uint8Array, lengthMin = 0): number {
    const padded = new Uint8Array(Math.ceil(Math.max(bytes.length, lengthMin) / SECTOR) * SECTOR);
    padded.set(bytes);
    this.#parts.push(padded);
    const at = this.#next;
    this.#next += padded.length / SECTOR;
    return at;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#next * SECTOR);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

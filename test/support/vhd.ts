// Source: Microsoft, Virtual Hard Disk Image Format Specification 1.0.

const SECTOR = 512;

/** A block of a crafted dynamic disk; `written` tells which of its sectors are there (default: all). */
export interface GuestBlock {
  readonly bytes: Uint8Array;
  readonly written?: (sector: number) => boolean;
}

export interface VhdOptions {
  readonly blockBytes?: number;
  readonly sizeBytes?: number;
  readonly creator?: string;
  /** Sectors by geometry: cylinders, heads, sectors. */
  readonly geometry?: readonly [number, number, number];
  readonly uuid?: Uint8Array;
  /** Makes it a differencing disk. */
  readonly parent?: { readonly name: string; readonly uuid: Uint8Array };
}

export interface CraftedVhd {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  readonly header: number;
  readonly table: number;
}

const UUID = Uint8Array.from({ length: 16 }, (_, i) => i + 1);

/** Writes the checksum of a footer (512 bytes, at +64) or dynamic header (1024 bytes, at +36) again. */
export function sealVhd(bytes: Uint8Array, at: number, length: number): void {
  const field = at + (length === 1024 ? 36 : 64);
  bytes.fill(0, field, field + 4);
  let sum = 0;
  for (const byte of bytes.subarray(at, at + length)) sum += byte;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(field, ~sum >>> 0);
}

export function vhdFooter(
  type: number,
  sizeBytes: number,
  options: VhdOptions = {},
): Uint8Array<ArrayBuffer> {
  const footer = new Uint8Array(SECTOR);
  const view = new DataView(footer.buffer);
  footer.set(Buffer.from("conectix"));
  view.setUint32(8, 2);
  view.setUint32(12, 0x10000);
  view.setBigUint64(16, type === 2 ? 2n ** 64n - 1n : 512n);
  footer.set(Buffer.from(options.creator ?? "win "), 28);
  view.setBigUint64(40, BigInt(sizeBytes));
  view.setBigUint64(48, BigInt(sizeBytes));
  const [cylinders, heads, sectors] = options.geometry ?? [65_535, 16, 255];
  view.setUint16(56, cylinders);
  view.setUint8(58, heads);
  view.setUint8(59, sectors);
  view.setUint32(60, type);
  footer.set(options.uuid ?? UUID, 68);
  sealVhd(footer, 0, SECTOR);
  return footer;
}

export function craftFixedVhd(disk: Uint8Array, options: VhdOptions = {}): Uint8Array<ArrayBuffer> {
  return joined([disk, vhdFooter(2, options.sizeBytes ?? disk.length, options)]);
}

/** Footer copy, dynamic header, block table, then each block behind its bitmap, footer. */
export function craftDynamicVhd(
  blocks: readonly (GuestBlock | undefined)[],
  options: VhdOptions = {},
): CraftedVhd {
  const blockBytes = options.blockBytes ?? 4096;
  const footer = vhdFooter(options.parent ? 4 : 3, options.sizeBytes ?? blocks.length * blockBytes, options);
  const header = new Uint8Array(1024);
  const h = new DataView(header.buffer);
  header.set(Buffer.from("cxsparse"));
  h.setBigUint64(8, 2n ** 64n - 1n);
  h.setBigUint64(16, 1536n);
  h.setUint32(24, 0x10000);
  h.setUint32(28, blocks.length);
  h.setUint32(32, blockBytes);
  if (options.parent) {
    header.set(options.parent.uuid, 40);
    for (let i = 0; i < options.parent.name.length; i++)
      h.setUint16(64 + 2 * i, options.parent.name.charCodeAt(i));
  }
  sealVhd(header, 0, 1024);
  const table = new Uint8Array(Math.ceil((blocks.length * 4) / SECTOR) * SECTOR).fill(0xff);
  const parts: Uint8Array[] = [footer, header, table];
  let next = 1536 + table.length;
  for (const [i, block] of blocks.entries()) {
    if (!block) continue;
    new DataView(table.buffer).setUint32(i * 4, next / SECTOR);
    const bitmap = new Uint8Array(Math.ceil(blockBytes / SECTOR / 8 / SECTOR) * SECTOR);
    for (let sector = 0; sector < blockBytes / SECTOR; sector++)
      if (block.written?.(sector) ?? true)
        bitmap[sector >> 3] = (bitmap[sector >> 3] ?? 0) | (128 >> (sector & 7));
    parts.push(bitmap, block.bytes);
    next += bitmap.length + blockBytes;
  }
  const bytes = joined([...parts, footer]);
  return { bytes, view: new DataView(bytes.buffer), header: 512, table: 1536 };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

import { corrupt } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";

/** The geometry and identity of a FAT volume. */
export interface BootSector {
  readonly bits: 12 | 16 | 32;
  readonly clusterBytes: number;
  readonly fatOffset: number;
  readonly fatBytes: number;
  /** FAT12 and FAT16: where the root folder lies, and how long it is. */
  readonly rootOffset: number;
  readonly rootBytes: number;
  /** FAT32: the root folder's first cluster. */
  readonly rootCluster: number;
  readonly dataOffset: number;
  readonly clustersCount: number;
  readonly uuid: string;
  /** From the boot sector; the root folder's own entry comes first where there is one. */
  readonly label: string;
}

const FAT12_CLUSTERS_MAX = 4084;
const FAT16_CLUSTERS_MAX = 65524;

/**
 * True when the first sector's parameters make sense as FAT. The 55AA signature is not asked for: old floppies
 * lack it. Source: Microsoft, FAT: General Overview of On-Disk Format, "BPB".
 */
export function looksLikeFat(sector: Uint8Array): boolean {
  const view = new View(sector, "boot sector");
  if (view.length < 512) return false;
  const jump = view.u8(0);
  const sectorBytes = view.u16le(0x0b);
  const perCluster = view.u8(0x0d);
  const media = view.u8(0x15);
  const foreign = ["NTFS    ", "EXFAT   ", "-FVE-FS-", "ReFS"].some((name) => view.is(3, name));
  return (
    !foreign &&
    (jump === 0xe9 || jump === 0xeb) &&
    [512, 1024, 2048, 4096].includes(sectorBytes) &&
    perCluster > 0 &&
    (perCluster & (perCluster - 1)) === 0 &&
    view.u16le(0x0e) > 0 &&
    view.u8(0x10) > 0 &&
    view.u8(0x10) <= 4 &&
    (media === 0xf0 || media >= 0xf8) &&
    (view.u16le(0x16) > 0 || view.u32le(0x24) > 0)
  );
}

export function parseBootSector(sector: Uint8Array, label: string): BootSector {
  const view = new View(sector, label, 0);
  const sectorBytes = view.u16le(0x0b);
  const reserved = view.u16le(0x0e);
  const fats = view.u8(0x10);
  const rootEntries = view.u16le(0x11);
  const sectors = view.u16le(0x13) || view.u32le(0x20);
  const small = view.u16le(0x16);
  const fatSectors = small || view.u32le(0x24);
  const clusterBytes = sectorBytes * view.u8(0x0d);
  const rootBytes = rootEntries * 32;
  const rootSectors = Math.ceil(rootBytes / sectorBytes);
  const firstData = reserved + fats * fatSectors + rootSectors;
  if (firstData >= sectors)
    throw corrupt(label, `FAT of ${sectors} sectors whose data begins at ${firstData}`, 0x13);
  const clustersCount = Math.floor(((sectors - firstData) * sectorBytes) / clusterBytes);
  // Volumes with fewer clusters than the rule book allows for FAT32 exist: their layout says what they are.
  const is32 = small === 0 && rootEntries === 0;
  const bits = is32 ? 32 : clustersCount <= FAT12_CLUSTERS_MAX ? 12 : 16;
  if (bits === 16 && clustersCount > FAT16_CLUSTERS_MAX)
    throw corrupt(label, `FAT16 of ${clustersCount} clusters`, 0x20);
  // FAT32 may keep one copy alone up to date.
  const flags = is32 ? view.u16le(0x28) : 0;
  const active = (flags & 0x80) !== 0 ? flags & 0xf : 0;
  if (active >= fats) throw corrupt(label, `FAT number ${active} of ${fats}`, 0x28);
  const extended = is32 ? 0x42 : 0x26;
  const signed = [0x28, 0x29].includes(view.u8(extended));
  return {
    bits,
    clusterBytes,
    fatOffset: (reserved + active * fatSectors) * sectorBytes,
    fatBytes: fatSectors * sectorBytes,
    rootOffset: (reserved + fats * fatSectors) * sectorBytes,
    rootBytes,
    rootCluster: is32 ? view.u32le(0x2c) : 0,
    dataOffset: firstData * sectorBytes,
    clustersCount,
    uuid: signed ? serialText(view.u32le(extended + 1)) : "",
    label: view.u8(extended) === 0x29 ? view.ascii(extended + 5, 11).trimEnd() : "",
  };
}

/** As blkid prints it: `E5D0-C0DE`. */
function serialText(serial: number): string {
  const hex = serial.toString(16).toUpperCase().padStart(8, "0");
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

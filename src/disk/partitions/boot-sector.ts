import type { View } from "../bytes/view.ts";

// Source: UEFI 2.11 section 5.2 (legacy and protective MBR); Linux block/partitions/msdos.c for what counts.

const ENTRIES_OFFSET = 446;
export const PROTECTIVE = 0xee;

export interface BootEntry {
  readonly active: number;
  readonly type: number;
  readonly firstSector: number;
  readonly sectors: number;
}

/** The four entries of a sector that ends in 55 AA, undefined for any other sector. */
export function bootEntries(sector: View): readonly BootEntry[] | undefined {
  if (!sector.is(510, "\x55\xaa")) return undefined;
  return [0, 1, 2, 3].map((index) => {
    const at = ENTRIES_OFFSET + 16 * index;
    return {
      active: sector.u8(at),
      type: sector.u8(at + 4),
      firstSector: sector.u32le(at + 8),
      sectors: sector.u32le(at + 12),
    };
  });
}

/**
 * The entries of a sector that can be a master boot record: its "active" bytes are 0x00 or 0x80, which the
 * code in their place in most other boot sectors is not, and at least one entry is in use.
 */
export function masterEntries(sector: View): readonly BootEntry[] | undefined {
  const entries = bootEntries(sector);
  if (!entries?.every(({ active }) => active === 0 || active === 0x80)) return undefined;
  return entries.some(({ type, sectors }) => type !== 0 && sectors > 0) ? entries : undefined;
}

export function isProtective(entries: readonly BootEntry[]): boolean {
  return entries.some(({ type, sectors }) => type === PROTECTIVE && sectors > 0);
}

/** True for an extended partition, the container of logical ones. */
export function isExtended({ type, sectors }: BootEntry): boolean {
  return sectors > 0 && (type === 0x05 || type === 0x0f || type === 0x85);
}

/** True for the first sector of a FAT, exFAT, NTFS or BitLocker volume: these end in 55 AA, too. */
export function isVolumeBootSector(sector: View): boolean {
  if (["NTFS    ", "EXFAT   ", "-FVE-FS-"].some((name) => sector.is(3, name))) return true;
  const jump = sector.u8(0);
  const sectorSize = sector.u16le(11);
  const sectorsPerCluster = sector.u8(13);
  const media = sector.u8(21);
  return (
    (jump === 0xeb || jump === 0xe9) &&
    [512, 1024, 2048, 4096].includes(sectorSize) &&
    sectorsPerCluster > 0 &&
    (sectorsPerCluster & (sectorsPerCluster - 1)) === 0 &&
    sector.u16le(14) > 0 &&
    [1, 2].includes(sector.u8(16)) &&
    (media === 0xf0 || media >= 0xf8)
  );
}

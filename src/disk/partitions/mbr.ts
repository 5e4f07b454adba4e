import { corrupt } from "../../errors.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import type { Format, PartitionTable } from "../bytes/format.ts";
import { View } from "../bytes/view.ts";
import {
  type BootEntry,
  isExtended,
  isProtective,
  isVolumeBootSector,
  masterEntries,
} from "./boot-sector.ts";
import { logicalSlots } from "./logical.ts";
import { mbrSectorSize } from "./mbr-sector-size.ts";
import { partitionsOf, type Slot } from "./slots.ts";

// Source: UEFI 2.11 section 5.2.1; numbering and the choice of what counts as Linux block/partitions/msdos.c.

const FRONT_BYTES = 4096;
const SIGNATURE_OFFSET = 440;

/** The partition table of PCs before UEFI. A protective MBR is none: it belongs to GPT. */
export const mbr: Format<PartitionTable> = {
  name: "mbr",
  probe: async (source) => masterRecord(source, await front(source)) !== undefined,
  async open(source) {
    const view = await front(source);
    const entries = masterRecord(source, view);
    if (!entries) throw corrupt(view.label, "no master boot record", 0);
    const sectorSizeBytes = await mbrSectorSize(source, entries);
    const signature = view.u32le(SIGNATURE_OFFSET);
    const primary = entries.flatMap((entry, index) =>
      entry.sectors === 0 || isExtended(entry) ? [] : [slotOf(entry, index + 1, signature)],
    );
    const chains = await logicalSlots(source, view.label, entries.filter(isExtended), sectorSizeBytes);
    const logical = chains.entries.map((entry, index) => slotOf(entry, index + 5, signature));
    const { partitions, notes } = partitionsOf(source, "mbr", sectorSizeBytes, [...primary, ...logical]);
    const stale = [512, 4096].some((at) => view.is(at, "EFI PART"))
      ? ["a GPT lies behind this MBR, which does not announce it: ignored, as Linux does"]
      : [];
    return {
      scheme: "mbr",
      diskId: hex(signature, 8),
      sectorSizeBytes,
      partitions,
      notes: [...stale, ...chains.notes, ...notes],
    };
  },
};

async function front(source: ByteSource): Promise<View> {
  const bytes = await source.read(0, Math.min(FRONT_BYTES, source.size));
  return new View(bytes, `${source.label} > mbr`);
}

/**
 * The entries, when the first sector is a master boot record. The boot sector of a whole-disk FAT or NTFS is
 * one only when its entries are beyond doubt: a disk that was partitioned after it held such a file system.
 */
function masterRecord(source: ByteSource, view: View): readonly BootEntry[] | undefined {
  if (view.length < 512) return undefined;
  const entries = masterEntries(view);
  if (!entries || isProtective(entries)) return undefined;
  const used = entries.filter(({ sectors }) => sectors > 0);
  const diskSectors = Math.floor(source.size / 512);
  if (!used.some(({ firstSector }) => firstSector < diskSectors)) return undefined;
  if (isVolumeBootSector(view) && !soundEntries(used, diskSectors)) return undefined;
  return entries;
}

function soundEntries(used: readonly BootEntry[], diskSectors: number): boolean {
  let end = 1;
  for (const { firstSector, sectors, type } of used.toSorted((a, b) => a.firstSector - b.firstSector)) {
    if (type === 0 || firstSector < end) return false;
    end = firstSector + sectors;
  }
  return end <= diskSectors;
}

function slotOf(entry: BootEntry, number: number, signature: number): Slot {
  return {
    number,
    label: "",
    type: hex(entry.type, 2),
    uuid: signature === 0 ? "" : `${hex(signature, 8)}-${hex(number, 2)}`,
    ...(entry.active === 0 ? {} : { isActive: true }),
    firstSector: entry.firstSector,
    sectors: entry.sectors,
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

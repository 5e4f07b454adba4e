import type { ByteSource } from "../bytes/byte-source.ts";
import { peek } from "../bytes/signature.ts";
import { View } from "../bytes/view.ts";
import { type BootEntry, isExtended } from "./boot-sector.ts";

/** What the first 4 KiB of a volume, or of an extended partition, commonly show. */
const SIGNATURES: readonly (readonly [offset: number, magic: string])[] = [
  [510, "\x55\xaa"],
  [1080, "\x53\xef"],
  [0, "XFSB"],
  [0, "LUKS"],
  [512, "LABELONE"],
  [4086, "SWAPSPACE2"],
];
const BTRFS = { offset: 0x10040, magic: "_BHRfS_M" };

/**
 * An MBR does not say what its sectors are. They are 512 bytes, but for disks of 4096-byte sectors: taken here
 * only when all partitions would still lie on the disk, the first one shows the signature of a volume there,
 * and shows none where 512-byte sectors would put it. The first condition mostly saves the reads.
 */
export async function mbrSectorSize(source: ByteSource, entries: readonly BootEntry[]): Promise<512 | 4096> {
  const used = entries.filter(({ sectors }) => sectors > 0);
  const first = used.find((entry) => entry.firstSector > 0 && !isExtended(entry)) ?? used[0];
  const fits = used.every(({ firstSector, sectors }) => (firstSector + sectors) * 4096 <= source.size);
  if (!first || !fits) return 512;
  const [small, large] = await Promise.all([
    showsVolume(source, first.firstSector * 512),
    showsVolume(source, first.firstSector * 4096),
  ]);
  return large && !small ? 4096 : 512;
}

async function showsVolume(source: ByteSource, start: number): Promise<boolean> {
  const [front, btrfs] = await Promise.all([
    peek(source, start, 4096),
    peek(source, start + BTRFS.offset, BTRFS.magic.length),
  ]);
  if (btrfs && new View(btrfs, source.label).is(0, BTRFS.magic)) return true;
  const view = new View(front ?? new Uint8Array(0), source.label);
  return SIGNATURES.some(([offset, magic]) => view.is(offset, magic));
}

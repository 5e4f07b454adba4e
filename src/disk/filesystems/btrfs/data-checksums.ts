import { corrupt } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import { matches } from "./checksum.ts";
import { ITEM, type Key, OBJECT } from "./keys.ts";
import { treeRoot } from "./roots.ts";
import { scan } from "./search.ts";
import type { BtrfsVolume } from "./volume.ts";

// Source: Btrfs documentation, "On-disk format", EXTENT_CSUM: an item holds one checksum a sector.

/** Says whether sectors are what was written; made before they are read, so that both reads go together. */
export type SectorCheck = (sectors: View, logical: number) => void;

/** The checksums of the sectors `logical .. logical+length`. A sector without one fails, as in the kernel. */
export async function sectorCheck(
  volume: BtrfsVolume,
  logical: number,
  length: number,
): Promise<SectorCheck> {
  const { checksum, sectorBytes } = volume.superblock;
  const root = await treeRoot(volume, OBJECT.csumTree);
  if (!root) throw corrupt(volume.label, "Btrfs has no checksum tree");
  const stored = new Map<number, Uint8Array>();
  const key = (at: number): Key => ({
    objectid: OBJECT.extentCsum,
    type: ITEM.extentCsum,
    offset: BigInt(at),
  });
  const range = { from: key(logical), to: key(logical + length - 1), orBefore: true };
  await scan(volume, root, range, (item) => {
    if (item.key.objectid !== OBJECT.extentCsum || item.key.type !== ITEM.extentCsum) return;
    const start = Number(item.key.offset);
    const first = Math.max(0, Math.ceil((logical - start) / sectorBytes));
    const last = Math.min(item.data.length / checksum.bytes, (logical + length - start) / sectorBytes);
    for (let i = first; i + 1 <= last; i++)
      stored.set(start + i * sectorBytes, item.data.slice(i * checksum.bytes, checksum.bytes));
  });
  return (sectors, at) => {
    for (let offset = 0; offset < sectors.length; offset += sectorBytes) {
      const expected = stored.get(at + offset);
      if (!expected || !matches(checksum, sectors.slice(offset, sectorBytes), expected)) {
        const what = expected ? "checksum mismatch" : "no checksum";
        throw corrupt(
          sectors.label,
          `data at logical address ${at + offset}: ${what}`,
          sectors.base + offset,
        );
      }
    }
  };
}

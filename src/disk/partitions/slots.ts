import type { ByteSource } from "../bytes/byte-source.ts";
import type { Partition } from "../bytes/format.ts";
import { slice } from "../bytes/slice.ts";

/** A used entry of a partition table, in sectors, as it stands there: nothing of it is checked yet. */
export interface Slot
  extends Pick<Partition, "number" | "label" | "type" | "uuid" | "attributes" | "isActive"> {
  readonly firstSector: number;
  readonly sectors: number;
}

/**
 * The partitions of a table. One that reaches past the end of the disk (a truncated image) is cut there, one
 * that has nothing on the disk is left out; both are told in `notes`, and so are overlaps.
 */
export function partitionsOf(
  source: ByteSource,
  scheme: "gpt" | "mbr",
  sectorSizeBytes: number,
  slots: readonly Slot[],
): { partitions: Partition[]; notes: string[] } {
  const partitions: Partition[] = [];
  const notes: string[] = [];
  for (const { firstSector, sectors, ...entry } of slots) {
    const { number } = entry;
    const startBytes = firstSector * sectorSizeBytes;
    if (sectors <= 0) notes.push(`partition ${number} ends before it begins: left out`);
    else if (startBytes >= source.size)
      notes.push(`partition ${number} begins behind the end of the disk (${source.size} bytes): left out`);
    else {
      const sizeBytes = Math.min(sectors * sectorSizeBytes, source.size - startBytes);
      if (sizeBytes < sectors * sectorSizeBytes)
        notes.push(`partition ${number} reaches past the end of the disk (${source.size} bytes): cut there`);
      const data = slice(source, startBytes, sizeBytes, `${source.label} > ${scheme}#${number}`);
      partitions.push({ ...entry, startBytes, data });
    }
  }
  return { partitions, notes: [...notes, ...overlaps(partitions)] };
}

function overlaps(partitions: readonly Partition[]): string[] {
  const notes: string[] = [];
  const byStart = partitions.toSorted((a, b) => a.startBytes - b.startBytes || a.number - b.number);
  let furthest: Partition | undefined;
  for (const one of byStart) {
    if (furthest && one.startBytes < endOf(furthest))
      notes.push(`partitions ${furthest.number} and ${one.number} overlap`);
    if (!furthest || endOf(one) > endOf(furthest)) furthest = one;
  }
  return notes;
}

function endOf(partition: Partition): number {
  return partition.startBytes + partition.data.size;
}

import type { ByteSource } from "../bytes/byte-source.ts";
import { View } from "../bytes/view.ts";
import { type BootEntry, bootEntries, isExtended } from "./boot-sector.ts";

// Source: Linux block/partitions/msdos.c, parse_extended. Every logical partition has a boot record of its own
// inside the extended partition: entry 1 is the partition, relative to the record; an extended entry links to
// the next record, relative to the extended partition.

const RECORDS_MAX = 256;

/**
 * The logical partitions of all extended ones, in chain order, with absolute first sectors. A chain that is
 * broken, circular or too long ends there, with a note.
 */
export async function logicalSlots(
  source: ByteSource,
  label: string,
  extended: readonly BootEntry[],
  sectorSizeBytes: number,
): Promise<{ entries: BootEntry[]; notes: string[] }> {
  const entries: BootEntry[] = [];
  const notes: string[] = [];
  const seen = new Set<number>();
  for (const outer of extended) {
    let record = outer.firstSector;
    // What the link to the record says that it spans.
    let span = outer.sectors;
    for (;;) {
      const problem = problemWith(record, seen);
      const four = problem ? undefined : await recordAt(source, label, record, sectorSizeBytes);
      if (!four) {
        notes.push(
          `the chain of logical partitions ${problem ?? "is broken"} at sector ${record}: it ends there`,
        );
        break;
      }
      seen.add(record);
      entries.push(...partitionsIn(four, record, span, outer));
      const link = four.find(isExtended);
      if (!link) break;
      record = outer.firstSector + link.firstSector;
      span = link.sectors;
    }
  }
  return { entries, notes };
}

function problemWith(record: number, seen: ReadonlySet<number>): string | undefined {
  if (seen.has(record)) return "is circular";
  return seen.size >= RECORDS_MAX ? `has more than ${RECORDS_MAX} records` : undefined;
}

async function recordAt(
  source: ByteSource,
  label: string,
  record: number,
  sectorSizeBytes: number,
): Promise<readonly BootEntry[] | undefined> {
  const offset = record * sectorSizeBytes;
  if (record === 0 || offset + 512 > source.size) return undefined;
  return bootEntries(new View(await source.read(offset, 512), label, offset));
}

/**
 * Entries 3 and 4 are not in use by rights; Linux takes them when they lie inside the extended partition and inside
 * what the record spans.
 */
function partitionsIn(
  four: readonly BootEntry[],
  record: number,
  span: number,
  outer: BootEntry,
): BootEntry[] {
  return four.flatMap((entry, index) => {
    const firstSector = record + entry.firstSector;
    const inside =
      entry.firstSector + entry.sectors <= span &&
      firstSector >= outer.firstSector &&
      firstSector + entry.sectors <= outer.firstSector + outer.sectors;
    if (entry.sectors === 0 || isExtended(entry) || (index >= 2 && !inside)) return [];
    return [{ ...entry, firstSector }];
  });
}

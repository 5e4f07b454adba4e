import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { mbr } from "../../src/disk/partitions/mbr.ts";
import { missing, run, scratch } from "../support/images.ts";
import { random } from "../support/mutate.ts";
import { type CraftedEntry, writeBootRecord } from "../support/partitions.ts";

const SECTORS = 4096;
const FIRST = 64;
const FURTHER = [512, 1024, 1536, 2048, 2560] as const;
const CHAINS = 150;

/** A disk whose extended boot records are made by dice: links to anywhere, entries in places that are not theirs. */
function diceDisk(next: () => number): Uint8Array<ArrayBuffer> {
  const pick = <T>(some: readonly [T, ...T[]]): T => some[Math.floor(next() * some.length)] ?? some[0];
  const disk = new Uint8Array(SECTORS * 512);
  const extended = { first: FIRST, sectors: pick([1000, 3000, 4000]) };
  let unique = 0; // partx leaves out a second partition of one start, which the kernel takes
  const entryAt = (): CraftedEntry => {
    const type = pick([0, 0x83, 0x83, 0x05, 0x0f, 0x85]);
    const isLink = type === 5 || type === 0x0f || type === 0x85;
    // partx leaves out a link to the first record, which the kernel follows.
    const first = isLink ? pick(FURTHER) - FIRST : pick([8, 100, 448]) + unique++;
    return { type, first, sectors: pick([0, 50, 400, 900, 2500]) };
  };
  for (const at of [FIRST, ...FURTHER]) {
    const count = pick([1, 2, 2, 2, 3, 4]);
    if (next() > 0.1) writeBootRecord(disk, at * 512, Array.from({ length: count }, entryAt));
  }
  writeBootRecord(disk, 0, [
    { type: 0x83, first: 1, sectors: 8 },
    { type: pick([5, 0x0f, 0x85]), ...extended },
  ]);
  return disk;
}

test.skipIf(missing("partx"))(
  "chains of logical partitions by dice are what partx makes of them",
  async () => {
    const path = join(scratch("boot-records"), "disk");
    const next = random(4);
    let logical = 0;
    let circular = 0;
    for (let n = 0; n < CHAINS; n++) {
      const disk = diceDisk(next);
      writeFileSync(path, disk);
      const { partitions, notes } = await mbr.open(memorySource(disk, "disk"));
      const ours = partitions.map(
        ({ number, startBytes, data }) => `${number} ${startBytes / 512} ${data.size / 512}`,
      );
      const args = ["-r", "-g", "-o", "NR,START,SECTORS", path];
      const all = run("partx", args).toString().trim().split("\n");
      const theirs = all
        .map((line) => line.trim().split(/\s+/).map(Number))
        .filter(([number = 0, start = 0]) => number !== 2 && start < SECTORS)
        .map(
          ([number, start = 0, sectors = 0]) => `${number} ${start} ${Math.min(sectors, SECTORS - start)}`,
        );
      if (notes.some((note) => note.includes("is circular"))) circular++;
      expect(ours, `chain ${n}: ${notes.join("; ")}`).toEqual(theirs);
      logical += ours.length - 1;
    }
    console.log(`${CHAINS} chains, ${circular} of them circular, ${logical} logical partitions`);
  },
);

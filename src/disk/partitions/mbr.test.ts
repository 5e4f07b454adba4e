import { describe, expect, test } from "vitest";
import { tryMutants } from "../../../test/support/mutate.ts";
import { type CraftedEntry, writeBootRecord } from "../../../test/support/partitions.ts";
import { memorySource } from "../bytes/byte-source.ts";
import type { PartitionTable } from "../bytes/format.ts";
import { mbr } from "./mbr.ts";

const SIZE = 1 << 20;
const LINUX = { type: 0x83, first: 100, sectors: 200 };

function disk(entries: readonly CraftedEntry[] = [LINUX]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE);
  new DataView(bytes.buffer).setUint32(440, 0x0badcafe, true);
  writeBootRecord(bytes, 0, entries);
  return bytes;
}

function open(bytes: Uint8Array): Promise<PartitionTable> {
  return mbr.open(memorySource(bytes, "x"));
}

/** `[number, first sector, sectors]` of every partition. */
function shape({ partitions }: PartitionTable): number[][] {
  return partitions.map(({ number, startBytes, data }) => [number, startBytes / 512, data.size / 512]);
}

test("primary partitions keep their slots; empty ones are skipped", async () => {
  const none = { type: 0, first: 0, sectors: 0 };
  const table = await open(disk([none, LINUX, none, { type: 0x0c, first: 300, sectors: 50 }]));
  expect(table).toMatchObject({ scheme: "mbr", sectorSizeBytes: 512, notes: [] });
  expect(table.partitions.map(({ data, ...rest }) => ({ ...rest, at: data.label, size: data.size }))).toEqual(
    [
      {
        number: 2,
        label: "",
        type: "83",
        uuid: "0badcafe-02",
        startBytes: 51_200,
        at: "x > mbr#2",
        size: 102_400,
      },
      {
        number: 4,
        label: "",
        type: "0c",
        uuid: "0badcafe-04",
        startBytes: 153_600,
        at: "x > mbr#4",
        size: 25_600,
      },
    ],
  );
});

test("a disk without a signature has no PARTUUIDs", async () => {
  const bytes = disk();
  bytes.fill(0, 440, 444);
  expect((await open(bytes)).partitions[0]?.uuid).toBe("");
});

describe("logical partitions", () => {
  const OUTER = { type: 0x05, first: 400, sectors: 1000 };

  function chain(): Uint8Array<ArrayBuffer> {
    const bytes = disk([LINUX, OUTER]);
    writeBootRecord(bytes, 400 * 512, [
      { type: 0x83, first: 10, sectors: 90 },
      { type: 0x05, first: 200, sectors: 100 },
    ]);
    writeBootRecord(bytes, 600 * 512, [
      { type: 0x82, first: 10, sectors: 50 },
      { type: 0x85, first: 500, sectors: 300 },
    ]);
    writeBootRecord(bytes, 900 * 512, [{ type: 0x07, first: 20, sectors: 70 }]);
    return bytes;
  }

  test("count from 5, whatever the primary ones", async () => {
    const table = await open(chain());
    expect(shape(table)).toEqual([
      [1, 100, 200],
      [5, 410, 90],
      [6, 610, 50],
      [7, 920, 70],
    ]);
    expect(table.partitions.map(({ uuid }) => uuid)).toContain("0badcafe-07");
    expect(table.notes).toEqual([]);
  });

  test.each<[string, RegExp, number[], (bytes: Uint8Array) => void]>([
    [
      "links to itself",
      /circular/,
      [1, 5, 6],
      (bytes) =>
        writeBootRecord(bytes, 600 * 512, [
          { ...LINUX, first: 10 },
          { ...OUTER, first: 200 },
        ]),
    ],
    ["has no signature", /broken/, [1, 5], (bytes) => bytes.fill(0, 600 * 512 + 510, 601 * 512)],
    [
      "leaves the disk",
      /broken/,
      [1, 5, 6],
      (bytes) => writeBootRecord(bytes, 600 * 512, [LINUX, { ...OUTER, first: 0xffffffff }]),
    ],
  ])("a chain that %s ends there, with a note", async (_what, note, numbers, change) => {
    const bytes = chain();
    change(bytes);
    const table = await open(bytes);
    expect(table.partitions.map(({ number }) => number)).toEqual(numbers);
    expect(table.notes.join("\n")).toMatch(note);
  });

  test("a chain without end is bounded", async () => {
    const bytes = disk([{ ...OUTER, first: 1, sectors: 2000 }]);
    for (let record = 1; record < 2000; record++) {
      writeBootRecord(bytes, record * 512, [
        { type: 0x83, first: 1, sectors: 1 },
        { type: 0x05, first: record, sectors: 1 },
      ]);
    }
    const table = await open(bytes);
    expect(table.partitions).toHaveLength(256);
    expect(table.notes).toContainEqual(expect.stringMatching(/more than 256 records at sector 257/));
  });
});

test("a partition past the end of the disk is cut or left out, with a note", async () => {
  const table = await open(disk([LINUX, { ...LINUX, first: 2000, sectors: 100 }, { ...LINUX, first: 9000 }]));
  expect(shape(table)).toEqual([
    [1, 100, 200],
    [2, 2000, 48],
  ]);
  expect(table.notes).toHaveLength(2);
});

test("4096-byte sectors are seen by where the volume is", async () => {
  const bytes = disk([{ type: 0x83, first: 8, sectors: 100 }]);
  expect((await open(bytes)).sectorSizeBytes).toBe(512);
  bytes.set([0x53, 0xef], 8 * 4096 + 1080);
  const table = await open(bytes);
  expect(table.sectorSizeBytes).toBe(4096);
  expect(table.partitions[0]).toMatchObject({ startBytes: 32_768, data: { size: 409_600 } });
  bytes.set(Buffer.from("XFSB"), 8 * 512);
  expect((await open(bytes)).sectorSizeBytes).toBe(512);
});

describe("what is no MBR", () => {
  const fat = Buffer.from("eb3c904d53444f53352e30000204010002000200 00f80100".replace(" ", ""), "hex");

  test.each<[string, boolean, (bytes: Uint8Array) => void]>([
    ["zeros", false, (bytes) => bytes.fill(0)],
    ["no 55 AA", false, (bytes) => bytes.fill(0, 510, 512)],
    ["boot code where the entries are", false, (bytes) => bytes.fill(0x61, 440, 510)],
    [
      "boot code and no entries (GRUB)",
      false,
      (bytes) => {
        bytes.fill(0x90, 0, 440);
        bytes.fill(0, 440, 510);
      },
    ],
    ["only entries of type 0", false, (bytes) => writeBootRecord(bytes, 0, [{ ...LINUX, type: 0 }])],
    ["only entries behind the end", false, (bytes) => writeBootRecord(bytes, 0, [{ ...LINUX, first: 3000 }])],
    ["a protective MBR", false, (bytes) => writeBootRecord(bytes, 0, [{ ...LINUX, type: 0xee }])],
    [
      "FAT with an entry that begins at 0",
      false,
      (bytes) => {
        bytes.set(fat);
        writeBootRecord(bytes, 0, [{ ...LINUX, first: 0 }]);
      },
    ],
    [
      "NTFS with an entry past the end",
      false,
      (bytes) => {
        bytes.set(Buffer.from("NTFS    "), 3);
        writeBootRecord(bytes, 0, [{ ...LINUX, sectors: 9999 }]);
      },
    ],
    ["a disk partitioned after it held FAT", true, (bytes) => bytes.set(fat)],
    ["GRUB's boot code and a table", true, (bytes) => bytes.set(Buffer.from("eb63900000", "hex"))],
  ])("%s", async (_what, expected, change) => {
    const bytes = disk();
    change(bytes);
    expect(await mbr.probe(memorySource(bytes, "x"))).toBe(expected);
  });

  test("disks too small for one", async () => {
    for (const size of [0, 1, 511, 512]) {
      const source = memorySource(disk().slice(0, size), "x");
      expect(await mbr.probe(source)).toBe(false);
      await expect(mbr.open(source)).rejects.toMatchObject({ code: "corrupt" });
    }
  });
});

test("mutants give a table or an error that names its place", async () => {
  const bytes = disk([LINUX, { type: 0x05, first: 400, sectors: 1000 }]);
  writeBootRecord(bytes, 400 * 512, [LINUX, { type: 0x05, first: 200, sectors: 100 }]);
  writeBootRecord(bytes, 600 * 512, [LINUX]);
  const hot = [0, 400 * 512, 600 * 512].map((at) => [at + 440, at + 512] as const);
  let opened = 0;
  const count = await tryMutants(
    bytes,
    async (source) => {
      if (!(await mbr.probe(source))) return;
      for (const { data } of (await mbr.open(source)).partitions) await data.read(0, data.size);
      opened++;
    },
    { count: 3000, hot },
  );
  console.log(`mbr: ${count.mutants} mutants, ${opened} opened, ${count.refused} refused`);
  expect(opened).toBeGreaterThan(300);
});

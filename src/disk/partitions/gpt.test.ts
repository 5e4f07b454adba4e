import { describe, expect, test } from "vitest";
import { tryMutants } from "../../../test/support/mutate.ts";
import { LINUX_DATA, signHeader, writeBootRecord, writeGpt } from "../../../test/support/partitions.ts";
import { memorySource } from "../bytes/byte-source.ts";
import { coalesced } from "../bytes/coalesced.ts";
import { counted, newCost } from "../bytes/counted.ts";
import type { PartitionTable } from "../bytes/format.ts";
import { gpt } from "./gpt.ts";
import { mbr } from "./mbr.ts";

const SIZE = 1 << 20;

function disk(sector: 512 | 4096 = 512): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE);
  const k = BigInt(4096 / sector);
  const partitions = [
    { first: 10n * k, last: 20n * k - 1n, name: "root — x" },
    undefined,
    { first: 20n * k, last: 29n * k },
  ];
  writeGpt(bytes, partitions, sector);
  return bytes;
}

function open(bytes: Uint8Array): Promise<PartitionTable> {
  return gpt.open(memorySource(bytes, "x"));
}

describe.each([512, 4096] as const)("sectors of %d bytes", (sector) => {
  test("slots, names and labels", async () => {
    const bytes = disk(sector);
    expect(await gpt.probe(memorySource(bytes, "x"))).toBe(true);
    expect(await mbr.probe(memorySource(bytes, "x"))).toBe(false);
    const table = await open(bytes);
    expect(table).toMatchObject({ scheme: "gpt", sectorSizeBytes: sector, notes: [] });
    expect(
      table.partitions.map(({ data, ...rest }) => ({ ...rest, at: data.label, size: data.size })),
    ).toEqual([
      {
        number: 1,
        label: "root — x",
        type: LINUX_DATA,
        uuid: "01010101-0101-0101-0101-010101010101",
        startBytes: 40_960,
        at: "x > gpt#1",
        size: 40_960,
      },
      {
        number: 3,
        label: "",
        type: LINUX_DATA,
        uuid: "03030303-0303-0303-0303-030303030303",
        startBytes: 81_920,
        at: "x > gpt#3",
        size: 36_864 + sector,
      },
    ]);
  });

  test.each([
    ["header", sector + 60],
    ["entries", 2 * sector + 5],
    ["magic", sector],
  ])("a bad primary %s: the backup is used, with a note", async (_what, at) => {
    const bytes = disk(sector);
    bytes[at] = 0x99;
    expect(await gpt.probe(memorySource(bytes, "x"))).toBe(true);
    const table = await open(bytes);
    expect(table.partitions.map(({ number }) => number)).toEqual([1, 3]);
    expect(table.notes).toEqual([expect.stringMatching(/^primary table is bad .*backup/)]);
  });
});

test("the front tells that the other entries are empty, by their checksum", async () => {
  const cost = newCost();
  await gpt.open(coalesced(counted(memorySource(disk(), "x"), cost), { cost }));
  expect(cost).toEqual({ reads: 1, bytes: 4608, rounds: 1 });
});

test.each([28, 29, 128])("%d entries", async (count) => {
  const bytes = new Uint8Array(SIZE);
  writeGpt(
    bytes,
    Array.from({ length: count }, (_, index) => ({ first: BigInt(80 + index), last: BigInt(80 + index) })),
  );
  const cost = newCost();
  const table = await gpt.open(coalesced(counted(memorySource(bytes, "x"), cost), { cost }));
  expect(table.partitions).toHaveLength(count);
  expect(cost.reads).toBe(count > 28 ? 2 : 1);
  // In an entry that is read: the others are what the checksum says.
  const last = 1024 + (count - 1) * 128;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  expect((await open(bytes)).notes).toEqual([expect.stringMatching(/checksum of the GPT entries.*backup/)]);
});

test("a protective MBR with nothing behind it is corrupt, in words", async () => {
  const bytes = new Uint8Array(SIZE);
  writeBootRecord(bytes, 0, [{ type: 0xee, first: 1, sectors: 2047 }]);
  expect(await gpt.probe(memorySource(bytes, "x"))).toBe(true);
  await expect(open(bytes)).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringMatching(/announces a GPT.*no GPT header.*backup.*none/),
  });
});

test("a truncated image: what is behind its end is cut or left out, with notes", async () => {
  const table = await open(disk().slice(0, 100_000));
  expect(table.partitions.map(({ number, data }) => [number, data.size])).toEqual([
    [1, 40_960],
    [3, 100_000 - 81_920],
  ]);
  expect(table.notes).toEqual([expect.stringMatching(/partition 3 reaches past the end.*cut/)]);
  const less = await open(disk().slice(0, 60_000));
  expect(less.partitions.map(({ number }) => number)).toEqual([1]);
  expect(less.notes).toHaveLength(2);
});

test("odd entries are told: overlapping, backwards, beyond any disk", async () => {
  const bytes = new Uint8Array(SIZE);
  writeGpt(bytes, [
    { first: 80n, last: 199n },
    { first: 150n, last: 160n },
    { first: 300n, last: 250n },
    { first: 2n ** 63n, last: 2n ** 64n - 1n },
    { first: 400n, last: 2n ** 64n - 1n },
  ]);
  const table = await open(bytes);
  expect(table.partitions.map(({ number }) => number)).toEqual([1, 2, 5]);
  expect(table.notes).toEqual([
    "partition 3 ends before it begins: left out",
    "partition 4 begins behind the end of the disk (1048576 bytes): left out",
    "partition 5 reaches past the end of the disk (1048576 bytes): cut there",
    "partitions 1 and 2 overlap",
  ]);
});

test("hybrid and missing protective MBRs get a note; one without 0xEE wins over a stale GPT", async () => {
  const bytes = disk();
  writeBootRecord(bytes, 0, [
    { type: 0xee, first: 1, sectors: 79 },
    { type: 0x83, first: 80, sectors: 80 },
  ]);
  expect((await open(bytes)).notes).toEqual(["hybrid MBR: its own partitions are ignored"]);

  writeBootRecord(bytes, 0, [{ type: 0x83, first: 80, sectors: 80 }]);
  expect(await gpt.probe(memorySource(bytes, "x"))).toBe(false);
  expect((await mbr.open(memorySource(bytes, "x"))).notes).toEqual([
    expect.stringMatching(/GPT lies behind/),
  ]);

  bytes.fill(0, 0, 512);
  expect(await gpt.probe(memorySource(bytes, "x"))).toBe(true);
  expect((await open(bytes)).notes).toEqual([expect.stringMatching(/no protective MBR/)]);
});

test.each([
  ["more entries than the limit", 80, 1025, "limit"],
  ["entries larger than the limit", 84, 4096, "limit"],
  ["entries of 64 bytes", 84, 64, "corrupt"],
  ["entries of no size", 84, 0, "corrupt"],
])("%s", async (_what, field, value, code) => {
  const bytes = disk().slice(0, SIZE - 512);
  new DataView(bytes.buffer).setUint32(512 + field, value, true);
  signHeader(bytes, 512);
  await expect(open(bytes)).rejects.toMatchObject({ code: "corrupt" });
  await expect(open(bytes)).rejects.toThrow(code === "limit" ? /GPT of \d+ entries/ : /entries of \d+ bytes/);
});

test("disks too small for a table", async () => {
  for (const size of [0, 1, 511, 512, 600, 4096]) {
    const source = memorySource(disk().slice(0, size), "x");
    await gpt.probe(source);
    await expect(gpt.open(source)).rejects.toMatchObject({ code: "corrupt" });
  }
});

test("mutants give a table or an error that names its place", async () => {
  const hot = [
    [440, 512],
    [512, 604],
    [1024, 1024 + 3 * 128],
    [SIZE - 512, SIZE - 420],
  ] as const;
  const count = await tryMutants(
    disk(),
    async (source) => {
      if (await gpt.probe(source)) await gpt.open(source);
    },
    { count: 1000, hot },
  );
  console.log(`gpt: ${count.mutants} mutants, ${count.refused} refused`);
  expect(count.refused).toBeGreaterThan(20);
});

test("mutants whose checksums are right again stay inside the disk", async () => {
  const original = disk();
  const front = 512 + 4 * 128;
  let notes = 0;
  const count = await tryMutants(
    original.slice(512, 512 + front),
    async (changed) => {
      const bytes = original.slice();
      bytes.set(await changed.read(0, changed.size), 512);
      signHeader(bytes, 512, 128 * 128);
      const table = await open(bytes);
      notes += table.notes.length;
      for (const { data } of table.partitions) await data.read(0, data.size);
    },
    { count: 1000, hot: [[512, front]] },
  );
  console.log(`gpt, signed: ${count.mutants} mutants, ${notes} notes`);
  expect(notes).toBeGreaterThan(100);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assembled } from "../../src/disk/bytes/assembled.ts";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { cached } from "../../src/disk/bytes/cached.ts";
import { coalesced } from "../../src/disk/bytes/coalesced.ts";
import { counted, newCost } from "../../src/disk/bytes/counted.ts";
import type { ContainerFormat } from "../../src/disk/bytes/format.ts";
import { retrying } from "../../src/disk/bytes/retrying.ts";
import { slice } from "../../src/disk/bytes/slice.ts";
import { qcow2 } from "../../src/disk/containers/qcow2/qcow2.ts";
import { vdi } from "../../src/disk/containers/vdi/vdi.ts";
import { vhd } from "../../src/disk/containers/vhd/vhd.ts";
import { vhdx } from "../../src/disk/containers/vhdx/vhdx.ts";
import { vmdk } from "../../src/disk/containers/vmdk/vmdk.ts";
import { craftQcow2 } from "../support/qcow2.ts";
import { failing, pattern } from "../support/sources.ts";
import { craftVdi } from "../support/vdi.ts";
import { craftDynamicVhd, craftFixedVhd } from "../support/vhd.ts";
import { craftVhdx } from "../support/vhdx.ts";
import { craftVmdk, descriptorText } from "../support/vmdk.ts";

const SIZE = 10_007;
/** Zeros among the pattern, so that sources with holes can hold the same bytes. */
const HOLE = { start: 7000, length: 1000 };
const BYTES = pattern(SIZE).fill(0, HOLE.start, HOLE.start + HOLE.length);

const QCOW2 = craftQcow2(
  Array.from({ length: 20 }, (_, i) => ({
    bytes: BYTES.subarray(i * 512, i * 512 + 512),
    compressed: i % 3 === 0,
  })),
  { clusterBits: 9, sizeBytes: SIZE },
).bytes;
const QCOW2_DISK = (await qcow2.open(memorySource(QCOW2, "x"))).disk;

/** Containers of disks in whole sectors: a slice of each is what the table compares. */
const PADDED = new Uint8Array(10_240);
PADDED.set(BYTES);
const SECTORS = Array.from({ length: 20 }, (_, i) => PADDED.subarray(i * 512, i * 512 + 512));
const PAGES = [0, 4096, 8192].map((at) => {
  const page = new Uint8Array(4096);
  page.set(PADDED.subarray(at, at + 4096));
  return page;
});

async function cut(
  format: ContainerFormat,
  bytes: Uint8Array,
  extents: Uint8Array[] = [],
): Promise<ByteSource> {
  const byName = new Map(extents.map((extent, i) => [`${i}`, memorySource(extent, `${i}`)]));
  return slice((await format.open(memorySource(bytes, "x"), { byName })).disk, 0, SIZE, "x > cut");
}

const VMDK_EXTENTS = descriptorText(['RW 8 FLAT "0" 0', 'RW 4 SPARSE "1"', 'RW 8 FLAT "0" 12']);
const CONTAINERS = {
  "vmdk sparse": await cut(vmdk, craftVmdk(SECTORS, { grainSectors: 1 }).bytes),
  "vmdk compressed": await cut(vmdk, craftVmdk(PAGES, { compressed: true, footer: true }).bytes),
  "vmdk extents": await cut(vmdk, new TextEncoder().encode(VMDK_EXTENTS), [
    PADDED,
    craftVmdk(SECTORS.slice(8, 12), { grainSectors: 1 }).bytes,
  ]),
  "vhd dynamic": await cut(vhd, craftDynamicVhd(PAGES.map((bytes) => ({ bytes }))).bytes),
  "vhd fixed": await cut(vhd, craftFixedVhd(PADDED)),
  vhdx: await cut(vhdx, craftVhdx([{ bytes: PADDED }]).bytes),
  vdi: await cut(vdi, craftVdi(PAGES).bytes),
};
/** The same bytes in straight extents, a striped one and a hole. */
const STRIPES = [0, 1].map((turn) =>
  memorySource(
    Buffer.concat(
      Array.from({ length: 5 }, (_, i) =>
        BYTES.subarray(2000 + (2 * i + turn) * 500, 2500 + (2 * i + turn) * 500),
      ),
    ),
    "stripe",
  ),
);
const WHOLE = memorySource(BYTES, "whole");
const ASSEMBLED = assembled(
  [
    { start: 0, length: 2000, parts: [{ source: WHOLE, offset: 0 }], stripeBytes: 512 },
    { start: 2000, length: 5000, parts: STRIPES.map((source) => ({ source, offset: 0 })), stripeBytes: 500 },
    { ...HOLE, parts: [], stripeBytes: 512 },
    { start: 8000, length: SIZE - 8000, parts: [{ source: WHOLE, offset: 8000 }], stripeBytes: 512 },
  ],
  SIZE,
  "assembled",
);

const IMPLEMENTATIONS: Readonly<Record<string, () => ByteSource>> = {
  memory: () => memorySource(Buffer.from(BYTES), "x"),
  slice: () => slice(memorySource(Buffer.concat([BYTES, BYTES]), "x"), 0, SIZE, "x > p1"),
  counted: () => counted(memorySource(BYTES, "x"), newCost()),
  coalesced: () => coalesced(memorySource(BYTES, "x"), { gapMaxBytes: 64, readMaxBytes: 4096 }),
  cached: () => cached(memorySource(BYTES, "x"), { blockBytes: 512 }),
  "cached, tiny": () => cached(memorySource(BYTES, "x"), { blockBytes: 512, maxBytes: 512 }),
  assembled: () => ASSEMBLED,
  retrying: () => retrying(failing(BYTES, 3), { delayMs: () => 0 }),
  qcow2: () => QCOW2_DISK,
  ...Object.fromEntries(Object.entries(CONTAINERS).map(([name, disk]) => [name, () => disk])),
  stack: () => cached(coalesced(counted(memorySource(BYTES, "x"), newCost()))),
};

describe.each(Object.entries(IMPLEMENTATIONS))("%s", (_name, make) => {
  test("gives exactly the bytes asked for, in parallel", async () => {
    const source = make();
    expect(source.size).toBe(SIZE);
    const range = fc
      .tuple(fc.nat(SIZE), fc.nat(SIZE))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 12 }), async (ranges) => {
        const parts = await Promise.all(ranges.map(([from, to]) => source.read(from, to - from)));
        for (const [i, [from, to]] of ranges.entries()) {
          expect(Buffer.compare(parts[i] ?? new Uint8Array(), BYTES.subarray(from, to))).toBe(0);
        }
      }),
      { seed: 6, numRuns: 60 },
    );
  });

  test.each([
    [SIZE, 1],
    [0, SIZE + 1],
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [Number.NaN, 1],
    [2 ** 53, 1],
  ])("refuses offset %d, length %d", async (offset, length) => {
    await expect(make().read(offset, length)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("gives plain bytes, whose slice is a copy", async () => {
    expect(Object.getPrototypeOf(await make().read(1, 2))).toBe(Uint8Array.prototype);
  });

  test("reads nothing at its very end", async () => {
    expect((await make().read(SIZE, 0)).length).toBe(0);
  });

  test("refuses to start once aborted", async () => {
    await expect(make().read(0, 1, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  });
});

test("reads of one turn become one round, and neighbours one read", async () => {
  const cost = newCost();
  const source = cached(coalesced(counted(memorySource(BYTES, "x"), cost), { cost }), { blockBytes: 512 });
  await Promise.all([source.read(0, 10), source.read(600, 10), source.read(5000, 10), source.read(5, 5)]);
  expect(cost).toEqual({ reads: 2, bytes: 1536, rounds: 1 });
  await source.read(0, 1024);
  expect(cost.reads).toBe(2);
});

test("a failed block is asked for again, and fails only who asked for it", async () => {
  const source = cached(failing(BYTES, 1), { blockBytes: 512 });
  await expect(source.read(0, 10)).rejects.toMatchObject({ code: "transient" });
  expect([...(await source.read(0, 2))]).toEqual([...BYTES.subarray(0, 2)]);
});

test("retrying gives up after its attempts and never repeats a corrupt read", async () => {
  await expect(
    retrying(failing(BYTES, 9), { attemptsMax: 3, delayMs: () => 0 }).read(0, 1),
  ).rejects.toMatchObject({
    code: "transient",
  });
});

import { describe, expect, test } from "vitest";
import { pattern } from "../../../../test/support/sources.ts";
import { BAT, type CraftedVhdx, craftVhdx, METADATA, sealVhdx } from "../../../../test/support/vhdx.ts";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { cached } from "../../bytes/cached.ts";
import { coalesced } from "../../bytes/coalesced.ts";
import { counted, newCost } from "../../bytes/counted.ts";
import type { Companions, Container } from "../../bytes/format.ts";
import { vhdx } from "./vhdx.ts";

const MIB = 1 << 20;
const KIB = 1024;
const A = pattern(MIB);
const B = pattern(MIB + 77).subarray(77);
const ZEROS = new Uint8Array(MIB);

function open(bytes: Uint8Array, companions?: Companions): Promise<Container> {
  return vhdx.open(memorySource(bytes, "x"), companions);
}

async function same(disk: ByteSource, content: Uint8Array): Promise<void> {
  expect(disk.size).toBe(content.length);
  expect(Buffer.compare(await disk.read(0, disk.size), content)).toBe(0);
}

function sealTables(bytes: Uint8Array): void {
  for (const at of [64 * KIB, 128 * KIB]) sealVhdx(bytes, at, 4096);
  for (const at of [192 * KIB, 256 * KIB]) sealVhdx(bytes, at, 64 * KIB);
}

describe("reading", () => {
  test.each([512, 4096])("blocks in every state, sectors of %d bytes", async (sectorBytes) => {
    const { bytes } = craftVhdx([{ bytes: A }, 0, 1, 2, 3, { bytes: B }], { sectorBytes });
    const { disk, details } = await open(bytes);
    expect(disk.label).toBe("x > vhdx");
    await same(disk, Buffer.concat([A, ZEROS, ZEROS, ZEROS, ZEROS, B]));
    expect([...(await disk.read(5 * MIB - 2, 4))]).toEqual([0, 0, ...B.subarray(0, 2)]);
    expect(details).toEqual(["dynamic", "block 1048576", `logical sector ${sectorBytes}`]);
  });

  test("a disk that ends inside a block", async () => {
    const { disk } = await open(craftVhdx([{ bytes: A }], { sizeBytes: 4096 }).bytes);
    await same(disk, A.subarray(0, 4096));
  });

  test("opening is two rounds, reading one more, all of 4 KiB", async () => {
    const cost = newCost();
    const { bytes } = craftVhdx([{ bytes: A }]);
    const { disk } = await vhdx.open(cached(coalesced(counted(memorySource(bytes, "x"), cost), { cost })));
    expect(cost).toEqual({ reads: 6, bytes: 6 * 4096, rounds: 2 });
    await disk.read(70_000, 10);
    expect(cost).toEqual({ reads: 7, bytes: 7 * 4096, rounds: 3 });
  });
});

describe("two of everything", () => {
  const content = Buffer.concat([A, B]);
  const whole = (): CraftedVhdx => craftVhdx([{ bytes: A }, { bytes: B }]);

  test.each([
    ["the first header", 64 * KIB],
    ["the second header", 128 * KIB],
    ["the first region table", 192 * KIB],
    ["the second region table", 256 * KIB],
  ])("%s is damaged", async (_what, at) => {
    const { bytes } = whole();
    bytes[at + 100] = 1;
    await same((await open(bytes)).disk, content);
  });

  test("the header with the higher number is in force, numbers above 2^53 too", async () => {
    const { bytes, view } = whole();
    view.setBigUint64(64 * KIB + 8, 2n ** 63n, true);
    view.setBigUint64(128 * KIB + 8, 2n ** 63n + 1n, true);
    view.setUint16(64 * KIB + 66, 7, true);
    sealTables(bytes);
    await same((await open(bytes)).disk, content);
    view.setBigUint64(64 * KIB + 8, 2n ** 63n + 2n, true);
    sealTables(bytes);
    await expect(open(bytes)).rejects.toMatchObject({ code: "unsupported" });
  });

  test.each([
    ["header", 64 * KIB],
    ["region table", 192 * KIB],
  ])("both are damaged: %s", async (what, at) => {
    const { bytes } = whole();
    bytes[at + 100] = 1;
    bytes[at + 64 * KIB + 100] = 1;
    await expect(open(bytes)).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringContaining(`neither ${what}`),
    });
  });

  test("a region table with something behind its first 4 KiB is checked whole", async () => {
    const { bytes } = whole();
    for (const at of [192 * KIB, 256 * KIB]) bytes[at + 60_000] = 1;
    sealTables(bytes);
    await same((await open(bytes)).disk, content);
    for (const at of [192 * KIB, 256 * KIB]) bytes[at + 60_001] = 1;
    await expect(open(bytes)).rejects.toMatchObject({ code: "corrupt" });
  });
});

describe("parents", () => {
  const linkage = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
  const parent = { path: ".\\base.vhdx", linkage };
  const base = craftVhdx([{ bytes: B }, { bytes: B }], { dataWriteGuid: linkage });
  const given: Companions = { byName: new Map([["base.vhdx", memorySource(base.bytes, "base.vhdx")]]) };

  test("are used when the user gave them, sector by sector", async () => {
    for (const sectorBytes of [512, 4096]) {
      const half = { bytes: A, written: (sector: number) => sector % 2 === 0 };
      const { bytes } = craftVhdx([half, 0, 2, 0], { parent, sectorBytes });
      const mixed = A.map((byte, i) => (Math.floor(i / sectorBytes) % 2 === 0 ? byte : (B[i] ?? 0)));
      const { disk } = await open(bytes, given);
      await same(disk, Buffer.concat([mixed, B, ZEROS, ZEROS]));
      expect([...(await disk.read(4000, 200))]).toEqual([...mixed.subarray(4000, 4200)]);
    }
  });

  test("are refused unless given, and must be the ones", async () => {
    const { bytes } = craftVhdx([0], { parent });
    await expect(open(bytes)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/parent disk ".\\\\base.vhdx".*--with/),
    });
    const other = { byName: new Map([["base.vhdx", memorySource(craftVhdx([0]).bytes, "base.vhdx")]]) };
    await expect(open(bytes, other)).rejects.toMatchObject({ code: "corrupt" });
    const self = craftVhdx([0], { parent, dataWriteGuid: linkage }).bytes;
    const circle = { byName: new Map([["base.vhdx", memorySource(self, "base.vhdx")]]) };
    await expect(open(self, circle)).rejects.toMatchObject({ code: "limit" });
  });
});

describe("refusals", () => {
  const regions = 192 * KIB;

  test.each<[string, string, RegExp, (view: DataView) => void]>([
    ["another version", "unsupported", /version 2/, (view) => view.setUint16(128 * KIB + 66, 2, true)],
    ["too many regions", "corrupt", /2048 entries/, (view) => view.setUint32(regions + 8, 2048, true)],
    ["no regions", "corrupt", /no region/, (view) => view.setUint32(regions + 8, 0, true)],
    ["an unknown region", "unsupported", /region/, (view) => view.setUint32(regions + 16, 1, true)],
    ["a region outside", "corrupt", /complete/, (view) => view.setBigUint64(regions + 32, 1n << 40n, true)],
    ["a region in front", "corrupt", /complete/, (view) => view.setBigUint64(regions + 32, 0n, true)],
    ["a short block table", "corrupt", /too small/, (view) => view.setUint32(regions + 40, 8, true)],
    ["no metadata table", "corrupt", /no metadata/, (view) => view.setUint32(METADATA, 0, true)],
    ["too many items", "corrupt", /2048 entries/, (view) => view.setUint16(METADATA + 10, 2048, true)],
    ["no items", "corrupt", /lacks/, (view) => view.setUint16(METADATA + 10, 0, true)],
    ["an unknown item", "unsupported", /item/, (view) => view.setUint32(METADATA + 32, 1, true)],
    ["an item outside", "corrupt", /outside/, (view) => view.setUint32(METADATA + 48, MIB, true)],
    ["a long item", "limit", /item of/, (view) => view.setUint32(METADATA + 52, MIB, true)],
    ["no block size", "corrupt", /blocks of 0/, (view) => view.setUint32(METADATA + 64 * KIB, 0, true)],
    [
      "a disk of 65 TiB",
      "corrupt",
      /disk of/,
      (view) => view.setUint32(METADATA + 64 * KIB + 12, 65 << 8, true),
    ],
    ["sectors of 513", "corrupt", /sectors/, (view) => view.setUint32(METADATA + 64 * KIB + 16, 513, true)],
  ])("%s", async (_what, code, message, change) => {
    const { bytes, view } = craftVhdx([{ bytes: A }, 0]);
    change(view);
    bytes.copyWithin(256 * KIB, 192 * KIB, 256 * KIB);
    sealTables(bytes);
    await expect(open(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each<[string, bigint]>([
    ["a state that is none", 4n],
    ["partially present without a parent", 7n | (4n << 20n)],
    ["outside the file", 6n | (1n << 40n)],
    ["over the header", 6n],
  ])("a block %s", async (_what, entry) => {
    const { bytes, view } = craftVhdx([{ bytes: A }, 0]);
    view.setBigUint64(BAT + 8, entry, true);
    const { disk } = await open(bytes);
    await expect(disk.read(MIB, 1)).rejects.toMatchObject({
      code: "corrupt",
      at: ["x > vhdx", `offset ${BAT + 8}`],
    });
    await same({ ...disk, size: MIB }, A);
  });
});

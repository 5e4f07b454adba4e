import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { craftSesparse } from "../../../../test/support/sesparse.ts";
import { pattern } from "../../../../test/support/sources.ts";
import {
  type CraftedVmdk,
  craftCowd,
  craftVmdk,
  descriptorText,
  type GuestGrain,
  packedGrain,
} from "../../../../test/support/vmdk.ts";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { cached } from "../../bytes/cached.ts";
import { coalesced } from "../../bytes/coalesced.ts";
import { counted, newCost } from "../../bytes/counted.ts";
import type { Companions, Container } from "../../bytes/format.ts";
import { vmdk } from "./vmdk.ts";

const GRAIN = 4096;
const A = pattern(GRAIN);
const B = pattern(3 * GRAIN).subarray(GRAIN, 2 * GRAIN);
const ZEROS = new Uint8Array(GRAIN);
const GUEST: readonly GuestGrain[] = [A, B, "hole", "hole", B, A];
const CONTENT = Buffer.concat([A, B, ZEROS, ZEROS, B, A]);

function open({ bytes }: { bytes: Uint8Array }, companions?: Companions): Promise<Container> {
  return vmdk.open(memorySource(bytes, "x"), companions);
}

function beside(files: Readonly<Record<string, Uint8Array>>): Companions {
  return {
    byName: new Map(Object.entries(files).map(([name, bytes]) => [name, memorySource(bytes, name)])),
  };
}

function text(extents: readonly string[], settings?: Record<string, string>): { bytes: Uint8Array } {
  return { bytes: new TextEncoder().encode(descriptorText(extents, settings)) };
}

async function same(disk: ByteSource, content: Uint8Array): Promise<void> {
  expect(disk.size).toBe(content.length);
  expect(Buffer.compare(await disk.read(0, disk.size), content)).toBe(0);
}

describe("reading", () => {
  test.each([
    ["plain", {}],
    ["several tables", { tableEntries: 2 }],
    ["compressed", { compressed: true }],
    ["compressed without markers", { compressed: true, markers: false }],
    ["compressed, everything at the end", { compressed: true, footer: true }],
    ["everything at the end", { footer: true, tableEntries: 4 }],
    ["with a redundant directory", { redundant: true }],
  ])("%s", async (_what, options) => {
    const { disk } = await open(craftVmdk(GUEST, options));
    await same(disk, CONTENT);
    expect([...(await disk.read(GRAIN - 3, 6))]).toEqual([...A.subarray(-3), ...B.subarray(0, 3)]);
  });

  test("grains of zeros hide a parent, holes show it", async () => {
    const parent = craftVmdk([B, B, B]);
    const settings = { parentCID: "12345678", parentFileNameHint: '"C:\\disks\\base.vmdk"' };
    const descriptor = descriptorText(['RW 24 SPARSE "x"'], settings);
    const child = craftVmdk(["zero", "hole", A], { zeroedGrains: true, descriptor });
    const { disk, details } = await open(child, beside({ "base.vmdk": parent.bytes }));
    await same(disk, Buffer.concat([ZEROS, B, A]));
    expect(details).toContain('parent "C:\\\\disks\\\\base.vmdk"');
    await expect(open(child)).rejects.toThrow(/needs its parent disk .*not opened by name/);
    parent.bytes.set(Buffer.from("12345679"), Buffer.from(parent.bytes).indexOf("12345678"));
    await expect(open(child, beside({ "base.vmdk": parent.bytes }))).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringContaining("changed"),
    });
  });

  test("a disk whose size is no multiple of a grain", async () => {
    const { disk } = await open(craftVmdk([A, B], { sizeSectors: 9, compressed: true }));
    await same(disk, Buffer.concat([A, B.subarray(0, 512)]));
  });

  test("COWD; a delta of its kind needs its descriptor", async () => {
    const image = craftCowd(GUEST);
    const { disk, details } = await open(image);
    await same(disk, CONTENT);
    expect(details).toEqual(["COWD", "grain 4096"]);
    image.view.setUint32(8, 2, true);
    await expect(open(image)).rejects.toMatchObject({ code: "unsupported" });
  });
});

describe("descriptors", () => {
  test("flat, sparse, VMFS and empty extents make one disk, of the files that the user gave", async () => {
    const extents = [
      'RW 8 FLAT "dir/flat.vmdk" 3',
      "RW 4 ZERO",
      'RDONLY 16 SPARSE "sparse.vmdk"',
      'RW 8 VMFS "vmfs.vmdk"',
      'RW 8 VMFSSPARSE "cowd.vmdk"',
    ];
    const files = {
      "flat.vmdk": Buffer.concat([new Uint8Array(3 * 512).fill(9), A]),
      "sparse.vmdk": craftVmdk([B, "hole"], { descriptor: "" }).bytes,
      "vmfs.vmdk": A,
      "cowd.vmdk": craftCowd([B]).bytes,
    };
    const { disk, details } = await open(text(extents), beside(files));
    await same(disk, Buffer.concat([A, new Uint8Array(2048), B, ZEROS, A, B]));
    expect(details).toEqual(["custom", "5 extents"]);
    await expect(open(text(extents), beside({ "flat.vmdk": A }))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/"sparse.vmdk", "vmfs.vmdk", "cowd.vmdk", .*--with/),
    });
  });

  test("an extent is never opened by its name", async () => {
    await expect(open(text(['RW 8 FLAT "/etc/passwd" 0']))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/extent "\/etc\/passwd".*not opened by name/),
    });
  });

  test.each<[string, string, RegExp]>([
    ['RW 8 VMFSRDM "a"', "unsupported", /raw device/],
    ['NOACCESS 8 FLAT "a" 0', "unsupported", /NOACCESS/],
    ['RW 8 NEWKIND "a"', "unsupported", /NEWKIND/],
    ["RW 8 FLAT", "corrupt", /names no file/],
    ['RW 0 FLAT "a" 0', "corrupt", /no extent/],
    [`RW ${2 ** 60} ZERO`, "corrupt", /no extent/],
    ["RW x ZERO", "corrupt", /no extent/],
    ["# none", "corrupt", /no extents/],
    ['RW 9 FLAT "a" 0', "corrupt", /outside/],
    ['RW 8 FLAT "a" 1', "corrupt", /outside/],
    ['RW 8 SPARSE "a"', "corrupt", /magic/],
  ])("%s", async (line, code, message) => {
    await expect(open(text([line]), beside({ a: A }))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("a sparse extent smaller than its line says, and a disk that is a device", async () => {
    const small = beside({ a: craftVmdk([A]).bytes });
    await expect(open(text(['RW 9 SPARSE "a"']), small)).rejects.toThrow(/where the descriptor says 4608/);
    const device = text(['RW 8 FLAT "a" 0'], { createType: '"fullDevice"' });
    await expect(open(device, small)).rejects.toMatchObject({ code: "unsupported" });
  });

  test("a circle of parents ends, and thousands of extents are found", async () => {
    const settings = { parentCID: "12345678", parentFileNameHint: '"x"' };
    const image = craftVmdk([A], { descriptor: descriptorText(['RW 8 SPARSE "x"'], settings) });
    await expect(open(image, beside({ x: image.bytes }))).rejects.toMatchObject({ code: "limit" });
    const many = Array.from({ length: 5000 }, (_, i) => `RW 1 FLAT "a" ${i % 8}`);
    const { disk } = await open(text(many), beside({ a: A }));
    await same(disk, Buffer.concat(Array.from({ length: 625 }, () => A)));
    const endless = Array.from({ length: 40_001 }, () => "RW 1 ZERO");
    await expect(open(text(endless))).rejects.toMatchObject({ code: "corrupt" });
  });
});

describe("the redundant directory", () => {
  test.each<[string, (image: CraftedVmdk) => void]>([
    ["a table outside the file", ({ view, directory }) => view.setUint32(directory, 0x7fff_ffff, true)],
    ["a grain outside the file", ({ view, tables }) => view.setUint32(tables[0] ?? 0, 0x7fff_ffff, true)],
    ["a directory outside the file", ({ view }) => view.setBigUint64(56, 1n << 40n, true)],
  ])("serves when the first has %s", async (_what, damage) => {
    const image = craftVmdk(GUEST, { redundant: true });
    damage(image);
    const { disk, details } = await open(image);
    await same(disk, CONTENT);
    expect(details.filter((one) => one.includes("redundant"))).toHaveLength(1);
    image.view.setUint32(image.redundantDirectory, 0x7fff_ffff, true);
    const again = await open(image);
    await expect(again.disk.read(0, 1)).rejects.toMatchObject({ code: "corrupt" });
  });
});

describe("refusals", () => {
  const crafted = (): CraftedVmdk => craftVmdk(GUEST, { compressed: true });

  test.each<[string, string, RegExp, (image: CraftedVmdk) => void]>([
    ["version 4", "unsupported", /version 4/, ({ view }) => view.setUint32(4, 4, true)],
    ["another compression", "unsupported", /method 2/, ({ view }) => view.setUint16(77, 2, true)],
    ["text mode", "corrupt", /binary mode/, ({ view }) => view.setUint8(75, 10)],
    ["no grain size", "corrupt", /grains of 0/, ({ view }) => view.setBigUint64(20, 0n, true)],
    ["an odd grain size", "corrupt", /grains of 9/, ({ view }) => view.setBigUint64(20, 9n, true)],
    ["huge grains", "corrupt", /impossible/, ({ view }) => view.setBigUint64(20, 1n << 22n, true)],
    ["large packed grains", "limit", /grains of/, ({ view }) => view.setBigUint64(20, 1n << 14n, true)],
    ["empty tables", "corrupt", /tables of 0/, ({ view }) => view.setUint32(44, 0, true)],
    ["tables of 513", "corrupt", /tables of 513/, ({ view }) => view.setUint32(44, 513, true)],
    ["a huge disk", "corrupt", /impossible/, ({ view }) => view.setBigUint64(12, 1n << 52n, true)],
    ["a descriptor outside", "corrupt", /outside/, ({ view }) => view.setBigUint64(28, 1n << 30n, true)],
    ["a large descriptor", "limit", /descriptor/, ({ view }) => view.setBigUint64(36, 1n << 30n, true)],
    ["no footer", "corrupt", /footer is missing/, ({ view }) => view.setBigUint64(56, 2n ** 64n - 1n, true)],
  ])("%s", async (_what, code, message, change) => {
    const image = crafted();
    change(image);
    await expect(open(image)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each<[string, RegExp, (image: CraftedVmdk) => void]>([
    ["a directory outside", /directory lies outside/, ({ view }) => view.setBigUint64(56, 1n << 40n, true)],
    ["a table outside", /table at/, ({ view, directory }) => view.setUint32(directory, 0x7fffffff, true)],
    ["a grain outside", /grain at/, ({ view, tables }) => view.setUint32(tables[0] ?? 0, 0x7fffffff, true)],
    ["zeros unasked", /does not allow/, ({ view, tables }) => view.setUint32(tables[0] ?? 0, 1, true)],
    ["another's marker", /marker/, ({ view, grains }) => view.setBigUint64(grains[0] ?? 0, 8n, true)],
    ["an empty grain", /marker of 0/, ({ view, grains }) => view.setUint32((grains[0] ?? 0) + 8, 0, true)],
    ["a long grain", /marker of/, ({ view, grains }) => view.setUint32((grains[0] ?? 0) + 8, 1 << 30, true)],
    ["garbage", /compressed grain/, ({ bytes, grains }) => bytes.fill(7, (grains[0] ?? 0) + 12, grains[1])],
  ])("%s", async (_what, message, change) => {
    const image = crafted();
    change(image);
    const { disk } = await open(image);
    await expect(disk.read(0, GRAIN)).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringMatching(message),
      at: ["x > vmdk", expect.stringMatching(/^offset \d+$/)],
    });
  });

  test("a bomb stops at the size of a grain; a grain that is too short is told", async () => {
    for (const bytes of [64 << 20, 100]) {
      const image = craftVmdk(["hole"], { compressed: true });
      const data = packedGrain(A, 0, true, deflateSync(new Uint8Array(bytes)));
      const file = Buffer.concat([image.bytes, data]);
      file.writeUInt32LE(image.bytes.length / 512, image.tables[0]);
      // The marker allows two grains of data; a bomb is larger packed than that, so its head alone is given.
      file.writeUInt32LE(Math.min(data.length - 12, 8000), image.bytes.length + 8);
      const { disk } = await open({ bytes: file });
      await expect(disk.read(0, GRAIN)).rejects.toMatchObject({ code: "corrupt" });
    }
  });

  test("a file that was cut reads as far as it goes and never further", async () => {
    const whole = craftVmdk(GUEST).bytes;
    const { disk } = await open({ bytes: whole.subarray(0, whole.length - 600) });
    await same({ ...disk, size: 5 * GRAIN }, CONTENT.subarray(0, 5 * GRAIN));
    await expect(disk.read(5 * GRAIN, GRAIN)).rejects.toThrow(/is the file complete/);
  });
});

describe("cost", () => {
  test("a compressed grain is one read: the tables tell where the next begins", async () => {
    const cost = newCost();
    const noise = Array.from({ length: 32 }, (_, i) =>
      Buffer.from(pattern(65_536)).fill(`${i} text `, 0, 60_000),
    );
    const image = craftVmdk(noise, { compressed: true, grainSectors: 128 });
    const below = coalesced(counted(memorySource(image.bytes, "x"), cost), { cost });
    const { disk } = await vmdk.open(cached(below, { blockBytes: 512 }));
    await disk.read(0, 1);
    const before = { ...cost };
    await disk.read(20 * 65_536, 65_536);
    const packed = (image.grains[21] ?? 0) - (image.grains[20] ?? 0);
    expect(cost).toEqual({
      reads: before.reads + 1,
      bytes: before.bytes + packed,
      rounds: before.rounds + 1,
    });
    await Promise.all([disk.read(20 * 65_536, 9), disk.read(20 * 65_536 + 999, 9)]);
    expect(cost.reads).toBe(before.reads + 1);
  });

  test("a grain with nothing known behind it costs its first 4 KiB, then what is left", async () => {
    const cost = newCost();
    const image = craftVmdk([pattern(65_536)], { compressed: true, grainSectors: 128 });
    const file = Buffer.concat([image.bytes, new Uint8Array(1 << 20)]);
    const { disk } = await vmdk.open(cached(counted(memorySource(file, "x"), cost)));
    await disk.read(0, 65_536);
    // The first tables are guessed to follow their directory: 12 KiB.
    expect(cost.bytes).toBeLessThan(image.bytes.length + (12 << 10));
  });

  test("tables are read in pieces of 4 KiB", async () => {
    const cost = newCost();
    const guest = Array.from({ length: 4096 }, (_, i) => (i === 4000 ? A : ("hole" as const)));
    const { disk } = await vmdk.open(cached(counted(memorySource(craftVmdk(guest).bytes, "x"), cost)));
    await disk.read(4000 * GRAIN, 10);
    expect(cost.bytes).toBeLessThanOrEqual(5 * 4096);
  });
});

describe("SESparse", () => {
  const opened = (bytes: Uint8Array): Promise<Container> =>
    vmdk.open(memorySource(new TextEncoder().encode(descriptorText(['RW 16 SESPARSE "x"'])), "image"), {
      byName: new Map([["x", memorySource(bytes, "x")]]),
    });

  test.each<[string, number, bigint, string, RegExp]>([
    ["magic", 0, 1n, "corrupt", /no SESparse magic/],
    ["version", 8, 0x300000001n, "unsupported", /SESparse version/],
    ["grain size", 24, 16n, "unsupported", /grains of 16/],
    ["flags", 40, 1n, "unsupported", /SESparse flags/],
    ["second header", 80, 1n << 40n, "corrupt", /outside the file/],
    ["second magic", 512, 1n, "corrupt", /bad magic/],
    ["a journal to replay", 536, 1n, "unsupported", /journal/],
    ["size", 16, 8n, "corrupt", /extent of 4096 bytes/],
  ])("a wrong %s is refused", async (_, at, value, code, message) => {
    const { bytes } = craftSesparse(8192, new Map([[0, pattern(4096)]]));
    new DataView(bytes.buffer).setBigUint64(at, value, true);
    await expect(opened(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each<[string, "directory" | "table", bigint]>([
    ["a directory entry of another kind", "directory", 0x2000000000000001n],
    ["a table outside the file", "directory", 0x1000000000ffffffn],
    ["an entry of another kind", "table", 0x4000000000000000n],
    ["an empty entry with a number", "table", 5n],
    ["a grain outside the file", "table", 0x30ff000000000000n],
  ])("%s is corrupt", async (_, where, value) => {
    const { bytes, directory, tables } = craftSesparse(8192, new Map([[0, pattern(4096)]]));
    const at = where === "directory" ? directory : tables + 32_768;
    new DataView(bytes.buffer).setBigUint64(at, value, true);
    const { disk } = await opened(bytes);
    await expect(disk.read(0, 512)).rejects.toMatchObject({ code: "corrupt" });
    expect(await disk.read(4096, 512).catch(() => undefined)).toEqual(
      where === "directory" ? undefined : new Uint8Array(512),
    );
  });
});

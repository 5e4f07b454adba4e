import { describe, expect, test } from "vitest";
import { pattern } from "../../../../test/support/sources.ts";
import { type CraftedVhd, craftDynamicVhd, craftFixedVhd, sealVhd } from "../../../../test/support/vhd.ts";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { counted, newCost } from "../../bytes/counted.ts";
import type { Companions, Container } from "../../bytes/format.ts";
import { vhd } from "./vhd.ts";

const BLOCK = 4096;
const A = pattern(BLOCK);
const B = pattern(3 * BLOCK).subarray(BLOCK, 2 * BLOCK);
const ZEROS = new Uint8Array(BLOCK);

function open(bytes: Uint8Array, companions?: Companions): Promise<Container> {
  return vhd.open(memorySource(bytes, "x"), companions);
}

async function same(disk: ByteSource, content: Uint8Array): Promise<void> {
  expect(disk.size).toBe(content.length);
  expect(Buffer.compare(await disk.read(0, disk.size), content)).toBe(0);
}

describe("reading", () => {
  test("blocks that are there and that are not", async () => {
    const { bytes } = craftDynamicVhd([{ bytes: A }, undefined, { bytes: B }]);
    const { disk, details } = await open(bytes);
    await same(disk, Buffer.concat([A, ZEROS, B]));
    expect([...(await disk.read(BLOCK - 2, 4))]).toEqual([...A.subarray(-2), 0, 0]);
    expect(details).toEqual(["dynamic", "block 4096", 'written by "win"']);
  });

  test("a sector that was never written is zeros, whatever lies there", async () => {
    const { bytes } = craftDynamicVhd([{ bytes: A, written: (sector) => sector % 3 === 0 }]);
    const expected = A.map((byte, i) => (Math.floor(i / 512) % 3 === 0 ? byte : 0));
    const { disk } = await open(bytes);
    await same(disk, expected);
    expect([...(await disk.read(500, 1100))]).toEqual([...expected.subarray(500, 1600)]);
  });

  test("a fixed disk, with a footer of 512 and of 511 bytes", async () => {
    const bytes = craftFixedVhd(A);
    for (const file of [bytes, bytes.subarray(0, -1)]) {
      expect(await vhd.probe(memorySource(file, "x"))).toBe(true);
      const { disk, details } = await open(file);
      expect(disk.label).toBe("x > vhd");
      await same(disk, A);
      expect(details).toEqual(["fixed", 'written by "win"']);
    }
  });

  test.each<[string, number]>([
    ["win ", 4096],
    ["qem2", 4096],
    ["vbox", 4096],
    ["dutl", 4096],
    ["tap\0", 4096],
    ["vpc ", 3072],
    ["qemu", 3072],
  ])("size field and geometry disagree, as %j writes it", async (creator, size) => {
    const { disk, details } = await open(craftFixedVhd(A, { creator, geometry: [1, 2, 3] }));
    expect(disk.size).toBe(size);
    expect(details.some((one) => one.includes("size by geometry, 3072"))).toBe(size === 3072);
  });

  test("the largest geometry there is means that the size field counts", async () => {
    const { disk } = await open(craftFixedVhd(A, { creator: "vpc " }));
    expect(disk.size).toBe(4096);
  });
});

describe("footers", () => {
  const whole = (): CraftedVhd => craftDynamicVhd([{ bytes: A }, { bytes: B }]);

  test("either of both serves when the other is damaged, which is told", async () => {
    for (const at of [0, whole().bytes.length - 512]) {
      const { bytes } = whole();
      bytes.fill(0, at, at + 512);
      expect(await vhd.probe(memorySource(bytes, "x"))).toBe(true);
      const { disk, details } = await open(bytes);
      await same(disk, Buffer.concat([A, B]));
      expect(details).toContain("one of both footers is missing or corrupt");
    }
  });

  test("a checksum that does not match is not believed", async () => {
    const { bytes } = whole();
    bytes[50] = 9;
    bytes[bytes.length - 512 + 50] = 9;
    await expect(open(bytes)).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringMatching(/checksum of the footer/),
    });
    const fixed = craftFixedVhd(A);
    fixed[BLOCK + 100] = 1;
    await expect(open(fixed)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("raw disks pay one read of the last sector, those of whole MiB none, and are not taken for one", async () => {
    for (const [size, reads] of [
      [(1 << 20) + 4096, 3],
      [1 << 20, 1],
    ] as const) {
      const cost = newCost();
      expect(await vhd.probe(counted(memorySource(new Uint8Array(size), "x"), cost))).toBe(false);
      expect(cost.reads).toBe(reads);
    }
    for (const size of [0, 1, 510, 511, 512]) {
      expect(await vhd.probe(memorySource(new Uint8Array(size), "x"))).toBe(false);
      await expect(open(new Uint8Array(size))).rejects.toMatchObject({ code: "corrupt" });
    }
  });
});

describe("parents", () => {
  const uuid = new Uint8Array(16).fill(7);
  const parent = craftFixedVhd(Buffer.concat([B, B]), { uuid });
  const parentNamed = { name: "C:\\disks\\base.vhd", uuid };

  test("are used when the user gave them, sector by sector", async () => {
    const blocks = [{ bytes: A, written: (sector: number) => sector < 2 }, undefined, undefined];
    const { bytes } = craftDynamicVhd(blocks, { parent: parentNamed });
    const companions = { byName: new Map([["base.vhd", memorySource(parent, "base.vhd")]]) };
    const { disk } = await open(bytes, companions);
    await same(disk, Buffer.concat([A.subarray(0, 1024), B.subarray(1024), B, ZEROS]));
    await expect(open(bytes)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/parent disk "C:\\\\disks\\\\base.vhd".*--with/),
    });
  });

  test("must be the ones", async () => {
    const { bytes } = craftDynamicVhd([undefined], { parent: parentNamed });
    const other = { byName: new Map([["base.vhd", memorySource(craftFixedVhd(A), "base.vhd")]]) };
    await expect(open(bytes, other)).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringMatching(/not its parent/),
    });
    const self = craftDynamicVhd([undefined], { parent: parentNamed, uuid }).bytes;
    const circle = { byName: new Map([["base.vhd", memorySource(self, "base.vhd")]]) };
    await expect(open(self, circle)).rejects.toMatchObject({ code: "limit" });
  });
});

describe("refusals", () => {
  test.each<[string, string, RegExp, (view: DataView) => void]>([
    ["another version", "unsupported", /version 2/, (view) => view.setUint32(12, 0x20000)],
    ["another type", "unsupported", /type 5/, (view) => view.setUint32(60, 5)],
    ["an odd size", "corrupt", /sectors/, (view) => view.setBigUint64(48, 4097n)],
    ["a huge size", "corrupt", /range/, (view) => view.setBigUint64(48, 2n ** 63n)],
    ["more than the blocks hold", "corrupt", /too few/, (view) => view.setBigUint64(48, 8704n)],
    ["a header outside", "corrupt", /header lies outside/, (view) => view.setBigUint64(16, 1n << 40n)],
    ["a header elsewhere", "corrupt", /no dynamic header/, (view) => view.setBigUint64(16, 1536n)],
  ])("footer: %s", async (_what, code, message, change) => {
    const { bytes, view } = craftDynamicVhd([{ bytes: A }, { bytes: B }]);
    change(view);
    sealVhd(bytes, 0, 512);
    await expect(open(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each<[string, RegExp, (view: DataView) => void]>([
    ["no block size", /blocks of 0/, (view) => view.setUint32(512 + 32, 0)],
    ["an odd block size", /blocks of 4097/, (view) => view.setUint32(512 + 32, 4097)],
    ["huge blocks", /blocks of/, (view) => view.setUint32(512 + 32, 1 << 29)],
    ["no blocks", /too few/, (view) => view.setUint32(512 + 28, 0)],
    ["a table above the file", /table lies outside/, (view) => view.setUint32(512 + 28, 0xffff_ffff)],
    ["a table outside", /table lies outside/, (view) => view.setBigUint64(512 + 16, 1n << 40n)],
  ])("dynamic header: %s", async (_what, message, change) => {
    const { bytes, view } = craftDynamicVhd([{ bytes: A }, { bytes: B }]);
    change(view);
    await expect(open(bytes)).rejects.toThrow(/checksum of the dynamic header/);
    sealVhd(bytes, 512, 1024);
    await expect(open(bytes)).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringMatching(message),
    });
  });

  test("a block outside the file, and a fixed disk that was cut", async () => {
    const { bytes, view, table } = craftDynamicVhd([{ bytes: A }]);
    view.setUint32(table, 0xffff_fffe);
    const { disk } = await open(bytes);
    await expect(disk.read(0, 1)).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringMatching(/is the file complete/),
      at: ["x > vhd", "offset 1536"],
    });
    await expect(open(craftFixedVhd(A, { sizeBytes: 8192 }))).rejects.toMatchObject({ code: "corrupt" });
  });
});

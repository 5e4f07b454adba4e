import { expect, test } from "vitest";
import { memorySource } from "../../bytes/byte-source.ts";
import { ext } from "./index.ts";
import { parseSuperblock } from "./superblock.ts";

type Edit = readonly [offset: number, value: number];

/** A superblock of 4 groups of 8,192 blocks of 1 KiB, changed by `edit` ([offset, value] of 32 bits). */
function superblock(...edit: readonly Edit[]): Buffer {
  const bytes = Buffer.alloc(1024);
  bytes.writeUInt32LE(4 * 1024, 0x00);
  bytes.writeUInt32LE(4 * 8192, 0x04);
  bytes.writeUInt32LE(1, 0x14);
  bytes.writeUInt32LE(8192, 0x20);
  bytes.writeUInt32LE(1024, 0x28);
  bytes.writeUInt16LE(0xef53, 0x38);
  bytes.writeUInt32LE(1, 0x4c);
  bytes.writeUInt16LE(256, 0x58);
  for (const [offset, value] of edit) bytes.writeUInt32LE(value >>> 0, offset);
  return bytes;
}

const parse = (...edit: readonly Edit[]): ReturnType<typeof parseSuperblock> =>
  parseSuperblock(superblock(...edit), "x");

test.each([
  ["no blocks", 0x04, 0],
  ["no inodes", 0x00, 0],
  ["more inodes than its groups hold", 0x00, 4097],
  ["a block size of 128 KiB", 0x18, 7],
  ["a first block past the end", 0x14, 40_000],
  ["no blocks a group", 0x20, 0],
  ["more blocks a group than a bitmap counts", 0x20, 8193],
  ["no inodes a group", 0x28, 0],
  ["inodes of 100 bytes", 0x58, 100],
  ["inodes larger than a block", 0x58, 2048],
  ["another magic", 0x38, 0],
])("refuses a superblock with %s", (_name, offset, value) => {
  expect(() => parse([offset, value])).toThrow(
    expect.objectContaining({ code: "corrupt", at: ["x", "offset 1024"] }),
  );
});

test.each([
  [0x1, "compression"],
  [0x8, "journal_dev"],
  [0x1000, "dirdata"],
  [0x80000000, "FEATURE_I31"],
  [0x80041, "FEATURE_I19"],
])("refuses the incompatible feature 0x%s by name: %s", (bit, name) => {
  expect(() => parse([0x60, bit])).toThrow(
    expect.objectContaining({ code: "unsupported", message: expect.stringContaining(name) }),
  );
});

test("tells ext2, ext3 and ext4 apart as blkid does", () => {
  expect(parse().type).toBe("ext2");
  expect(parse([0x5c, 0x4], [0x60, 0x6]).type).toBe("ext3");
  expect(parse([0x5c, 0x4], [0x60, 0x40]).type).toBe("ext4");
  expect(parse([0x64, 0x8]).type).toBe("ext4");
  expect(parse([0x4c, 0], [0x60, 0x80000000]).type).toBe("ext2");
});

test("probes the magic alone, and opens what is larger than its volume", async () => {
  const small = memorySource(Buffer.concat([Buffer.alloc(1024), superblock(), Buffer.alloc(2048)]), "cut");
  expect(await ext.probe(small)).toBe(true);
  expect(await ext.probe(memorySource(new Uint8Array(1500), "short"))).toBe(false);
  expect(await ext.probe(memorySource(new Uint8Array(4096), "zeros"))).toBe(false);
  const fs = await ext.open(small);
  expect(fs.notes).toEqual(["cut off: 33554432 bytes of file system in a volume of 4096 bytes"]);
  await expect(fs.root()).rejects.toMatchObject({ code: "corrupt" });
});

test("says what else a reviewer should know", async () => {
  const open = async (...edit: readonly Edit[]): Promise<readonly string[]> => {
    const whole = Buffer.concat([Buffer.alloc(1024), superblock(...edit)]);
    return (await ext.open({ ...memorySource(whole, "x"), size: 32 << 20 })).notes;
  };
  expect(await open()).toEqual([]);
  expect(await open([0x38, 0x2ef53])).toEqual([expect.stringContaining("errors")]);
  expect(await open([0x60, 0x4])).toEqual(["dirty journal: not replayed: there is no journal"]);
  expect(await open([0x60, 0x4], [0x5c, 0x4])).toEqual([
    "dirty journal: not replayed: the journal is on another device",
  ]);
});

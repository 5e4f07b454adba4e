import { expect, test } from "vitest";
import { random } from "../../../test/support/mutate.ts";
import { writeBootRecord, writeGpt } from "../../../test/support/partitions.ts";
import { memorySource } from "../bytes/byte-source.ts";
import { counted, newCost } from "../bytes/counted.ts";
import { REFUSED, recogniseRefused } from "./refused.ts";

const SIZE = 1 << 20;

function file(at: number, magic: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE);
  bytes.set(Buffer.from(magic, "latin1"), at);
  return bytes;
}

test.each<[string, number, string, RegExp]>([
  ["gzip", 0, "\x1f\x8b\x08\0", /gunzip/],
  ["xz", 0, "\xfd7zXZ\0", /unxz/],
  ["zstd", 0, "\x28\xb5\x2f\xfd", /unzstd/],
  ["bzip2", 0, "BZh91AY&SY", /bunzip2/],
  ["lzop", 0, "\x89LZO\0\r\n\x1a\n", /lzop/],
  ["compress", 0, "\x1f\x9d\x90", /uncompress/],
  ["lzma", 0, `\x5d\0\0\x80\0${"\xff".repeat(8)}\0\x3f`, /unlzma/],
  ["lzma", 0, "\x5e\0\0\x01\0\0\0\0\x40\0\0\0\0\0\x3f", /unlzma/],
  ["lzma", 0, "\x5d\0\0\x03\0\0\0\0\x40\0\0\0\0\0\x3f", /unlzma/],
  ["tar", 257, "ustar\x0000", /OVA/],
  ["sesparse", 0, "\xbe\xba\xfe\xca\0\0\0\0", /SESparse.*scan the descriptor/],
  ["parallels", 0, "WithouFreSpacExt", /Parallels/],
  ["dmg", SIZE - 512, "koly", /Apple/],
])("%s", async (name, at, magic, reason) => {
  expect(await recogniseRefused(memorySource(file(at, magic), "x"))).toEqual({
    name,
    reason: expect.stringMatching(reason),
    holdsFiles: true,
  });
});

test.each([
  ["a dictionary that nobody chooses", "\x5d\0\0\x05\0\0\0\0\x40\0\0\0\0\0\x3f"],
  ["no dictionary", "\x5d\0\0\0\0\0\0\0\x40\0\0\0\0\0\x3f"],
  ["a size that nobody has", "\x5d\0\0\x80\0\0\0\0\0\0\x01\0\0\0\x3f"],
  ["another first byte", "\x5d\0\0\x80\0\0\0\0\x40\0\0\0\0\x01\x3f"],
])("no lzma: %s", async (_what, front) => {
  expect(await recogniseRefused(memorySource(file(0, front), "x"))).toBeUndefined();
});

test("an ISO is one when its own first partition shows it, not when a disk keeps an old descriptor", async () => {
  const bytes = file(32_769, "CD001");
  const recognise = async (): Promise<string | undefined> =>
    (await recogniseRefused(memorySource(bytes, "x")))?.name;
  expect(await recognise()).toBeUndefined();
  writeBootRecord(bytes, 0, [{ type: 0x17, first: 0, sectors: 2000 }]);
  expect(await recognise()).toBe("iso9660");
  writeBootRecord(bytes, 0, [{ type: 0x83, first: 2048, sectors: 2000 }]);
  expect(await recognise()).toBeUndefined();
  writeGpt(bytes, [{ first: 64n, last: 199n }]);
  expect(await recognise()).toBe("iso9660");
  writeGpt(bytes, [{ first: 200n, last: 300n }]);
  expect(await recognise()).toBeUndefined();
});

test("a disk costs its first 4 KiB and its last block", async () => {
  const cost = newCost();
  const bytes = new Uint8Array(SIZE);
  writeBootRecord(bytes, 0, [{ type: 0x83, first: 2048, sectors: 2000 }]);
  expect(await recogniseRefused(counted(memorySource(bytes, "x"), cost))).toBeUndefined();
  expect(cost).toEqual({ reads: 2, bytes: 8192, rounds: 0 });
});

test("files of any size and content never throw", async () => {
  const next = random(4);
  for (let i = 0; i < 200; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(next() * 3000) }, () => next() * 256);
    await recogniseRefused(memorySource(bytes, "x"));
  }
  for (const size of [0, 1, 511, 512, 2048])
    expect(await recogniseRefused(memorySource(new Uint8Array(size), "x"))).toBeUndefined();
});

test("every reason says what it is and what to do, in one line", () => {
  for (const { name, reason } of REFUSED) expect(reason, name).toMatch(/^[^\n]+: [^\n]+$/);
});

import { describe, expect, test } from "vitest";
import { pattern } from "../../../../test/support/sources.ts";
import {
  BAT,
  type CraftedVhdx,
  craftVhdx,
  LOG,
  type LogWrite,
  logEntry,
  sealVhdx,
  writeLog,
} from "../../../../test/support/vhdx.ts";
import { memorySource } from "../../bytes/byte-source.ts";
import type { Container } from "../../bytes/format.ts";
import { LogWrites } from "./log-writes.ts";
import { vhdx } from "./vhdx.ts";

const MIB = 1 << 20;
const GUID = "12345678-9abc-def0-1234-56789abcdef0";
const A = pattern(MIB);
/** Block 1 is in the file; only the log puts it into the table. */
const OFFSET = 4 * MIB;
const PAGE = pattern(4096 + 13).subarray(13);

function dirty(): CraftedVhdx {
  return craftVhdx([{ bytes: A }, 0], { logGuid: GUID });
}

/** The first page of the BAT with both blocks in the same place. */
function batPage(image: CraftedVhdx): Uint8Array {
  const page = image.bytes.slice(BAT, BAT + 4096);
  new DataView(page.buffer).setBigUint64(8, BigInt(OFFSET) | 6n, true);
  return page;
}

function entry(image: CraftedVhdx, sequence: bigint, tail: number, writes: readonly LogWrite[]): Uint8Array {
  return logEntry({ guid: GUID, sequence, tail, writes, fileBytes: image.bytes.length });
}

function open({ bytes }: CraftedVhdx): Promise<Container> {
  return vhdx.open(memorySource(bytes, "x"));
}

describe("replay", () => {
  test.each([0, 4096, MIB - 4096])("entries that begin at %d of the log", async (start) => {
    const image = dirty();
    const bat = entry(image, 5n, start, [{ offset: BAT, bytes: batPage(image) }]);
    const data = entry(image, 6n, start, [
      { offset: OFFSET, bytes: PAGE },
      { offset: OFFSET + 8192, zeros: 12_288 },
    ]);
    writeLog(image.bytes, start, [bat, data]);
    const before = image.bytes.slice();
    const { disk, details } = await open(image);
    const block = A.slice();
    block.set(PAGE);
    block.fill(0, 8192, 8192 + 12_288);
    expect(Buffer.compare(await disk.read(0, disk.size), Buffer.concat([block, block]))).toBe(0);
    expect([...(await disk.read(4000, 200))]).toEqual([...block.subarray(4000, 4200)]);
    expect(details).toContain("marked dirty: its log was replayed in memory");
    expect(Buffer.compare(image.bytes, before)).toBe(0);
  });

  test("descriptors that fill more than one sector", async () => {
    const image = dirty();
    const writes = Array.from({ length: 130 }, (_, i) => ({
      offset: OFFSET + i * 4096,
      bytes: pattern(4096 + i).subarray(i),
    }));
    writeLog(image.bytes, 0, [entry(image, 1n, 0, writes)]);
    const { disk } = await open(image);
    const expected = Buffer.concat(writes.map(({ bytes }) => bytes));
    expect(Buffer.compare(await disk.read(0, expected.length), expected)).toBe(0);
  });

  test("of two runs the newer counts; what lies before its tail is not written again", async () => {
    const image = dirty();
    const zeros = entry(image, 9n, 0, [{ offset: BAT, zeros: 4096 }]);
    const after = entry(image, 10n, zeros.length, [{ offset: OFFSET, bytes: PAGE }]);
    const old = entry(image, 2n, 65_536, [{ offset: OFFSET, zeros: 4096 }]);
    writeLog(image.bytes, 0, [zeros, after]);
    writeLog(image.bytes, 65_536, [old]);
    const { disk } = await open(image);
    expect([...(await disk.read(0, 8))]).toEqual([...PAGE.subarray(0, 8)]);
  });

  test("an entry that was cut while it was written ends the run", async () => {
    const image = dirty();
    const first = entry(image, 1n, 0, [{ offset: BAT, bytes: batPage(image) }]);
    const torn = entry(image, 2n, 0, [{ offset: BAT, zeros: 4096 }]);
    torn[100] = 1;
    writeLog(image.bytes, 0, [first, torn]);
    const { disk } = await open(image);
    expect([...(await disk.read(MIB, 4))]).toEqual([...A.subarray(0, 4)]);
  });

  test("a later write wins, data over zeros and zeros over data", async () => {
    const writes = new LogWrites();
    writes.zero(0, 8192);
    writes.set(4096, PAGE);
    writes.set(8192, PAGE);
    writes.zero(8192, 4096 * 3);
    writes.zero(16_384, 8192);
    const source = writes.over(memorySource(pattern(40_960), "x"), 45_056);
    const expected = Buffer.concat([
      new Uint8Array(4096),
      PAGE,
      new Uint8Array(16_384),
      pattern(40_960).subarray(24_576),
      new Uint8Array(4096),
    ]);
    expect(Buffer.compare(await source.read(0, source.size), expected)).toBe(0);
    for (const [at, length] of [
      [5000, 4000],
      [40_000, 5000],
      [0, 1],
    ] as const)
      expect(Buffer.compare(await source.read(at, length), expected.subarray(at, at + length))).toBe(0);
  });
});

describe("refusals", () => {
  function write(change: (entry: Uint8Array, view: DataView) => void): CraftedVhdx {
    const image = dirty();
    const one = entry(image, 1n, 0, [{ offset: OFFSET, bytes: PAGE }]);
    change(one, new DataView(one.buffer));
    sealVhdx(one, 0, one.length);
    writeLog(image.bytes, 0, [one]);
    return image;
  }

  test.each<[string, string, RegExp, () => CraftedVhdx]>([
    ["an empty log", "corrupt", /none of it is whole/, dirty],
    ["another log's entry", "corrupt", /none of it/, () => write((bytes) => bytes.fill(1, 32, 48))],
    ["a tail elsewhere", "corrupt", /none of it/, () => write((_, view) => view.setUint32(12, 8192, true))],
    [
      "a shorter file",
      "corrupt",
      /complete/,
      () => write((_, view) => view.setBigUint64(48, 1n << 40n, true)),
    ],
    [
      "descriptors past it",
      "corrupt",
      /do not fit/,
      () => write((_, view) => view.setUint32(24, 1 << 20, true)),
    ],
    ["another's data", "corrupt", /data sector/, () => write((_, view) => view.setUint32(8188, 2, true))],
    ["no known kind", "corrupt", /no known kind/, () => write((bytes) => bytes.fill(0, 64, 68))],
    [
      "an odd offset",
      "corrupt",
      /does not belong/,
      () => write((_, view) => view.setBigUint64(80, 5n, true)),
    ],
  ])("%s", async (_what, code, message, make) => {
    await expect(open(make())).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each<[string, number, bigint]>([
    ["no length", 0, BigInt(LOG)],
    ["an odd place", MIB, 5n],
    ["a place outside", MIB, 1n << 40n],
    ["a length outside", 0x7ff0_0000, BigInt(LOG)],
  ])("a log with %s", async (_what, length, offset) => {
    const { bytes, view } = dirty();
    for (const at of [65_536, 131_072]) {
      view.setUint32(at + 68, length, true);
      view.setBigUint64(at + 72, offset, true);
      sealVhdx(bytes, at, 4096);
    }
    await expect(vhdx.open(memorySource(bytes, "x"))).rejects.toMatchObject({ code: "corrupt" });
  });

  test("entries that all claim the whole log end in bounded time", async () => {
    const image = dirty();
    const one = entry(image, 1n, 0, []);
    new DataView(one.buffer).setUint32(8, MIB, true);
    for (let at = 0; at < MIB; at += 4096) writeLog(image.bytes, at, [one.subarray(0, 64)]);
    await expect(open(image)).rejects.toMatchObject({ code: "corrupt" });
  });
});

import { describe, expect, test } from "vitest";
import { random } from "../../../test/support/mutate.ts";
import { memorySource } from "../bytes/byte-source.ts";
import { coalesced } from "../bytes/coalesced.ts";
import { counted, newCost } from "../bytes/counted.ts";
import type { Recognised } from "../bytes/signature.ts";
import { REFUSED, recogniseRefused } from "./refused.ts";

const SIZE = 4 << 20;

function recognise(
  marks: readonly (readonly [number, string])[],
  size = SIZE,
): Promise<Recognised | undefined> {
  const bytes = new Uint8Array(size);
  for (const [at, text] of marks) bytes.set(Buffer.from(text, "latin1"), at);
  return recogniseRefused(memorySource(bytes, "x"));
}

describe("signatures", () => {
  test.each<[string, number, string, RegExp]>([
    ["crypto_LUKS", 0, "LUKS\xba\xbe\0\x01", /LUKS1.*cryptsetup/],
    ["crypto_LUKS", 0, "LUKS\xba\xbe\0\x02", /LUKS2/],
    ["BitLocker", 3, "-FVE-FS-", /BitLocker/],
    ["LVM2_member", 512, "LABELONE", /label is damaged/],
    ["LVM2_member", 1536, "LABELONE", /label is damaged/],
    ["drbd", SIZE - 4096 + 60, "\x83\x74\x02\x6d", /DRBD/],
    ["zfs_member", 16_384 + 24, "version\0", /ZFS/],
    ["zfs_member", SIZE - 524_288 + 16_384 + 24, "version\0", /ZFS/],
    ["bcache", 4120, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81", /bcache/],
    ["apfs", 32, "NXSB", /apfs file system/],
    ["ReFS", 0, "\0\0\0ReFS\0", /ReFS/],
    ["ufs", 65_536 + 1372, "\x19\x01\x54\x19", /ufs/],
    ["jfs", 32_768, "JFS1", /jfs/],
    ["reiserfs", 65_536 + 52, "ReIsEr2Fs", /reiserfs/],
    ["DM_integrity", 0, "integrt\0", /dm-integrity/],
    ["VMFS_volume_member", 1 << 20, "\x0d\xd0\x01\xc0", /VMware/],
    ["iso9660", 32_769, "CD001", /install.wim/],
    ["udf", 32_769, "BEA01", /install.wim/],
  ])("%s at %d", async (name, at, magic, reason) => {
    expect(await recognise([[at, magic]])).toEqual({
      name,
      reason: expect.stringMatching(reason),
      holdsFiles: true,
    });
  });

  test("what holds no files says so", async () => {
    for (const at of [4086, 8182, 16_374, 65_526])
      expect(await recognise([[at, "SWAPSPACE2"]])).toMatchObject({ name: "swap", holdsFiles: false });
    expect(await recognise([[4086, "S1SUSPEND"]])).toMatchObject({ name: "swsuspend", holdsFiles: false });
    expect(await recognise([[0, "verity\0\0\x01"]])).toMatchObject({
      name: "DM_verity_hash",
      holdsFiles: false,
    });
    expect(await recognise([])).toMatchObject({ name: "empty", holdsFiles: false });
    expect(await recognise([[65_536, "x"]])).toMatchObject({ name: "empty" });
  });

  test("what nobody knows stays unknown", async () => {
    expect(await recognise([[65_535, "x"]])).toBeUndefined();
    expect(await recognise([[0, "x"]])).toBeUndefined();
  });

  test("the outer layer wins: LUKS over what was there before", async () => {
    expect(
      await recognise([
        [0, "LUKS\xba\xbe\0\x02"],
        [32_769, "CD001"],
        [SIZE - 4096 + 60, "\x83\x74\x02\x6d"],
      ]),
    ).toMatchObject({ name: "crypto_LUKS" });
  });
});

test("volumes of any size, however small, never throw", async () => {
  for (const size of [0, 1, 511, 512, 4095, 4096, 8191, 65_536, 70_000, (1 << 20) + 3])
    expect(await recognise([], size)).toMatchObject({ name: "empty" });
});

test("noise of any size never throws", async () => {
  const next = random(3);
  for (let i = 0; i < 200; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(next() * 80_000) }, () => next() * 256);
    await recogniseRefused(memorySource(bytes, "x"));
  }
});

test("every reason says what it is, and is one line", () => {
  for (const { name, reason } of REFUSED) expect(reason, name).toMatch(/^[^\n]{8,120}$/);
});

test("reads little, in few rounds", async () => {
  const cost = newCost();
  const bytes = new Uint8Array(SIZE);
  bytes[70_000] = 1;
  await recogniseRefused(coalesced(counted(memorySource(bytes, "x"), cost), { cost }));
  expect(cost.rounds).toBe(3);
  expect(cost.bytes).toBeLessThanOrEqual(128 << 10);
});

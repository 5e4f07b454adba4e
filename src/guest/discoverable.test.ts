import { describe, expect, test } from "vitest";
import { memorySource } from "../disk/bytes/byte-source.ts";
import type { DiskVolume } from "../disk/disk.ts";
import { bestSlot, espPath, isAutomatic, isRootType, isUsrType } from "./discoverable.ts";

const ROOT_X86 = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
const USR_FLATCAR = "5dfbf5f4-2848-4bac-aa5e-0d9a20b745a6";
const ROOT_COS = "3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec";
const ROOT_FLATCAR = "3884dd41-8582-4404-b9a8-e9b84f2df50e";

function volume(type: string, label: string, attributes: bigint): { readonly volume: DiskVolume } {
  const data = memorySource(new Uint8Array(1), label);
  const partition = { number: 1, label, type, uuid: "", attributes, startBytes: 0, data };
  return { volume: { name: label, data, partition, content: { kind: "nothing", type: "unknown" } } };
}

const bits = (priority: bigint, tries: bigint, successful: bigint): bigint =>
  (priority << 48n) | (tries << 52n) | (successful << 56n);

describe("slots with a priority", () => {
  test.each<[string, bigint, bigint, string | undefined]>([
    ["the higher priority", bits(1n, 0n, 1n), bits(2n, 0n, 1n), "b"],
    ["one that has tries left counts before it is known to work", bits(2n, 1n, 0n), bits(1n, 0n, 1n), "a"],
    ["one that used them up does not", bits(2n, 0n, 0n), bits(1n, 0n, 1n), "b"],
    ["priority 0 is never started", bits(0n, 15n, 1n), bits(1n, 1n, 0n), "b"],
    ["alike: nothing tells", bits(1n, 0n, 1n), bits(1n, 0n, 1n), undefined],
    ["none is usable", bits(0n, 0n, 1n), bits(3n, 0n, 0n), undefined],
  ])("%s", (_what, a, b, best) => {
    for (const type of [USR_FLATCAR, ROOT_COS])
      expect(bestSlot([volume(type, "a", a), volume(type, "b", b)])?.volume.name).toBe(best);
  });
});

describe("versions in labels", () => {
  const of = (...labels: readonly string[]): string | undefined =>
    bestSlot(labels.map((label) => volume(ROOT_X86, label, 0n)))?.volume.name;
  test("the newest, compared as numbers", () => {
    expect(of("os_1.9", "os_1.10", "os_1.2")).toBe("os_1.10");
    expect(of("os", "os")).toBeUndefined();
  });
  test("what is marked to be left alone is left alone", () => {
    const hidden = volume(ROOT_X86, "os_9", 1n << 63n);
    expect(bestSlot([hidden, volume(ROOT_X86, "os_1", 0n)])?.volume.name).toBe("os_1");
    expect(hidden.volume.partition && isAutomatic(hidden.volume.partition)).toBe(false);
  });
});

test("types", () => {
  expect([ROOT_X86, ROOT_COS, ROOT_FLATCAR].map(isRootType)).toEqual([true, true, true]);
  expect([USR_FLATCAR, ROOT_X86].map(isUsrType)).toEqual([true, false]);
  expect(espPath(ROOT_FLATCAR)).toBe("/boot");
  expect(espPath(undefined)).toBe("/boot/efi");
});

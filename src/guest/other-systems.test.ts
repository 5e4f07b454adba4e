import { describe, expect, test } from "vitest";
import { type FlatFiles, nest } from "../../test/support/machine.ts";
import { memoryFileSystem } from "../../test/support/memory-fs.ts";
import { memorySource } from "../disk/bytes/byte-source.ts";
import type { DiskVolume } from "../disk/disk.ts";
import { unsupported } from "../errors.ts";
import { inDoubt } from "../ipv6/doubt.ts";
import { predict } from "../ipv6/predict.ts";
import { observe } from "../model/observations.ts";
import { bootEntry } from "./boot/index.ts";
import { type Examined, examine, examineFiles } from "./machine.ts";

function volume(number: number, type: string, files: FlatFiles | undefined): DiskVolume {
  const label = `disk > mbr#${number}`;
  const content: DiskVolume["content"] = files
    ? {
        kind: "filesystem",
        locator: `${label} > ${type}`,
        fs: memoryFileSystem(nest(files), { type, caseSensitive: type !== "ntfs" }),
      }
    : { kind: "unread", type, error: unsupported(label, `a ${type} volume`) };
  return { name: `p${number}`, data: memorySource(new Uint8Array(), label), content };
}

const linux = volume(2, "ext4", {
  "/etc/os-release": "ID=debian\nVERSION_ID=12\n",
  "/usr/bin/x": "x",
  "/boot/vmlinuz": "x",
});

function seen(...more: readonly DiskVolume[]): Promise<Examined | undefined> {
  return examine([linux, ...more], [{ wants: [{ path: "/etc/os-release" }] }]);
}

const hive = { "/Windows/System32/config/SYSTEM": "regf" };

describe("another system beside a Linux", () => {
  test.each([
    ["with its hive", volume(1, "ntfs", hive), /there is a Windows in p1/],
    ["encrypted", volume(1, "BitLocker", undefined), /may be a Windows, which was not read, in p1/],
    ["on a dynamic disk", volume(1, "LDM", undefined), /may be a Windows, which was not read, in p1/],
    ["a BSD", volume(1, "ufs", undefined), /may be a BSD, which was not read, in p1/],
    ["a macOS", volume(1, "apfs", undefined), /may be a macOS, which was not read, in p1/],
    ["that could not be read", volume(1, "ntfs", undefined), /may be a Windows, which was not read, in p1/],
  ])("%s: which of them boots is not told", async (_name, beside, why) => {
    const found = await seen(beside);
    expect(found?.tree.mounts[0]?.locator).toBe("disk > mbr#2 > ext4");
    expect(found?.doubts?.map((one) => [one.ofSystem, one.why])).toEqual([
      [true, expect.stringMatching(why)],
    ]);
    if (!found) return;
    const observations = observe(found.snapshot);
    const prediction = predict(observations, bootEntry.read(observations));
    expect(inDoubt({ ...prediction, state: "off" }, found.doubts ?? []).state).toBe("unknown");
  });

  test.each([
    ["data", volume(1, "ntfs", { "/data/x": "x" })],
    ["a Windows folder without a hive", volume(1, "ntfs", { "/Windows/x": "x" })],
    ["encrypted by LUKS", volume(1, "crypto_LUKS", undefined)],
  ])("%s is no Windows", async (_name, beside) => {
    expect((await seen(beside))?.doubts ?? []).toEqual([]);
  });
});

test("folders of a Unix on drive C make no Linux of a Windows", async () => {
  const unix = { "/etc/os-release": "ID=debian\n", "/bin/x": "x" };
  expect(await examine([volume(1, "ntfs", { ...hive, ...unix })], [])).toBeUndefined();
  const folder = (files: FlatFiles): Promise<Examined | undefined> =>
    examineFiles(memoryFileSystem(nest({ ...files, ...unix })), "./c", []);
  expect(await folder(hive)).toBeUndefined();
  expect(await folder({ "/windows/system32/config/system": "regf" })).toBeUndefined();
  expect(await folder({ "/windows/x": "x" })).toBeDefined();
});

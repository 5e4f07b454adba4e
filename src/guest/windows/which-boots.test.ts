import { describe, expect, test } from "vitest";
import { bootConfiguration, descriptor, gptDevice, mbrDevice } from "../../../test/support/bcd.ts";
import { buildHive, type HiveTree, seal } from "../../../test/support/hive.ts";
import { nest } from "../../../test/support/machine.ts";
import { memoryFileSystem } from "../../../test/support/memory-fs.ts";
import { memorySource } from "../../disk/bytes/byte-source.ts";
import type { Partition, PartitionTable } from "../../disk/bytes/format.ts";
import type { DiskVolume } from "../../disk/disk.ts";
import { corrupt, unsupported } from "../../errors.ts";
import { decodeBootDevice } from "./boot-device.ts";
import { examineWindows } from "./machine.ts";

const DISK = "11111111-2222-3333-4444-555555555555";
const ESP = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
const DATA = "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7";
const [A, B] = ["{aaaaaaaa-0000-0000-0000-000000000001}", "{bbbbbbbb-0000-0000-0000-000000000002}"];
const uuid = (number: number): string => `00000000-0000-0000-0000-00000000000${number}`;
const MIB = 1 << 20;

interface Content {
  readonly type?: string;
  readonly files?: Parameters<typeof nest>[0];
  readonly partition?: Partial<Partition>;
  readonly unread?: true;
}

function volume(number: number, { type = "ntfs", files = {}, partition, unread }: Content): DiskVolume {
  const label = `disk > gpt#${number}`;
  const data = memorySource(new Uint8Array(), label);
  return {
    name: `p${number}`,
    data,
    partition: {
      number,
      label: "",
      type: type === "vfat" ? ESP : DATA,
      uuid: uuid(number),
      startBytes: number * MIB,
      data,
      ...partition,
    },
    content: unread
      ? { kind: "unread", type: "BitLocker", error: unsupported(label, "encrypted with BitLocker") }
      : {
          kind: "filesystem",
          locator: `${label} > ${type}`,
          fs: memoryFileSystem(nest(files), { type, caseSensitive: false }),
        },
  };
}

const gpt: PartitionTable = { scheme: "gpt", diskId: DISK, sectorSizeBytes: 512, partitions: [], notes: [] };
const mbr: PartitionTable = { ...gpt, scheme: "mbr", diskId: "0badcafe" };
const system = buildHive({ keys: { Select: { values: { Current: 1 } } } });
const windows = { "/Windows/System32/config/SYSTEM": system, "/Windows/system32/winload.efi": "x" };
const leftover = { "/Windows/System32/config/SYSTEM": system };
const store = (tree: HiveTree): Content => ({
  type: "vfat",
  files: { "/EFI/Microsoft/Boot/BCD": buildHive(tree) },
});
const starts = (device: Uint8Array): HiveTree => bootConfiguration({ [A]: { device } }, { start: A });

/** Where the judged Windows lies, and why it is in doubt. */
async function examined(
  contents: readonly Content[],
  table: PartitionTable = gpt,
  ifBoots = false,
): Promise<{ at?: string | undefined; doubt?: string | undefined; notes?: readonly string[] }> {
  const volumes = contents.map((one, i) => volume(i + 1, one));
  const follow = () => ({ files: { wants: [] }, keys: [], ifBoots });
  const found = await examineWindows({ volumes, table }, { files: { wants: [] }, keys: [], follow });
  const doubt = found?.doubts?.find(({ ofSystem }) => ofSystem)?.why;
  return { at: found?.tree.mounts[0]?.locator, doubt, notes: found?.notes ?? [] };
}

describe("GPT", () => {
  test.each([
    [2, "disk > gpt#2 > ntfs"],
    [3, "disk > gpt#3 > ntfs"],
  ])("the partition that the default entry names boots: %d", async (number, at) => {
    const bcd = store(starts(gptDevice(DISK, uuid(number))));
    const found = await examined([bcd, { files: windows }, { files: windows }]);
    expect(found).toMatchObject({ at, doubt: undefined });
    expect(found.notes).toContain(
      `disk > gpt#1 > vfat > /EFI/Microsoft/Boot/BCD starts the Windows in ${at}`,
    );
    expect(found.notes?.join()).toContain("another Windows lies in");
  });

  test.each<[string, HiveTree, RegExp]>([
    ["of another disk", starts(gptDevice(uuid(9), uuid(3))), /a partition of another disk/],
    ["without a Windows", starts(gptDevice(DISK, uuid(1))), /holds no Windows here/],
    ["of unknown type", starts(descriptor(99)), /unknown type 99/],
    ["in a RAM disk", starts(Object.assign(descriptor(6), { 48: 3 })), /inside a disk image or RAM disk/],
    ["too short", starts(new Uint8Array(10)), /outside|beyond|past|of 10/],
    ["by a file that several have", starts(descriptor(8)), /takes the first volume that holds/],
    [
      "in another folder",
      bootConfiguration({ [A]: { device: gptDevice(DISK, uuid(3)), systemRoot: "\\WINNT" } }, { start: A }),
      /\\WINNT/,
    ],
    ["no default", bootConfiguration({}), /without a default entry/],
    ["an entry that is not there", bootConfiguration({}, { start: B }), /lacks its entry/],
    [
      "no loader of Windows",
      bootConfiguration({ [A]: { device: descriptor(5), type: 0x10200005 } }, { start: A }),
      /loads no Windows/,
    ],
    ["no boot manager", { keys: { Objects: {} } }, /without a boot manager/],
    ["an ESP as its own volume", starts(descriptor(5)), /the volume that it lies in itself/],
  ])("%s: all are named, none is taken for sure", async (_name, tree, why) => {
    const found = await examined([store(tree), { files: windows }, { files: windows }]);
    expect(found.doubt).toMatch(why);
    expect(found.doubt).toContain("which of 2 volumes boots (p2, p3)");
  });

  test("no boot configuration, a broken one, a dirty one: in doubt", async () => {
    const two = [{ files: windows }, { files: windows }];
    expect((await examined(two)).doubt).toContain("no boot configuration (BCD) was found");
    const noise = { type: "vfat", files: { "/EFI/Microsoft/Boot/BCD": "noise" } };
    expect((await examined([noise, ...two])).doubt).toContain("the boot configuration: corrupt");
    const dirty = Buffer.from(buildHive(starts(gptDevice(DISK, uuid(3)))));
    dirty.writeUInt32LE(dirty.readUInt32LE(8) + 1, 4);
    seal(dirty);
    const stale = { type: "vfat", files: { "/EFI/Microsoft/Boot/BCD": dirty } };
    expect((await examined([stale, ...two])).doubt).toContain("without a usable log");
  });

  test("what is started once counts, too", async () => {
    const entries = { [A]: { device: gptDevice(DISK, uuid(2)) }, [B]: { device: gptDevice(DISK, uuid(3)) } };
    const two = [{ files: windows }, { files: windows }];
    const other = await examined([store(bootConfiguration(entries, { start: A, once: [B] })), ...two]);
    expect(other.doubt).toContain("starts one of them once and another one afterwards");
    const same = await examined([store(bootConfiguration(entries, { start: B, once: [B] })), ...two]);
    expect(same).toMatchObject({ at: "disk > gpt#3 > ntfs", doubt: undefined });
  });

  test("after sysprep: the volume that holds the loader", async () => {
    const found = await examined([store(starts(descriptor(8))), { files: leftover }, { files: windows }]);
    expect(found).toMatchObject({ at: "disk > gpt#3 > ntfs", doubt: undefined });
  });
});

describe("MBR", () => {
  const bios = (device: Uint8Array): NonNullable<Content["files"]> => ({
    "/Boot/BCD": buildHive(starts(device)),
  });

  test("the active partition's configuration counts, and names by where a partition begins", async () => {
    const active: Content = { files: bios(mbrDevice("0badcafe", 3 * MIB)), partition: { isActive: true } };
    const other: Content = { files: { ...windows, ...bios(mbrDevice("0badcafe", 2 * MIB)) } };
    const found = await examined([active, other, { files: windows }], mbr);
    expect(found).toMatchObject({ at: "disk > gpt#3 > ntfs", doubt: undefined });
    const foreign: Content = { files: bios(mbrDevice("00000001", 3 * MIB)), partition: { isActive: true } };
    expect((await examined([foreign, other, { files: windows }], mbr)).doubt).toContain("another disk");
  });

  test("a configuration can name its own volume", async () => {
    const own: Content = { files: { ...windows, ...bios(descriptor(5)) }, partition: { isActive: true } };
    expect(await examined([{ files: windows }, own], mbr)).toMatchObject({
      at: "disk > gpt#2 > ntfs",
      doubt: undefined,
    });
  });

  test("two that disagree decide nothing", async () => {
    const uefi = store(starts(mbrDevice("0badcafe", 2 * MIB)));
    const active: Content = {
      files: { ...windows, ...bios(mbrDevice("0badcafe", 3 * MIB)) },
      partition: { isActive: true },
    };
    expect((await examined([uefi, active, { files: windows }], mbr)).doubt).toContain("name different ones");
  });
});

describe("one candidate", () => {
  test("a Windows folder without a hive boots nothing: no boot configuration is asked", async () => {
    const noise = { type: "vfat", files: { "/EFI/Microsoft/Boot/BCD": "noise" } };
    const found = await examined([noise, { files: { "/Windows/readme.txt": "x" } }, { files: windows }]);
    expect(found).toMatchObject({ at: "disk > gpt#3 > ntfs", doubt: undefined });
    expect(found.notes?.join()).toContain("gpt#2 > ntfs (without a SYSTEM hive)");
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["a virtual disk", descriptor(0), /names a disk image, RAM disk or whole disk/],
    ["a RAM disk", Object.assign(descriptor(6), { 48: 3 }), /inside a disk image or RAM disk/],
    ["another disk", gptDevice(uuid(9), uuid(2)), /a partition of another disk/],
    ["a volume without a Windows", gptDevice(DISK, uuid(1)), /holds no Windows here/],
  ])("the boot configuration starts %s: in doubt, where that matters", async (_name, device, why) => {
    const contents = [store(starts(device)), { files: windows }];
    const found = await examined(contents, gpt, true);
    expect(found.doubt).toMatch(why);
    expect(found.doubt).toContain("it cannot be told whether the Windows in p2 boots: the boot entry");
    expect((await examined(contents)).doubt).toBeUndefined();
  });

  test("the boot configuration loads no Windows by default, or cannot be read: in doubt", async () => {
    const other = { [A]: { device: descriptor(5), type: 0x10400009 } };
    const efi = await examined(
      [store(bootConfiguration(other, { start: A })), { files: windows }],
      gpt,
      true,
    );
    expect(efi.doubt).toContain("loads no Windows");
    const noise = { type: "vfat", files: { "/EFI/Microsoft/Boot/BCD": "noise" } };
    expect((await examined([noise, { files: windows }], gpt, true)).doubt).toContain(
      "configuration: corrupt",
    );
  });

  test("the boot configuration starts it, or there is none: told", async () => {
    for (const device of [gptDevice(DISK, uuid(2)), descriptor(8)]) {
      const found = await examined([store(starts(device)), { files: windows }], gpt, true);
      expect(found.doubt).toBeUndefined();
      expect(found.notes?.join()).toContain(
        "/EFI/Microsoft/Boot/BCD starts the Windows in disk > gpt#2 > ntfs",
      );
    }
    const none = await examined([{ files: windows }], gpt, true);
    expect(none.doubt).toBeUndefined();
    expect(none.notes?.join()).toContain("no boot configuration (BCD) was found");
  });

  test("no Windows at all", async () => {
    expect((await examined([{ files: { "/x": "y" } }])).at).toBeUndefined();
  });

  test("a root folder that cannot be listed is the reason", async () => {
    const broken = volume(1, {});
    const { content } = broken;
    if (content.kind !== "filesystem") throw new Error("no file system");
    const fs = { ...content.fs, root: () => Promise.reject(corrupt("disk > gpt#1 > ntfs", "index is bad")) };
    const place = { volumes: [{ ...broken, content: { ...content, fs } }], table: gpt };
    await expect(examineWindows(place, { files: { wants: [] }, keys: [] })).rejects.toThrow(
      "no operating system could be read: index is bad",
    );
  });
});

describe("a volume that cannot be read", () => {
  test("boots: the image cannot be read", async () => {
    const bcd = store(starts(gptDevice(DISK, uuid(3))));
    await expect(examined([bcd, { files: windows }, { unread: true }])).rejects.toThrow(
      /the Windows that boots .* could not be read: encrypted with BitLocker/,
    );
  });

  test("does not boot: it is named", async () => {
    const bcd = store(starts(gptDevice(DISK, uuid(2))));
    const found = await examined([bcd, { files: windows }, { unread: true }]);
    expect(found).toMatchObject({ at: "disk > gpt#2 > ntfs", doubt: undefined });
    expect(found.notes?.join()).toContain("disk > gpt#3 may hold another Windows and was not read");
  });
});

test("devices as bcdedit wrote them: MBR and the boot volume", () => {
  // The first is from mistyprojects.co.uk, "Devices Partition - Data"; the second of a Windows setup medium.
  const mbrBytes = Buffer.alloc(88);
  mbrBytes.set(Buffer.from("060000000000000048000000000000000000f01500000000", "hex"), 16);
  mbrBytes.set(Buffer.from("0000000001000000f1a8ebb3", "hex"), 48);
  expect(decodeBootDevice(mbrBytes, "x")).toEqual({
    kind: "mbr",
    diskId: "b3eba8f1",
    startBytes: 368_050_176,
  });
  const boot = Buffer.from(
    `${"00".repeat(16)}0500000000000000480000000000000000000000${"00".repeat(52)}`,
    "hex",
  );
  expect(decodeBootDevice(boot, "x")).toEqual({ kind: "boot" });
});

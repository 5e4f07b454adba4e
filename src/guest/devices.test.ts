import { expect, test } from "vitest";
import { memoryFileSystem } from "../../test/support/memory-fs.ts";
import { memorySource } from "../disk/bytes/byte-source.ts";
import type { DiskVolume } from "../disk/disk.ts";
import { volumeOfDevice } from "./devices.ts";

const data = memorySource(new Uint8Array(1), "x");

function volume(number: number, label: string, uuid: string): DiskVolume {
  const partition = {
    number,
    label: `part ${label}`,
    type: "",
    uuid: `P-${uuid}`,
    attributes: 0n,
    startBytes: 0,
    data,
  };
  const fs = memoryFileSystem({}, { label, uuid });
  return { name: `p${number}`, data, partition, content: { kind: "filesystem", fs, locator: "x" } };
}

const VOLUMES: readonly DiskVolume[] = [
  volume(1, "", ""),
  volume(2, "a/b", "AAAA-0001"),
  { ...volume(15, "root", "33333333-3333-4333-8333-333333333333"), devices: ["/dev/mapper/vg-root"] },
];

test.each([
  ["UUID=33333333-3333-4333-8333-333333333333", 15],
  ["UUID=aaaa-0001", 2],
  ["LABEL=root", 15],
  ["LABEL=ROOT", undefined],
  ["LABEL=", undefined],
  ["UUID=", undefined],
  ["PARTUUID=p-aaaa-0001", 2],
  ["PARTLABEL=part root", 15],
  ["/dev/disk/by-label/a\\x2fb", 2],
  ["/dev/disk/by-partlabel/part\\x20root", 15],
  ["/dev/vda2", 2],
  ["/dev/nvme0n1p15", 15],
  ["/dev/vdb2", undefined],
  ["/dev/sda3", undefined],
  ["/dev/vda", undefined],
  ["/dev/mapper/vg-root", 15],
  ["tmpfs", undefined],
] as const)("%s", (device, number) => {
  expect(volumeOfDevice(device, VOLUMES)?.partition?.number).toBe(number);
});

test("what two volume groups of one name both have is neither's", () => {
  const twin = { ...volume(3, "", "BBBB-0001"), devices: ["/dev/mapper/vg-root"] };
  expect(volumeOfDevice("/dev/mapper/vg-root", [...VOLUMES, twin])).toBeUndefined();
});

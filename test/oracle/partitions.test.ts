import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import type { PartitionTable } from "../../src/disk/bytes/format.ts";
import { gpt } from "../../src/disk/partitions/gpt.ts";
import { mbr } from "../../src/disk/partitions/mbr.ts";
import { missing, run, scratch } from "../support/images.ts";

const folder = scratch("partitions");
const MIB = 1 << 20;

interface Seen {
  readonly number: number;
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid: string;
  readonly name: string;
}

function empty(name: string, sizeBytes: number): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  truncateSync(path, sizeBytes);
  return path;
}

function load(path: string): ByteSource {
  return memorySource(readFileSync(path), "x");
}

async function ours(path: string): Promise<{ table: PartitionTable; seen: Seen[] }> {
  const source = load(path);
  const isGpt = await gpt.probe(source);
  expect(await mbr.probe(source)).toBe(!isGpt);
  const table = await (isGpt ? gpt : mbr).open(source);
  const seen = table.partitions.map(({ number, startBytes, data, type, uuid, label }) => ({
    number,
    start: startBytes / table.sectorSizeBytes,
    size: data.size / table.sectorSizeBytes,
    type,
    uuid,
    name: label,
  }));
  return { table, seen };
}

/** What sfdisk says of a file or device. Extended partitions, which hold no volume, are left out. */
function sfdisk(device: string): Seen[] {
  const dump: unknown = JSON.parse(run("sfdisk", ["--json", device]).toString());
  const table = child(dump, "partitiontable");
  const id = text(table, "id").replace("0x", "");
  const isGpt = text(table, "label") === "gpt";
  const partitions = child(table, "partitions");
  if (!Array.isArray(partitions)) throw new Error("sfdisk shows no partitions");
  return partitions
    .map((one: unknown) => {
      const number = Number(/(\d+)$/.exec(text(one, "node"))?.[1]);
      const type = text(one, "type").toLowerCase();
      return {
        number,
        start: Number(child(one, "start")),
        size: Number(child(one, "size")),
        type: isGpt ? type : type.padStart(2, "0"),
        uuid: isGpt ? text(one, "uuid").toLowerCase() : `${id}-${number.toString(16).padStart(2, "0")}`,
        name: text(one, "name"),
      };
    })
    .filter(({ type }) => isGpt || !["05", "0f", "85"].includes(type));
}

function child(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function text(value: unknown, key: string): string {
  const found = child(value, key);
  return typeof found === "string" ? found : "";
}

/** Number and PARTUUID as libblkid has them, which is what udev and initramfs go by. */
function partx(path: string): string[] {
  return run("partx", ["--noheadings", "--raw", "--output", "NR,UUID", path]).toString().trim().split("\n");
}

function make(path: string, script: string): void {
  run("sfdisk", ["--quiet", path], { input: script });
}

const TABLES: Readonly<Record<string, string>> = {
  "gpt, names and gaps":
    'label: gpt\nfirst-lba: 34\n14: size=3M, type=21686148-6449-6E6F-744E-656564454649\n15: size=20M, type=U, name="EFI – é"\n1: size=20M, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name="root"\n3: size=1M\n',
  "gpt, 256 slots": "label: gpt\ntable-length: 256\n256: size=1M\n2: size=2M\n",
  "gpt, 16 slots": "label: gpt\ntable-length: 16\n16: size=1M\n",
  "mbr, four primary": "label: dos\n,1M,c,*\n,2M,82\n,3M,7\n,,L\n",
  "mbr, gaps": "label: dos\n4: size=5M, type=8e\n2: size=1M, type=fd\n",
  "mbr, logical":
    "label: dos\n1: size=1M, type=83\n2: size=50M, type=f\n5: size=5M, type=83\n6: size=3M, type=82\n7: size=4M, type=7\n8: size=1M, type=8e\n",
  "mbr, linux extended": "label: dos\n3: size=40M, type=85\n5: size=5M, type=83\n6: size=3M, type=83\n",
  "mbr, no signature": "label: dos\nlabel-id: 0x00000000\n,1M\n",
};

const needsSfdisk = missing("sfdisk", "partx");

describe.skipIf(needsSfdisk)("sfdisk", () => {
  test.each(Object.entries(TABLES))("%s", async (name, script) => {
    const path = empty(`${name}.img`, 64 * MIB);
    make(path, script);
    const { table, seen } = await ours(path);
    expect(table.notes).toEqual([]);
    const signed = name !== "mbr, no signature";
    const truth = sfdisk(path).map((one) => (signed ? one : { ...one, uuid: "" }));
    expect(seen).toEqual(truth);
    const numbers = new Set(seen.map((one) => one.number));
    const known = partx(path).filter((line) => numbers.has(Number.parseInt(line, 10)));
    expect(seen.map((one) => `${one.number} ${one.uuid}`.trim())).toEqual(known);
  });

  test("logical partitions after one was deleted and made again elsewhere", async () => {
    const path = empty("reordered.img", 64 * MIB);
    make(path, TABLES["mbr, logical"] ?? "");
    run("sfdisk", ["--quiet", "--delete", path, "6"]);
    run("sfdisk", ["--quiet", "--append", path], { input: "size=512K, type=b\n" });
    expect((await ours(path)).seen).toEqual(sfdisk(path));
  });

  test("a damaged primary GPT, then a truncated disk", async () => {
    const path = empty("damaged.img", 64 * MIB);
    make(path, TABLES["gpt, names and gaps"] ?? "");
    const truth = sfdisk(path);
    const bytes = readFileSync(path);
    bytes.fill(0xff, 520, 560);
    writeFileSync(path, bytes);
    const { table, seen } = await ours(path);
    expect(seen).toEqual(truth);
    expect(table.notes).toHaveLength(1);

    make(path, TABLES["gpt, names and gaps"] ?? "");
    const last = sfdisk(path).toSorted((a, b) => b.start - a.start)[0];
    truncateSync(path, ((last?.start ?? 0) + 10) * 512);
    const cut = await ours(path);
    expect(cut.table.notes).toEqual([expect.stringMatching(/past the end of the disk/)]);
    expect(cut.seen.find(({ number }) => number === last?.number)?.size).toBe(10);
  });
});

describe.skipIf(missing("sgdisk", "sfdisk"))("sgdisk", () => {
  test("partitions to the last sector, unusual types, hybrid MBR", async () => {
    const path = empty("sgdisk.img", 64 * MIB);
    const tables = "-a 1 -n 1:34:2047 -t 1:ef02 -n 5:2048:+10M -t 5:8304 -n 2:0:0 -t 2:8e00".split(" ");
    run("sgdisk", [...tables, "-c", "5:a name of exactly 36 UTF-16 units, \ud83d\ude00x", path]);
    expect((await ours(path)).seen).toEqual(sfdisk(path));
    run("sgdisk", ["-h", "5", path]);
    const { table, seen } = await ours(path);
    expect(table.notes).toEqual([expect.stringMatching(/hybrid/)]);
    expect(seen.map(({ number }) => number)).toEqual([1, 2, 5]);
  });
});

describe.skipIf(missing("sfdisk", "losetup", "mkfs.ext4", "root"))("sectors of 4096 bytes", () => {
  test.each([
    ["gpt", 'label: gpt\n1: size=5M, name="one"\n3: size=20M\n'],
    ["mbr", "label: dos\n1: size=20M\n2: size=40M, type=5\n5: size=10M\n6: size=10M\n"],
  ])("%s", async (name, script) => {
    const path = empty(`4k-${name}.img`, 128 * MIB);
    const device = run("losetup", ["--sector-size", "4096", "--find", "--show", path]).toString().trim();
    try {
      make(device, script);
      const truth = sfdisk(device);
      run("sync", [device]);
      if (name === "mbr")
        run("mkfs.ext4", ["-q", "-F", "-E", `offset=${(truth[0]?.start ?? 0) * 4096}`, path, "16M"]);
      const { table, seen } = await ours(path);
      expect(table.sectorSizeBytes).toBe(4096);
      expect(seen).toEqual(truth);
    } finally {
      run("losetup", ["--detach", device]);
    }
  });
});

describe("whole-disk file systems and boot code are no partition tables", () => {
  test.skipIf(missing("mkfs.vfat")).each(["12", "16", "32"])("FAT%s", async (bits) => {
    const path = empty(`fat${bits}.img`, (bits === "32" ? 64 : bits === "16" ? 16 : 4) * MIB);
    run("mkfs.vfat", ["-F", bits, path]);
    expect(await mbr.probe(load(path))).toBe(false);
    expect(await gpt.probe(load(path))).toBe(false);
  });

  test.skipIf(missing("mkfs.ntfs"))("NTFS", async () => {
    const path = empty("ntfs.img", 8 * MIB);
    run("mkfs.ntfs", ["-F", "-f", "-q", path]);
    expect(await mbr.probe(load(path))).toBe(false);
    expect(await gpt.probe(load(path))).toBe(false);
  });

  const boot = "/usr/lib/grub/i386-pc/boot.img";
  test.skipIf(existsSync(boot) ? undefined : "needs GRUB's boot.img")("GRUB's boot.img", async () => {
    const path = empty("grub.img", 8 * MIB);
    writeFileSync(path, readFileSync(boot), { flag: "r+" });
    expect(await mbr.probe(load(path))).toBe(false);
    expect(await gpt.probe(load(path))).toBe(false);
  });
});

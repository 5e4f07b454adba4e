import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { file } from "../../providers/file/index.ts";
import { openFile } from "../../providers/file-source.ts";
import { cached } from "../../src/disk/bytes/cached.ts";
import { coalesced } from "../../src/disk/bytes/coalesced.ts";
import { counted, newCost } from "../../src/disk/bytes/counted.ts";
import { type Disk, type DiskVolume, fileSystemNamed, openDisk } from "../../src/disk/disk.ts";
import { volumeOfDevice } from "../../src/guest/devices.ts";
import type { ImageRef } from "../../src/model/image.ts";
import { inspect } from "../../src/scan/inspect.ts";
import { scan } from "../../src/scan/scan.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch } from "../support/images.ts";
import { LVM_NEEDS, LvmLab } from "../support/lvm-lab.ts";
import { random } from "../support/mutate.ts";

const why = missing(...LVM_NEEDS, "mkfs.ext4", "sfdisk", "blockdev");
const folder = scratch("lvm2");
const MIB = 1 << 20;
const ROOTFS = fileURLToPath(new URL("../fixtures/rootfs", import.meta.url));

function emptyFile(name: string, mib: number): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  truncateSync(path, mib * MIB);
  return path;
}

/** A GPT disk with partitions of these sizes, and a lab on all of them. */
function lab(name: string, ...mib: readonly number[]): { path: string; lab: LvmLab } {
  const path = emptyFile(
    name,
    mib.reduce((sum, one) => sum + one, 2),
  );
  run("sfdisk", ["-q", path], { input: `label: gpt\n${mib.map((one) => `size=${one}MiB\n`).join("")}` });
  let at = MIB;
  const pieces = mib.map((one) => {
    at += one * MIB;
    return [at - one * MIB, one * MIB] as const;
  });
  return { path, lab: new LvmLab(path, scratch("lvm2-lab"), pieces) };
}

/** An ext4 file system of `mib` with a tree of files; the same tree as a folder. */
function ext4(name: string, mib: number): { image: Uint8Array; tree: string } {
  const tree = join(folder, `${name}-tree`);
  const next = random(mib + name.length);
  for (let dir = 0; dir < 8; dir++) {
    mkdirSync(join(tree, `d${dir}`), { recursive: true });
    for (let i = 0; i < 30; i++)
      writeFileSync(
        join(tree, `d${dir}`, `${name}-${i}`),
        Uint8Array.from({ length: next() * 20_000 }, () => next() * 256),
      );
  }
  const path = emptyFile(`${name}.ext4`, mib);
  run("mkfs.ext4", ["-q", "-d", tree, path]);
  run("rm", ["-rf", join(tree, "lost+found")]);
  return { image: readFileSync(path), tree };
}

async function open(path: string): Promise<Disk> {
  const file = await openFile(path, path);
  onTestFinished(() => file.close());
  return openDisk(cached(coalesced(file.source)));
}

function named(disk: Disk, name: string): DiskVolume {
  const volume = disk.volumes.find((one) => one.name === name);
  if (!volume) throw new Error(`no ${name} among ${disk.volumes.map((one) => one.name).join(", ")}`);
  return volume;
}

async function holds(disk: Disk, name: string, content: Uint8Array, tree?: string): Promise<void> {
  const { data } = named(disk, name);
  const next = random(5);
  for (let i = 0; i < 60; i++) {
    const length = Math.floor(next() * 200_000);
    const at = Math.floor(next() * (content.length - length));
    expect(Buffer.compare(await data.read(at, length), content.subarray(at, at + length)), `at ${at}`).toBe(
      0,
    );
  }
  if (tree !== undefined)
    expect(await digestTree(fileSystemNamed(disk, name).fs, ["/lost+found"])).toEqual(digestFolder(tree));
}

const one = why ? undefined : ext4("one", 20);
const two = why ? undefined : ext4("two", 24);
if (!existsSync(folder)) throw new Error("no scratch folder");

describe.skipIf(why)("against LVM2's own tools", () => {
  test("linear, striped and many segments on three partitions", async () => {
    if (!one || !two) return;
    const { path, lab: tools } = lab("three.img", 64, 48, 40);
    try {
      tools.lvm("pvcreate", "-y", ...tools.loops);
      tools.lvm("vgcreate", "-s", "1m", "my-vg", ...tools.loops);
      const [a = "", b = "", c = ""] = tools.loops;
      tools.create("my-vg", "root-fs", 7, a);
      tools.create("my-vg", "gap", 2, a);
      for (const pv of [a, c, b]) tools.lvm("lvextend", "-l", "+5", "my-vg/root-fs", pv);
      tools.create("my-vg", "stripes", 24, "-i", "3", "-I", "64k");
      tools.create("my-vg", "fine", 20, "-i", "2", "-I", "4k", b, c);
      tools.fill("my-vg", "root-fs", one.image);
      tools.fill("my-vg", "stripes", two.image);
      tools.fill("my-vg", "fine", one.image);
      expect(tools.segments("my-vg", "root-fs").length).toBeGreaterThan(2);
    } finally {
      tools.close();
    }
    const disk = await open(path);
    expect(disk.volumes.map(({ name, content }) => `${name} ${content.kind}`).toSorted()).toEqual([
      "p1 nothing",
      "p1/lvm:my-vg/gap nothing",
      "p1/lvm:my-vg/root-fs filesystem",
      "p1/lvm:my-vg/stripes filesystem",
      "p2 nothing",
      "p2/lvm:my-vg/fine filesystem",
      "p3 nothing",
    ]);
    await holds(disk, "p1/lvm:my-vg/root-fs", one.image, one.tree);
    await holds(disk, "p1/lvm:my-vg/stripes", two.image, two.tree);
    await holds(disk, "p2/lvm:my-vg/fine", one.image, one.tree);
    expect(fileSystemNamed(disk, "p3/lvm:my-vg/fine").fs.type).toBe("ext4");
    for (const device of ["/dev/mapper/my--vg-root--fs", "/dev/my-vg/root-fs"])
      expect(volumeOfDevice(device, disk.volumes)?.name).toBe("p1/lvm:my-vg/root-fs");
  });

  test("a bare disk whose metadata wraps around, with a copy at its end, the first copy damaged", async () => {
    if (!one) return;
    const path = emptyFile("bare.img", 48);
    const tools = new LvmLab(path, scratch("lvm2-lab"), [[0, 48 * MIB]]);
    try {
      const small = ["--metadatasize", "36k", "--dataalignment", "32k"];
      tools.lvm("pvcreate", "-y", "--metadatacopies", "2", ...small, ...tools.loops);
      tools.lvm("vgcreate", "-s", "1m", "vg", ...tools.loops);
      tools.create("vg", "root", 20);
      for (let i = 0; i < 25; i++) tools.lvm("lvchange", "--addtag", `tag${i}-${"x".repeat(90)}`, "vg/root");
      tools.fill("vg", "root", one.image);
    } finally {
      tools.close();
    }
    await holds(await open(path), "whole/lvm:vg/root", one.image, one.tree);
    const bytes = readFileSync(path);
    for (let at = 4096 + 512; at < 36_864; at++) bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const disk = await open(path);
    await holds(disk, "whole/lvm:vg/root", one.image, one.tree);
    expect(named(disk, "whole/lvm:vg/root").notes).toEqual([expect.stringMatching(/checksum/)]);
  });

  test("a member that missed changes, one without metadata, and one that is gone", async () => {
    if (!one) return;
    const { path, lab: tools } = lab("members.img", 32, 32, 32);
    const [, second = "", third = ""] = tools.loops;
    try {
      tools.lvm("pvcreate", "-y", ...tools.loops.slice(0, 2));
      tools.lvm("pvcreate", "-y", "--metadatacopies", "0", third);
      tools.lvm("vgcreate", "-s", "1m", "vg", ...tools.loops);
      tools.create("vg", "early", 1, second);
      const before = readFileSync(second).subarray(0, MIB);
      tools.create("vg", "late", 20, third);
      tools.fill("vg", "late", one.image);
      writeFileSync(second, before, { flag: "r+" });
    } finally {
      tools.close();
    }
    const disk = await open(path);
    await holds(disk, "p3/lvm:vg/late", one.image, one.tree);
    expect(named(disk, "p3/lvm:vg/late").notes).toEqual([
      expect.stringMatching(/p2: its LVM metadata is old/),
    ]);
    const bytes = readFileSync(path);
    bytes.fill(0, 65 * MIB, 66 * MIB);
    writeFileSync(path, bytes);
    const without = await open(path);
    const late = named(without, "p1/lvm:vg/late").content;
    expect(late.kind === "unread" && late.error.line).toMatch(/unsupported: needs physical volume pv2/);
  });

  test("a member whose group's metadata lies elsewhere", async () => {
    const { path, lab: tools } = lab("elsewhere.img", 16, 16);
    const [first = "", second = ""] = tools.loops;
    try {
      tools.lvm("pvcreate", "-y", first);
      tools.lvm("pvcreate", "-y", "--metadatacopies", "0", second);
      tools.lvm("vgcreate", "-s", "1m", "vg", ...tools.loops);
      writeFileSync(first, new Uint8Array(MIB), { flag: "r+" });
    } finally {
      tools.close();
    }
    const { content } = named(await open(path), "p2");
    expect(content.kind === "unread" && content.error.line).toMatch(/metadata lies on another disk/);
  });

  test("every kind of volume that LVM2 accepts in its metadata is read or refused by name", async () => {
    if (!one) return;
    const { path, lab: tools } = lab("kinds.img", 160);
    try {
      tools.lvm("pvcreate", "-y", ...tools.loops);
      tools.lvm("vgcreate", "-s", "1m", "vg", ...tools.loops);
      for (const name of ["leg0", "leg1", "origin", "snap"]) tools.create("vg", name, 20);
      for (const name of ["meta0", "meta1"]) tools.create("vg", name, 1);
      for (const name of ["leg1", "origin"]) tools.fill("vg", name, one.image);
      tools.fill("vg", "meta0", raidSuperblock(4n, 0n));
      tools.fill("vg", "meta1", raidSuperblock(7n, 1n));
      tools.edit("vg", withKinds);
      expect(tools.lvm("lvs", "-a", "--noheadings", "-o", "lv_name,segtype", "vg")).toMatch(/root\s+raid1/);
    } finally {
      tools.close();
    }
    const disk = await open(path);
    await holds(disk, "p1/lvm:vg/root", one.image, one.tree);
    expect(named(disk, "p1/lvm:vg/root").notes).toEqual(["raid1: only leg 1 of 2 was read"]);
    await holds(disk, "p1/lvm:vg/origin", one.image, one.tree);
    const snapshot = named(disk, "p1/lvm:vg/snap").content;
    expect(snapshot.kind === "unread" && snapshot.error.line).toMatch(
      /unsupported: LVM snapshot of "origin"/,
    );
  });

  test("a machine whose root and /boot are logical volumes is judged as it is without", async () => {
    const { path, lab: tools } = lab("machine.img", 96);
    const tree = join(folder, "machine");
    cpSync(ROOTFS, tree, { recursive: true, verbatimSymlinks: true });
    cpSync(join(tree, "boot"), join(folder, "machine-boot"), { recursive: true });
    rmSync(join(tree, "boot"), { recursive: true });
    mkdirSync(join(tree, "boot"));
    writeFileSync(
      join(tree, "etc/fstab"),
      "/dev/mapper/vg--cloud-root / ext4 defaults 0 1\n/dev/vg-cloud/boot-1 /boot ext4 defaults 0 2\n",
    );
    const image = (name: string, from: string, mib: number): Uint8Array => {
      const file = emptyFile(name, mib);
      run("mkfs.ext4", ["-q", "-d", from, file]);
      return readFileSync(file);
    };
    try {
      tools.lvm("pvcreate", "-y", ...tools.loops);
      tools.lvm("vgcreate", "-s", "1m", "vg-cloud", ...tools.loops);
      tools.create("vg-cloud", "boot-1", 16);
      tools.create("vg-cloud", "root", 40);
      tools.fill("vg-cloud", "boot-1", image("machine-boot.ext4", join(folder, "machine-boot"), 16));
      tools.fill("vg-cloud", "root", image("machine-root.ext4", tree, 40));
    } finally {
      tools.close();
    }
    const opener = (one: ImageRef): ReturnType<typeof file.open> => file.open(one, {});
    const ref = (id: string): ImageRef => ({ provider: "file", id, name: "x", family: "x" });
    const seen = await inspect(ref(path), opener, {});
    expect(seen.mounts.map((mount) => `${mount.path} ${mount.locator.replace(/.* > lvm/, "lvm")}`)).toEqual(
      expect.arrayContaining(["/ lvm:vg-cloud/root > ext4", "/boot lvm:vg-cloud/boot-1 > ext4"]),
    );
    const [onLvm, inFolder] = [await scan(ref(path), opener), await scan(ref(ROOTFS), opener)];
    expect(onLvm.verdict).toBe(inFolder.verdict);
    expect(onLvm.prediction?.state).toBe(inFolder.prediction?.state);
    expect(onLvm.boot?.kernelVersion).toBe(inFolder.boot?.kernelVersion);
    expect(onLvm.unread).toEqual([]);
  });

  test("costs one round more than the same file system in a partition", async () => {
    if (!one) return;
    const cost = async (path: string, name: string): Promise<ReturnType<typeof newCost>> => {
      const file = await openFile(path, path);
      onTestFinished(() => file.close());
      const spent = newCost();
      const disk = await openDisk(cached(coalesced(counted(file.source, spent), { cost: spent })));
      expect(fileSystemNamed(disk, name).fs.type).toBe("ext4");
      return spent;
    };
    const { path, lab: tools } = lab("cost.img", 32);
    try {
      tools.lvm("pvcreate", "-y", ...tools.loops);
      tools.lvm("vgcreate", "-s", "1m", "vg", ...tools.loops);
      tools.create("vg", "root", 20);
      tools.fill("vg", "root", one.image);
    } finally {
      tools.close();
    }
    const plain = emptyFile("cost-plain.img", 32);
    run("sfdisk", ["-q", plain], { input: "label: gpt\nsize=20MiB\n" });
    run("dd", [`of=${plain}`, "bs=1M", "seek=1", "conv=notrunc", "status=none"], { input: one.image });
    const [lvm, bare] = [await cost(path, "p1/lvm:vg/root"), await cost(plain, "p1")];
    console.log(`lvm2: ${JSON.stringify(lvm)}, the same in a partition: ${JSON.stringify(bare)}`);
    expect(lvm.rounds).toBeLessThanOrEqual(bare.rounds + 2);
    expect(lvm.reads).toBeLessThanOrEqual(bare.reads + 2);
  });
});

/** Source: Linux drivers/md/dm-raid.c, struct dm_raid_superblock. */
function raidSuperblock(events: bigint, failed: bigint): Uint8Array {
  const bytes = Buffer.alloc(4096);
  bytes.write("DmRd");
  bytes.writeUInt32LE(2, 8);
  bytes.writeBigUInt64LE(events, 16);
  bytes.writeBigUInt64LE(failed, 24);
  bytes.writeBigUInt64LE(2n ** 64n - 1n, 32);
  bytes.writeBigUInt64LE(2n ** 64n - 1n, 40);
  bytes.writeInt32LE(1, 48);
  return bytes;
}

/** Makes a RAID 1 of leg0 and leg1, and a snapshot of origin out of snap. */
function withKinds(text: string): string {
  const parts = text.replace(/\b(leg|meta)([01])\b/g, (_, kind: string, leg: string) =>
    kind === "leg" ? `root_rimage_${leg}` : `root_rmeta_${leg}`,
  );
  const made = ["root_rimage_0", "root_rimage_1", "root_rmeta_0", "root_rmeta_1"].reduce(
    (all, name) =>
      all.replace(
        new RegExp(`(\\t${name} \\{\\s+id = "[^"]*"\\s+status = \\[)"READ", "WRITE", "VISIBLE"`),
        '$1"READ", "WRITE"',
      ),
    parts,
  );
  const lv = (name: string, status: string, segment: string): string => `
		${name} {
			id = "${name.padEnd(6, "a")}-aaaa-aaaa-aaaa-aaaa-aaaa-aaaaaa"
			status = [${status}]
			flags = []
			segment_count = 1
			segment1 {
				start_extent = 0
				extent_count = 20
				${segment}
			}
		}
`;
  const raid = `type = "raid1"
				device_count = 2
				region_size = 1024
				raids = ["root_rmeta_0", "root_rimage_0", "root_rmeta_1", "root_rimage_1"]`;
  const snapshot = `type = "snapshot"
				chunk_size = 8
				origin = "origin"
				cow_store = "snap"`;
  const both =
    lv("root", '"READ", "WRITE", "VISIBLE"', raid) +
    lv("snap0", '"READ", "WRITE"', snapshot).replace("snap0 {", "snapshot0 {");
  return made.replace(/(logical_volumes \{\n)/, `$1${both}`);
}

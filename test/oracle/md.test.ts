import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { fileSystemNamed, openDisk } from "../../src/disk/disk.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { volumeOfDevice } from "../../src/guest/devices.ts";
import { missing, run, scratch } from "../support/images.ts";
import { CRAFTED, craftPhysicalVolume, groupText, striped } from "../support/lvm.ts";
import { craftMember, sealMember } from "../support/md.ts";
import { writeBootRecord, writeGpt } from "../support/partitions.ts";

const why = missing("mdadm", "mkfs.ext4", "sfdisk");
const folder = scratch("md");
const MIB = 1 << 20;

function ext4(): Uint8Array {
  const path = join(folder, "ext4");
  writeFileSync(path, "");
  truncateSync(path, 4 * MIB);
  run("mkfs.ext4", ["-q", path]);
  return readFileSync(path);
}

test.skipIf(why).each(["0.90", "1.0", "1.1", "1.2"] as const)(
  "what is a RAID 1 member to mdadm is one to us, metadata %s",
  async (version) => {
    const bytes = craftMember(ext4(), { version });
    const path = join(folder, `member-${version}`);
    writeFileSync(path, bytes);
    const seen = run("mdadm", ["--examine", path]).toString();
    expect(seen).toMatch(/Raid Level : raid1/);
    expect(seen).toMatch(/Checksum : [0-9a-f]+ - correct/);
    // Twice on one disk, in partitions of a type that says nothing: the member with more events counts.
    const disk = join(folder, `disk-${version}.img`);
    writeFileSync(disk, "");
    truncateSync(disk, 20 * MIB);
    const sectors = bytes.length / 512;
    const type = version.startsWith("1.") && version !== "1.0" ? "83" : "fd";
    const part = (start: number): string => `start=${start}MiB,size=${sectors},type=${type}\n`;
    run("sfdisk", ["-q", disk], { input: `label: dos\n${part(1)}${part(10)}` });
    run("dd", [`of=${disk}`, "bs=1M", "seek=1", "conv=notrunc", "status=none"], { input: bytes });
    const second = craftMember(ext4(), { version, events: 21 });
    run("dd", [`of=${disk}`, "bs=1M", "seek=10", "conv=notrunc", "status=none"], { input: second });
    const opened = await openDisk(memorySource(readFileSync(disk), "x"));
    expect(opened.volumes.map(({ name, content }) => `${name} ${content.kind}`)).toEqual([
      "p1 nothing",
      "p2 filesystem",
    ]);
    expect(fileSystemNamed(opened, "p2").fs.type).toBe("ext4");
    expect(opened.volumes[1]?.notes).toEqual([expect.stringMatching(/only this member was read/)]);
    expect(volumeOfDevice(version === "0.90" ? "/dev/md3" : "/dev/md7", opened.volumes)?.name).toBe("p2");
  },
);

/** A disk with this table, and an ext4 at its first MiB. */
function partitioned(script: string): Uint8Array {
  const disk = join(folder, "partitioned");
  writeFileSync(disk, "");
  truncateSync(disk, 8 * MIB);
  run("sfdisk", ["-q", disk], { input: script });
  const bytes = readFileSync(disk);
  bytes.set(ext4(), MIB);
  return bytes;
}

test.skipIf(why).each(["gpt", "dos"])("partitions in an array are read: %s", async (label) => {
  const table = partitioned(`label: ${label}\n1: start=1MiB,size=4MiB\n2: start=6MiB,size=1MiB\n`);
  for (const [version, name] of [
    ["1.2", "whole"],
    ["1.0", "p1"],
  ] as const) {
    const member = craftMember(table, { version });
    const bytes = new Uint8Array(12 * MIB);
    writeBootRecord(bytes, 0, [{ type: 0x83, first: 2048, sectors: member.length / 512 }]);
    bytes.set(member, MIB);
    const opened = await openDisk(memorySource(name === "whole" ? member : bytes, "x"));
    expect(
      opened.volumes.map(
        (one) =>
          `${one.name} ${one.content.kind} ${one.content.kind === "filesystem" ? one.content.fs.type : one.content.type}`,
      ),
    ).toEqual([
      `${name} nothing ${label === "dos" ? "mbr" : label}`,
      `${name}/p1 filesystem ext4`,
      `${name}/p2 nothing empty`,
    ]);
    expect(opened.volumes[0]?.notes).toEqual([expect.stringMatching(/only this member was read/)]);
    expect(
      (await new Tree([{ path: "/", ...fileSystemNamed(opened, `${name}/p1`) }]).list("/"))[0]?.name,
    ).toBe("lost+found");
    const [node] = version === "1.2" ? ["/dev/md7p1"] : ["/dev/md/7p1"];
    expect(volumeOfDevice(node, opened.volumes)?.name).toBe(`${name}/p1`);
    // The disk's own first partition is another one.
    expect(volumeOfDevice("/dev/sda1", opened.volumes)?.name).toBe(name === "p1" ? "p1" : undefined);
  }
});

test.skipIf(why)(
  "a table in a partition of an array is told, and so is an array of nothing known",
  async () => {
    const inner = partitioned("label: dos\nstart=1MiB\n");
    const outer = new Uint8Array(12 * MIB);
    writeBootRecord(outer, 0, [{ type: 0x83, first: 2048, sectors: (12 * MIB - MIB) / 512 }]);
    outer.set(craftMember(inner, { version: "1.2" }), MIB);
    const opened = await openDisk(memorySource(craftMember(outer, { version: "1.2" }), "x"));
    expect(opened.volumes.map(({ name }) => name)).toEqual(["whole", "whole/p1"]);
    expect(() => fileSystemNamed(opened, "whole/p1")).toThrow(/in this RAID: scan the assembled device/);
  },
);

test("a disk of arrays of many partitions is opened within bounds", async () => {
  const inner = new Uint8Array(64 << 10);
  writeGpt(
    inner,
    Array.from({ length: 128 }, () => ({ first: 40n, last: 47n })),
  );
  const bytes = new Uint8Array(8 * MIB);
  const starts = [1, 3, 5];
  writeGpt(
    bytes,
    starts.map((mib) => ({ first: BigInt(mib * 2048), last: BigInt(mib * 2048 + 3000) })),
  );
  for (const [index, mib] of starts.entries()) {
    const member = craftMember(inner, { version: "1.1" });
    member[16] = index;
    sealMember(member);
    bytes.set(member, mib * MIB);
  }
  const { volumes } = await openDisk(memorySource(bytes, "x"));
  const inside = volumes.filter(({ name }) => name.includes("/"));
  expect(inside).toHaveLength(3 * 128);
  const refused = inside.filter(({ content }) => content.kind === "unread" && content.error.code === "limit");
  expect(refused).toHaveLength(128);
});

test.skipIf(why).each(["0.90", "1.0"] as const)(
  "a physical volume of LVM2 lies in the array, though it shows at the front of each member: metadata %s",
  async (version) => {
    const uuid = "A".repeat(32);
    const text = groupText([uuid], { lv: { segments: [striped(0, 1, '"pv0", 0')] } }, { extents: 4 });
    const pv = (fill: number): Uint8Array => {
      const bytes = craftPhysicalVolume(uuid, text, { size: 1 << 20 });
      return bytes.fill(fill, CRAFTED.extentsOffset);
    };
    const disk = join(folder, `lvm-${version}.img`);
    writeFileSync(disk, "");
    truncateSync(disk, 8 * MIB);
    const members = [20, 21].map((events) => craftMember(pv(events), { version, events }));
    const sectors = (members[0]?.length ?? 0) / 512;
    const part = (start: number): string => `start=${start}MiB,size=${sectors},type=fd\n`;
    run("sfdisk", ["-q", disk], { input: `label: dos\n${part(1)}${part(4)}` });
    const bytes = readFileSync(disk);
    bytes.set(members[0] ?? [], MIB);
    bytes.set(members[1] ?? [], 4 * MIB);
    const opened = await openDisk(memorySource(bytes, "x"));
    const volume = opened.volumes.find(({ name }) => name === "p2/lvm:vg/lv");
    expect(await volume?.data.read(0, 1)).toEqual(Uint8Array.of(21));
  },
);

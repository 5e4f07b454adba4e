import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { file } from "../../providers/file/index.ts";
import { newCost } from "../../src/disk/bytes/counted.ts";
import type { ScanResult } from "../../src/model/report.ts";
import { scan } from "../../src/scan/scan.ts";
import { missing, run, scratch } from "../support/images.ts";
import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";

const why = missing("qemu-img", "mke2fs", "sfdisk");
const folder = scratch("containers");
const RAW = join(folder, "disk.img");

/** Name of the image, container step of its evidence, arguments of qemu-img convert. */
const IMAGES: readonly (readonly [string, string, readonly string[]])[] = [
  ["disk.qcow2", "qcow2", ["-O", "qcow2"]],
  ["v2.qcow2", "qcow2", ["-O", "qcow2", "-o", "compat=0.10"]],
  ["zlib.qcow2", "qcow2", ["-c", "-O", "qcow2"]],
  ["zstd.qcow2", "qcow2", ["-c", "-O", "qcow2", "-o", "compression_type=zstd"]],
  ["extended.qcow2", "qcow2", ["-O", "qcow2", "-o", "extended_l2=on"]],
  ["sparse.vmdk", "vmdk", ["-O", "vmdk"]],
  ["stream.vmdk", "vmdk", ["-O", "vmdk", "-o", "subformat=streamOptimized"]],
  ["flat.vmdk", "vmdk", ["-O", "vmdk", "-o", "subformat=monolithicFlat"]],
  ["split.vmdk", "vmdk", ["-O", "vmdk", "-o", "subformat=twoGbMaxExtentSparse"]],
  ["fixed.vhd", "vhd", ["-O", "vpc", "-o", "subformat=fixed,force_size=on"]],
  ["dynamic.vhd", "vhd", ["-O", "vpc", "-o", "force_size=on"]],
  ["disk.vhdx", "vhdx", ["-O", "vhdx"]],
  ["disk.vdi", "vdi", ["-O", "vdi"]],
];
const EXTENTS = [join(folder, "flat-flat.vmdk"), join(folder, "split-s001.vmdk")];

/** A Debian 12 that turns IPv6 off, on ext4 in a GPT partition. */
function makeDisk(): void {
  const root = join(folder, "root");
  const files: FlatFiles = {
    ...DEBIAN_12,
    "/etc/sysctl.d/10-ipv6.conf": "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n",
    "/usr/bin/true": "",
  };
  for (const [path, content] of Object.entries(files)) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === "string") writeFileSync(target, content);
    else if (typeof content === "object" && "link" in content && typeof content.link === "string")
      symlinkSync(content.link, target);
  }
  const fs = join(folder, "root.ext4");
  const uuid = "33333333-3333-4333-8333-333333333333";
  run("mke2fs", ["-q", "-F", "-t", "ext4", "-U", uuid, "-d", root, fs, "62M"]);
  run("qemu-img", ["create", "-q", "-f", "raw", RAW, "64M"]);
  run("sfdisk", ["-q", RAW], { input: "label: gpt\nstart=2048, size=126976, type=linux\n" });
  run("dd", [`if=${fs}`, `of=${RAW}`, "bs=1M", "seek=1", "conv=notrunc", "status=none"]);
}

async function scanFile(path: string, companions: readonly string[] = EXTENTS): Promise<ScanResult> {
  const image = { provider: "file", id: path, name: "disk", family: "disk" };
  return scan(image, (one) => file.open(one, { companions }));
}

/** What a result says, byte for byte, without the file's name and the container step. */
function said(result: ScanResult, path: string, step: string): string {
  const { prediction, findings, verdict, reason, boot, unread, notes, image } = result;
  const all = { prediction, findings, verdict, reason, boot, unread, notes, os: image.os };
  return JSON.stringify(all, undefined, 1).replaceAll(`${path}${step && ` > ${step}`} > `, "DISK > ");
}

describe.skipIf(why)("one disk in every container", () => {
  let truth = "";
  let plain = newCost();

  beforeAll(async () => {
    makeDisk();
    for (const [name, , args] of IMAGES)
      run("qemu-img", ["convert", "-f", "raw", ...args, RAW, join(folder, name)]);
    const result = await scanFile(RAW);
    expect(result).toMatchObject({ verdict: "pass", prediction: { state: "off" }, unread: [] });
    truth = said(result, RAW, "");
    plain = result.cost;
    expect(truth).toContain('"DISK > gpt#1 > ext4 > /etc/sysctl.d/10-ipv6.conf');
  }, 120_000);

  test.each(IMAGES)("%s", async (name, step) => {
    const path = join(folder, name);
    const result = await scanFile(path);
    expect(said(result, path, step)).toBe(truth);
    // Tables take rounds of their own, and blocks that begin anywhere straddle two of the cache's.
    expect(result.cost.rounds).toBeLessThanOrEqual(plain.rounds + 4);
    expect(result.cost.bytes).toBeLessThanOrEqual(plain.bytes + (56 << 10));
  });

  test.each([
    ["flat.vmdk", "flat-flat.vmdk"],
    ["split.vmdk", "split-s001.vmdk"],
  ])("%s alone is unreadable, and the answer says what to give", async (name, extent) => {
    const { verdict, reason } = await scanFile(join(folder, name), []);
    expect(verdict).toBe("unreadable");
    expect(reason).toContain(`needs its extent "${extent}", which is not opened by name`);
    expect(reason).toContain("(--with FILE)");
  });

  test("what a companion costs is counted", async () => {
    const { cost } = await scanFile(join(folder, "flat.vmdk"));
    expect(cost.bytes).toBeGreaterThan(30_000);
  });

  test("two companions of one name are one too many", async () => {
    const twice = [...EXTENTS, ...EXTENTS];
    await expect(scanFile(join(folder, "flat.vmdk"), twice)).rejects.toMatchObject({ code: "usage" });
  });
});

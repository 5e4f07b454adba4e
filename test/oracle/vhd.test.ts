import { copyFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { vhd } from "../../src/disk/containers/vhd/vhd.ts";
import { checkImage, fileSource, makeMaterial, rawOf, SCATTERED, writeWith } from "../support/disks.ts";
import { missing, run, scratch } from "../support/images.ts";
import { pattern } from "../support/sources.ts";
import { craftDynamicVhd, craftFixedVhd } from "../support/vhd.ts";

const why = missing("qemu-img", "qemu-io");
const folder = scratch("vhd");
const MIB = 1 << 20;
const OPTIONS = ["dynamic", "fixed"].flatMap((kind) =>
  ["on", "off"].map((force) => `subformat=${kind},force_size=${force}`),
);

test.skipIf(why).each(OPTIONS)("converted, %s", async (options) => {
  const path = join(folder, `converted-${options}.vhd`);
  const material = makeMaterial(join(folder, "material.raw"));
  run("qemu-img", ["convert", "-f", "raw", "-O", "vpc", "-o", options, material, path]);
  const details = await checkImage(vhd, path, undefined, rawOf(path, "vpc"));
  expect(options).toContain(details[0]);
});

test.skipIf(why).each(OPTIONS)("scattered writes, %s", async (options) => {
  const path = join(folder, `scattered-${options}.vhd`);
  run("qemu-img", ["create", "-q", "-f", "vpc", "-o", options, path, `${9 * MIB + 512 * 3}`]);
  writeWith("vpc", path, SCATTERED);
  await checkImage(vhd, path, undefined, rawOf(path, "vpc"));
});

test.skipIf(why)("a dynamic disk of many blocks, one of them beyond 4 GiB", async () => {
  const path = join(folder, "large.vhd");
  run("qemu-img", ["create", "-q", "-f", "vpc", "-o", "force_size=on", path, "9G"]);
  writeWith("vpc", path, ["write -P 5 5G 1M", `write -P 6 ${9 * 2 ** 30 - 512} 512`]);
  const { disk } = await vhd.open(await fileSource(path));
  expect(disk.size).toBe(9 * 2 ** 30);
  expect([...new Set(await disk.read(5 * 2 ** 30, MIB))]).toEqual([5]);
  expect([...new Set(await disk.read(disk.size - 512, 512))]).toEqual([6]);
  expect([...new Set(await disk.read(2 ** 30, 4096))]).toEqual([0]);
});

test.skipIf(why)("a fixed disk whose footer is the 511 bytes of old times", async () => {
  const path = join(folder, "old.vhd");
  run("qemu-img", ["create", "-q", "-f", "vpc", "-o", "subformat=fixed,force_size=on", path, "3M"]);
  writeWith("vpc", path, ["write -P 5 1M 1M"]);
  const truth = rawOf(path, "vpc");
  const cut = `${path}.cut`;
  copyFileSync(path, cut);
  truncateSync(cut, 3 * MIB + 511);
  await checkImage(vhd, cut, undefined, truth);
});

test.skipIf(why).each(["vpc ", "qemu", "qem2", "win ", "d2v ", "CTXS", "tap\0"])(
  "a size that is not what the geometry says, written by %j",
  async (creator) => {
    const content = pattern(64 << 10);
    const fixed = join(folder, `size-${creator.trim().replace("\0", "")}.vhd`);
    writeFileSync(fixed, craftFixedVhd(content, { creator, geometry: [3, 4, 5] }));
    await checkImage(vhd, fixed, undefined, rawOf(fixed, "vpc"));
    const dynamic = `${fixed}.dynamic`;
    const blocks = [0, 1, 2, 3].map((i) => ({ bytes: content.subarray(i * 16_384, (i + 1) * 16_384) }));
    const { bytes } = craftDynamicVhd(blocks, { blockBytes: 16_384, creator, geometry: [3, 4, 5] });
    writeFileSync(dynamic, bytes);
    await checkImage(vhd, dynamic, undefined, rawOf(dynamic, "vpc"));
  },
);

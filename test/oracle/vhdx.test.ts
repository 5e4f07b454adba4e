import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { vhdx } from "../../src/disk/containers/vhdx/vhdx.ts";
import {
  checkImage,
  compareDisk,
  fileSource,
  makeMaterial,
  rawOf,
  SCATTERED,
  writeWith,
} from "../support/disks.ts";
import { corpusArchive, missing, run, scratch } from "../support/images.ts";

const why = missing("qemu-img", "qemu-io");
const folder = scratch("vhdx");
const MIB = 1 << 20;
const OPTIONS = [
  "subformat=dynamic",
  "subformat=fixed",
  "subformat=dynamic,block_size=1M",
  "subformat=dynamic,block_size=2M,block_state_zero=off",
  "subformat=dynamic,block_size=256M",
  "subformat=dynamic,log_size=4M",
];

test.skipIf(why).each(OPTIONS.filter((one) => !one.includes("off")))("converted, %s", async (options) => {
  const path = join(folder, `converted-${options}.vhdx`);
  const material = makeMaterial(join(folder, "material.raw"));
  run("qemu-img", ["convert", "-f", "raw", "-O", "vhdx", "-o", options, material, path]);
  const [kind] = await checkImage(vhdx, path);
  expect(options).toContain(kind);
});

test.skipIf(why).each(OPTIONS)("scattered writes, %s", async (options) => {
  const path = join(folder, `scattered-${options}.vhdx`);
  run("qemu-img", ["create", "-q", "-f", "vhdx", "-o", options, path, `${9 * MIB + 512 * 4}`]);
  writeWith("vhdx", path, SCATTERED);
  await checkImage(vhdx, path);
});

test.skipIf(why)("more blocks than a chunk has: the table skips what stands for bitmaps", async () => {
  const path = join(folder, "chunks.vhdx");
  const size = 9 * 2 ** 30;
  run("qemu-img", ["create", "-q", "-f", "vhdx", "-o", "block_size=1M", path, `${size}`]);
  const places = [4 * 2 ** 30 - 512, 4 * 2 ** 30 + 3 * MIB, 8 * 2 ** 30, size - 512];
  writeWith(
    "vhdx",
    path,
    places.map((at, i) => `write -P ${i + 1} ${at} 512`),
  );
  const { disk } = await vhdx.open(await fileSource(path));
  expect(disk.size).toBe(size);
  for (const [i, at] of places.entries()) expect([...new Set(await disk.read(at, 512))]).toEqual([i + 1]);
  expect([...new Set(await disk.read(6 * 2 ** 30, 8192))]).toEqual([0]);
});

const corpus = corpusArchive();

test.skipIf(why ?? missing("tar", "zstd") ?? (corpus ? undefined : "needs the corpus"))(
  "images of other projects, one with a log to replay",
  { timeout: 120_000 },
  async () => {
    const target = scratch("vhdx-corpus");
    const names = ["*/btrfs.vhdx", "*/swap.vhdx", "*/vhdx-log-replay.vhdx"];
    run("tar", ["--zstd", "-xf", corpus?.archive ?? "", "-C", target, "--wildcards", ...names]);
    const images = readdirSync(target, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".vhdx"))
      .map((name) => join(target, name));
    expect(images.length).toBe(3);
    for (const path of images) {
      const { disk, details } = await vhdx.open(await fileSource(path));
      const dirty = path.includes("log-replay");
      expect(details.some((detail) => detail.includes("replayed"))).toBe(dirty);
      if (path.includes("swap")) continue;
      const copy = `${path}.replayed.vhdx`;
      copyFileSync(path, copy);
      // Opening it to write replays the log.
      if (dirty) run("qemu-img", ["check", "-q", "-r", "all", copy]);
      await compareDisk(disk, rawOf(copy));
    }
  },
);

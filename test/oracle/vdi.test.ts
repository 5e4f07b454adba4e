import { join } from "node:path";
import { expect, test } from "vitest";
import { vdi } from "../../src/disk/containers/vdi/vdi.ts";
import { checkImage, makeMaterial, SCATTERED, writeWith } from "../support/disks.ts";
import { missing, run, scratch } from "../support/images.ts";

const why = missing("qemu-img", "qemu-io");
const folder = scratch("vdi");
const MIB = 1 << 20;

test.skipIf(why).each(["static=off", "static=on"])("converted and written to, %s", async (options) => {
  const path = join(folder, `${options}.vdi`);
  const material = makeMaterial(join(folder, "material.raw"));
  run("qemu-img", ["convert", "-f", "raw", "-O", "vdi", "-o", options, material, path]);
  const [kind] = await checkImage(vdi, path);
  expect(kind).toBe(options === "static=on" ? "fixed" : "dynamic");
  const sparse = join(folder, `scattered-${options}.vdi`);
  run("qemu-img", ["create", "-q", "-f", "vdi", "-o", options, sparse, `${9 * MIB + 512 * 3}`]);
  writeWith("vdi", sparse, SCATTERED);
  await checkImage(vdi, sparse);
});

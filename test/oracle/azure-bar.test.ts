import { join } from "node:path";
import { expect, test } from "vitest";
import { IMAGE, sixrayIn, startCloud } from "../support/azure/cloud.ts";
import { missing, run, scratch } from "../support/images.ts";
import { buildShapeImage, SHAPE_NEEDS } from "../support/shape-image.ts";

/** SIXRAY_BENCH_VHD: a real deb-ext4.fixed.vhd instead of one in its shape. */
const GIVEN = process.env.SIXRAY_BENCH_VHD;
const why = GIVEN === undefined ? missing(...SHAPE_NEEDS) : undefined;

function shapeVhd(): string {
  const folder = scratch("azure-bar");
  buildShapeImage(folder, "raw");
  const vhd = join(folder, "deb-ext4.fixed.vhd");
  const fixed = ["-f", "raw", "-O", "vpc", "-o", "subformat=fixed,force_size=on"];
  run("qemu-img", ["convert", ...fixed, join(folder, "deb-ext4.raw"), vhd]);
  return vhd;
}

test.skipIf(why)("deb-ext4 as a managed disk: few bytes, few rounds", { timeout: 300_000 }, async () => {
  const cloud = await startCloud(GIVEN ?? shapeVhd());
  try {
    cloud.door.delayMs = 20;
    const started = performance.now();
    const { code, out, err } = await sixrayIn(cloud, ["scan", IMAGE, "--allow-create", "--format", "json"]);
    const ms = Math.round(performance.now() - started);
    expect(code, err).toBe(0);
    const { results }: { results: { cost: { bytes: number; rounds: number; reads: number } }[] } =
      JSON.parse(out);
    const cost = results[0]?.cost;
    const kib = Math.ceil((cost?.bytes ?? 0) / 1024);
    const sent = Math.ceil(cloud.door.bytes / 1024);
    console.log(
      `${kib} KiB in ${cost?.reads} reads and ${cost?.rounds} rounds; ${cloud.door.requests} requests and ${sent} KiB with the list of pages; ${cloud.arm.log.length} calls of Resource Manager; ${ms} ms`,
    );
    expect(kib).toBeLessThanOrEqual(280);
    expect(cost?.rounds).toBeLessThanOrEqual(12);
  } finally {
    await cloud.stop();
  }
});

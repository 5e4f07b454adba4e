import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { diskFile } from "../support/aws/disk.ts";
import { fakeAws } from "../support/aws/server.ts";
import { missing, scratch } from "../support/images.ts";
import { buildShapeImage, SHAPE_NEEDS } from "../support/shape-image.ts";

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));
/** SIXRAY_BENCH_IMAGE: a real deb-ext4.raw instead of one in its shape. */
const GIVEN = process.env.SIXRAY_BENCH_IMAGE;
const why = GIVEN === undefined ? missing(...SHAPE_NEEDS) : undefined;

test.skipIf(why)("deb-ext4 through EBS direct: few blocks, few rounds, none twice", async () => {
  const fake = await fakeAws();
  const state = mkdtempSync(join(tmpdir(), "sixray-bar-"));
  const folder = scratch("aws-bar");
  if (GIVEN === undefined) buildShapeImage(folder, "raw");
  const disk = await diskFile(GIVEN ?? join(folder, "deb-ext4.raw"));
  const snapshot = fake.cloud.addSnapshot(disk);
  await disk.written();
  fake.behaviour.latencyMs = 20;
  const env = { ...process.env, ...fake.env, SIXRAY_STATE: state };
  const args = ["scan", `aws:us-east-1/${snapshot.id}`, "--format", "json"];
  const started = performance.now();
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const ms = Math.round(performance.now() - started);
  await disk.close();
  await fake.close();
  rmSync(state, { recursive: true });
  const { results }: { results: { cost: { rounds: number } }[] } = JSON.parse(out);
  const rounds = results[0]?.cost.rounds;
  const blocks = fake.log.filter((line) => line.startsWith("ebs Get"));
  const lists = fake.log.filter((line) => line.startsWith("ebs List"));
  console.log(`${blocks.length} blocks, ${lists.length} list, ${rounds} rounds of reads, ${ms} ms`);
  expect(code).toBe(0);
  expect(lists).toHaveLength(1);
  expect(new Set(blocks).size).toBe(blocks.length);
  expect(blocks.length).toBeLessThanOrEqual(24);
  expect(rounds).toBeLessThanOrEqual(7);
});

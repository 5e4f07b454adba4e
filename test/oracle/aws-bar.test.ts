import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { diskFile } from "../support/aws/disk.ts";
import { awsLab } from "../support/aws/lab.ts";

const IMAGE = process.env.SIXRAY_BENCH_IMAGE ?? "/tmp/bench-images/deb-ext4.raw";
const there = existsSync(IMAGE);
if (!there) console.warn(`oracle skipped: needs ${IMAGE}`);

test.skipIf(!there)("deb-ext4 through EBS direct: few blocks, few rounds, none twice", async () => {
  const lab = await awsLab({ idleMs: 20_000, requestMs: 60_000 });
  const disk = await diskFile(IMAGE);
  const snapshot = lab.cloud.addSnapshot(disk);
  lab.behaviour.latencyMs = 20;
  const started = performance.now();
  const { code, out } = await lab.sixray("scan", `aws:us-east-1/${snapshot.id}`, "--format", "json");
  const ms = Math.round(performance.now() - started);
  await disk.close();
  const { results }: { results: { cost: { rounds: number } }[] } = JSON.parse(out);
  const blocks = lab.log.filter((line) => line.startsWith("ebs Get"));
  const lists = lab.log.filter((line) => line.startsWith("ebs List"));
  console.log(
    `${blocks.length} blocks, ${lists.length} list, ${results[0]?.cost.rounds} rounds of reads, ${ms} ms`,
  );
  expect(code).toBe(0);
  expect(lists).toHaveLength(1);
  expect(new Set(blocks).size).toBe(blocks.length);
  expect(blocks.length).toBeLessThanOrEqual(24);
});

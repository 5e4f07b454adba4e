import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { DEFAULTS } from "../../providers/aws/settings.ts";
import { sampleDisk } from "../support/aws/samples.ts";
import { fakeAws } from "../support/aws/server.ts";

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));
/** The bar is for 1,000: SIXRAY_FLEET_IMAGES=1000. */
const IMAGES = Number(process.env.SIXRAY_FLEET_IMAGES ?? 250);
const PARTS = 4;
/** What AWS allows an account in a region; the fake throttles above it, so that who runs into it sends twice. */
const QUOTA = { get: 1000, list: 50 };

/*
 * The command as a user runs it, at the pace that it keeps by default. Each image costs one listing, and those are what
 * the quota is tightest on.
 */
test("many images: at the account's pace, in flat memory, no request twice", {
  timeout: 240_000,
}, async () => {
  const fake = await fakeAws();
  const state = mkdtempSync(join(tmpdir(), "sixray-fleet-"));
  onTestFinished(async () => {
    await fake.close();
    rmSync(state, { recursive: true });
  });
  fake.behaviour.perSecond = QUOTA;
  const disk = await sampleDisk("off-sysctl");
  for (let at = 0; at < IMAGES; at++)
    fake.cloud.addImage(fake.cloud.addSnapshot(disk), { name: `golden-${at}` });
  const env = { ...process.env, ...fake.env, SIXRAY_STATE: state };
  const started = performance.now();
  const child = spawn(process.execPath, [BIN, "scan", "aws:us-east-1", "--jobs", "8", "--quiet"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  const memory: number[] = [];
  let lists = 0;
  fake.behaviour.onRequest = (_, when, line) => {
    if (when !== "after" || !line.startsWith("ebs List")) return;
    if (++lists % (IMAGES / PARTS) < 1) memory.push(rssMib(child.pid));
  };
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const seconds = (performance.now() - started) / 1000;
  const { perSecond, burst } = DEFAULTS.rates["list-blocks"];
  const least = (IMAGES - burst) / perSecond;
  console.log(
    `${IMAGES} images, ${fake.log.length} requests in ${seconds.toFixed(1)} s, where the pace allows no less than ${least.toFixed(1)} s; RSS at each quarter: ${memory.join(", ")} MiB`,
  );
  expect(code).toBe(0);
  expect(out).toContain(`${IMAGES} pass`);
  expect(fake.log.filter((line) => line.startsWith("ec2 "))).toEqual(["ec2 DescribeImages"]);
  expect(new Set(fake.log).size).toBe(fake.log.length);
  expect(memory).toHaveLength(PARTS);
  const [early = 0, ...later] = memory;
  // However many images there are: what the garbage collector has not got to yet.
  expect(Math.max(...later)).toBeLessThan(early + 200);
});

function rssMib(pid: number | undefined): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kib) / 1024);
}

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { diskFile } from "../test/support/aws/disk.ts";
import { fakeAws } from "../test/support/aws/server.ts";

const BIN = fileURLToPath(new URL("../bin/sixray.js", import.meta.url));

export interface EbsFigures {
  readonly seconds: number;
  readonly requests: number;
  /** Of 512 KiB. */
  readonly blocks: number;
  readonly rounds: number;
}

export interface EbsScan extends EbsFigures {
  readonly exitCode: number | null;
  /** The requests, in the order of arrival: `ebs GetSnapshotBlock snap-0… 5`. */
  readonly log: readonly string[];
}

/**
 * A scan of a raw image as the snapshot of an AWS account, each request to a fake of it answered after `latencyMs`:
 * the whole process, start included.
 */
export async function ebsScan(image: string, latencyMs: number): Promise<EbsScan> {
  const fake = await fakeAws();
  const state = mkdtempSync(join(tmpdir(), "sixray-ebs-"));
  const disk = await diskFile(image);
  try {
    const { id } = fake.cloud.addSnapshot(disk);
    await disk.written();
    fake.behaviour.latencyMs = latencyMs;
    const begun = performance.now();
    const { exitCode, out } = await run(["scan", `aws:us-east-1/${id}`, "--format", "json"], {
      ...process.env,
      ...fake.env,
      SIXRAY_STATE: state,
    });
    const seconds = (performance.now() - begun) / 1000;
    const { log } = fake;
    const blocks = log.filter((line) => line.startsWith("ebs GetSnapshotBlock")).length;
    return { seconds, requests: log.length, blocks, rounds: roundsIn(out), exitCode, log };
  } finally {
    await disk.close();
    await fake.close();
    rmSync(state, { recursive: true });
  }
}

async function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly exitCode: number | null; readonly out: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("close", resolve);
    child.once("error", reject);
  });
  return { exitCode, out };
}

function roundsIn(report: string): number {
  const { results }: { results: { cost: { rounds: number } }[] } = JSON.parse(report);
  return results[0]?.cost.rounds ?? Number.NaN;
}

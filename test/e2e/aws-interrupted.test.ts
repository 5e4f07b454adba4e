import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { OTHER } from "../support/aws/cloud.ts";
import { awsLab } from "../support/aws/lab.ts";
import { sampleDisk } from "../support/aws/samples.ts";

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));

/** Scans an image that has to be copied; `then` comes in the middle of the copy. */
async function interrupted(then: (child: ChildProcess) => void): Promise<{
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly left: readonly string[];
}> {
  const lab = await awsLab();
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("off-sysctl"), { owner: OTHER, public: true });
  const image = lab.cloud.addImage(snapshot);
  lab.behaviour.copyPolls = 1000;
  const env = { ...process.env, ...lab.env, SIXRAY_AWS_POLL_MS: "20" };
  const args = [BIN, "scan", `aws:us-east-1/${image.id}`, "--allow-create", "--state", lab.state];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.resume();
  child.stderr.resume();
  let looks = 0;
  lab.behaviour.onRequest = (_, when, line) => {
    if (when === "after" && lab.cloud.left.length > 0 && /DescribeSnapshots/.test(line) && ++looks === 2)
      then(child);
  };
  const [code, signal] = await once(child, "exit");
  const left = [...lab.cloud.left];
  expect((await lab.sixray("sweep")).out).toBe("nothing to sweep\n");
  expect(looks).toBeGreaterThan(1);
  return { code, signal, left };
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s during a copy: it is removed",
  async (signal) => {
    const end = await interrupted((child) => child.kill(signal));
    expect(end).toEqual({ code: 130, signal: null, left: [] });
  },
  20_000,
);

test("a terminal that is closed says so twice, and can be written to no more", async () => {
  const end = await interrupted((child) => {
    child.stderr?.destroy();
    child.kill("SIGHUP");
    setTimeout(() => child.kill("SIGHUP"), 30);
  });
  expect(end).toEqual({ code: 130, signal: null, left: [] });
}, 20_000);

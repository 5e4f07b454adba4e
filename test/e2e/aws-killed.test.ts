import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { OTHER, OWN } from "../support/aws/cloud.ts";
import { awsLab, type Lab } from "../support/aws/lab.ts";
import { sampleDisk } from "../support/aws/samples.ts";

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));

/** A scan in a process of its own, killed with SIGKILL at one request; how many requests it got to. */
async function killedAt(
  lab: Lab,
  request: number,
  when: "before" | "after",
  args: readonly string[],
): Promise<{ readonly killed: boolean }> {
  const first = lab.log.length;
  const env = { ...process.env, ...lab.env, SIXRAY_STATE: lab.state, SIXRAY_AWS_POLL_MS: "20" };
  const child = spawn(process.execPath, [BIN, "scan", ...args], { env, stdio: "ignore" });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once("exit", (_, signal) => resolve(signal));
  });
  lab.behaviour.onRequest = async (count, at) => {
    if (count !== first + request || at !== when) return;
    child.kill("SIGKILL");
    await ended;
  };
  const signal = await ended;
  lab.behaviour.onRequest = () => undefined;
  return { killed: signal === "SIGKILL" };
}

const RUNGS = [
  { rung: "copy-snapshot", hidden: false, denied: [], flags: ["--allow-create"] },
  { rung: "copy-image", hidden: true, denied: [], flags: ["--allow-create"] },
  { rung: "launch", hidden: true, denied: ["ec2:CopyImage"], flags: ["--allow-create", "--allow-boot"] },
] as const;

/*
 * Every request of a scan is a step; the process dies as the request arrives (nothing was done yet) and as it was
 * done (the process never hears of it). Then sweep runs, as the user would, and the cloud has to be empty.
 */
for (const { rung, hidden, denied, flags } of RUNGS) {
  for (const when of ["before", "after"] as const) {
    test(`${rung}: killed ${when} each request, sweep leaves nothing`, { timeout: 600_000 }, async () => {
      const lab = await awsLab();
      const disk = await sampleDisk("off-sysctl");
      const snapshot = lab.cloud.addSnapshot(disk, { owner: OTHER, public: !hidden });
      const image = lab.cloud.addImage(snapshot);
      for (const action of denied) lab.behaviour.denied.add(action);
      lab.behaviour.copyPolls = 0;
      const target = `aws:us-east-1/${image.id}`;
      let orphans = 0;
      let steps = 0;
      for (let request = 1; ; request++) {
        // Reading blocks makes nothing: one of them is enough.
        const { killed } = await killedAt(lab, request, when, [target, ...flags, "--state", lab.state]);
        if (!killed) break;
        steps++;
        if (lab.cloud.left.length > 0) orphans++;
        const { code, out } = await lab.sixray("sweep");
        expect({ request, code, out, left: lab.cloud.left }).toMatchObject({ code: 0, left: [] });
      }
      expect(steps).toBeGreaterThan(8);
      expect(orphans).toBeGreaterThan(1);
      expect(lab.cloud.left).toEqual([]);
      expect((await lab.sixray("sweep")).out).toBe("nothing to sweep\n");
      console.log(`${rung}, killed ${when}: ${steps} steps, ${orphans} left something, sweep removed it all`);
    });
  }
}

test("asked as another account, a sweep takes nothing for gone", { timeout: 120_000 }, async () => {
  const lab = await awsLab();
  const image = lab.cloud.addImage(lab.cloud.addSnapshot(await sampleDisk("off-sysctl"), { owner: OTHER }));
  const args = [`aws:us-east-1/${image.id}`, "--allow-create", "--state", lab.state];
  for (let request = 1; lab.cloud.left.length === 0; request++) await killedAt(lab, request, "after", args);
  const elsewhere = {
    ...process.env,
    ...lab.env,
    AWS_ACCESS_KEY_ID: `AKIA${OTHER}`,
    SIXRAY_STATE: lab.state,
  };
  const child = spawn(process.execPath, [BIN, "sweep"], {
    env: elsewhere,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  expect(said).toMatch(
    new RegExp(
      `^failed: aws image .*it is in the account ${OWN}, and these credentials are of ${OTHER}`,
      "m",
    ),
  );
  expect(code).toBe(3);
  expect(lab.cloud.left).not.toEqual([]);
  expect(await lab.sixray("sweep")).toMatchObject({ code: 0 });
  expect(lab.cloud.left).toEqual([]);
});

test("without its journal, what a killed run made is found by its tags", { timeout: 120_000 }, async () => {
  const lab = await awsLab();
  const elsewhere = mkdtempSync(join(tmpdir(), "sixray-lost-"));
  onTestFinished(() => rmSync(elsewhere, { recursive: true }));
  const snapshot = lab.cloud.addSnapshot(await sampleDisk("off-sysctl"), { owner: OTHER });
  const image = lab.cloud.addImage(snapshot);
  const args = [`aws:us-east-1/${image.id}`, "--allow-create", "--state", elsewhere];
  for (let request = 1; lab.cloud.left.length === 0; request++) await killedAt(lab, request, "after", args);
  expect(lab.cloud.left).toHaveLength(2);
  expect((await lab.sixray("sweep", "aws:us-east-1")).out).toContain("too young");
  expect(await lab.sixray("sweep", "aws:us-east-1", "--older-than", "0m")).toMatchObject({ code: 0 });
  expect(lab.cloud.left).toEqual([]);
});

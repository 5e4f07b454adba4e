import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { FakeCloud } from "../support/gcp/fake-compute.ts";
import { startLab, stopLab, TARGET } from "../support/gcp/lab.ts";
import { ext4Image } from "../support/gcp/worker-images.ts";
import { GUEST_DISK_NEEDS } from "../support/guest-disk.ts";
import { missing, scratch } from "../support/images.ts";
import { type Outcome, sixrayHere } from "../support/in-process.ts";

const why = missing(...GUEST_DISK_NEEDS);
const folder = scratch("gcp-kill");
const state = join(folder, "state");
const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));
const SCAN = ["scan", TARGET, "--allow-create", "--max-rung", "worker-serial", "--quiet"];

let cloud: FakeCloud;
beforeAll(async () => {
  if (!why) cloud = await startLab(ext4Image(folder), { quick: true });
});
afterAll(async () => {
  if (!why) await stopLab(cloud);
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

/** The command in a process of its own; killed as soon as the cloud gets the request of this number. */
async function sixray(args: readonly string[], killAt?: number): Promise<Ended> {
  cloud.log.length = 0;
  const child = spawn(process.execPath, [BIN, ...args, "--state", state], {
    env: { ...cloud.env, ...process.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  cloud.behaviour.onRequest = (count) => {
    if (count === killAt) child.kill("SIGKILL");
  };
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  delete cloud.behaviour.onRequest;
  return { code, out };
}

/** The same as `sixray sweep`, without the start of another process. */
function sweepHere(): Promise<Outcome> {
  return sixrayHere(["sweep", "--state", state]);
}

describe.skipIf(why)("kill -9", () => {
  test("at every request, then a sweep: nothing is left", { timeout: 600_000 }, async () => {
    const { code } = await sixray(SCAN);
    expect(code).toBe(0);
    expect(cloud.disks.size + cloud.instances.size).toBe(0);
    const steps = cloud.log.length;
    const left: string[] = [];
    let remains = 0;
    for (let at = 1; at <= steps; at++) {
      expect((await sixray(SCAN, at)).code, `killed at request ${at}`).toBe(null);
      if (cloud.disks.size + cloud.instances.size > 0) remains++;
      const swept = await sweepHere();
      expect(swept.code, swept.out).toBe(0);
      for (const key of [...cloud.disks.keys(), ...cloud.instances.keys()])
        left.push(`request ${at}: ${key}`);
    }
    console.log(
      `killed at each of ${steps} requests; ${remains} left something; after sweep: ${left.length} left`,
    );
    expect(left).toEqual([]);
    expect(remains).toBeGreaterThan(3);
    expect((await sixray(["sweep"])).out).toBe("nothing to sweep\n");
  });

  test("with the journal lost, a sweep by label finds what is old enough", { timeout: 120_000 }, async () => {
    for (let count = 8; cloud.instances.size === 0 && count < 30; count += 3) await sixray(SCAN, count);
    expect(cloud.instances.size).toBe(1);
    rmSync(state, { recursive: true, force: true });
    expect((await sixray(["sweep", "gcp:my-project"])).out).toMatch(/^too young: gcp instance sixray-/m);
    // The project that is named, where the environment names another one.
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", "their-project");
    expect((await sixray(["sweep", "gcp"])).out).toBe("nothing to sweep\n");
    const swept = await sixray(["sweep", "gcp", "--account", "my-project", "--older-than", "0m"]);
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", cloud.env.GOOGLE_CLOUD_PROJECT);
    expect(swept.out).toMatch(/^removed: gcp instance sixray-/m);
    expect(cloud.disks.size + cloud.instances.size).toBe(0);
  });

  test("a sweep that may not look at one project removes what it sees in the others, and says so", {
    timeout: 120_000,
  }, async () => {
    for (let count = 8; cloud.instances.size === 0 && count < 30; count += 3) await sixray(SCAN, count);
    expect(cloud.instances.size).toBe(1);
    rmSync(state, { recursive: true, force: true });
    const message = "Required 'compute.instances.list' permission for 'projects/their-project'";
    cloud.behaviour.refuse = (_, { project }) =>
      project === "their-project" ? { status: 403, reason: "forbidden", message } : undefined;
    const places = ["gcp:their-project", "gcp:my-project"];
    const swept = await sixrayHere(["sweep", ...places, "--older-than", "0m", "--state", state]);
    delete cloud.behaviour.refuse;
    expect(swept.out).toMatch(/^removed: gcp instance sixray-/m);
    expect(swept.err).toContain(`what is left there cannot be seen in full: their-project: `);
    expect(swept.err).toContain("sixray doctor gcp tells which permissions are missing");
    expect(swept.code).toBe(3);
    expect(cloud.disks.size + cloud.instances.size).toBe(0);
  });

  test("Ctrl-C cleans up on its way out", { timeout: 120_000 }, async () => {
    cloud.log.length = 0;
    const child = spawn(process.execPath, [BIN, ...SCAN, "--state", state], {
      env: { ...process.env, ...cloud.env },
      stdio: "ignore",
    });
    let sent = false;
    cloud.behaviour.onRequest = (_, method) => {
      if (method === "Instances.GetSerialPortOutput" && !sent) sent = child.kill("SIGINT");
    };
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    delete cloud.behaviour.onRequest;
    expect([sent, code]).toEqual([true, 130]);
    expect(cloud.disks.size + cloud.instances.size).toBe(0);
    expect(cloud.misfits).toEqual([]);
  });
});

import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cloud, IMAGE, sixrayIn, startCloud } from "../support/azure/cloud.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud("test/fixtures/images/on.qcow2");
}, 60_000);
afterAll(() => cloud.stop());

/** Scans, and kills the scan without warning at request `k` of Resource Manager. */
async function killedAt(k: number, when: "before" | "after", target: string): Promise<number | null> {
  let child: ChildProcess | undefined;
  cloud.arm.onRequest = (count, now) => {
    const here = count === k && now === when;
    if (here) child?.kill("SIGKILL");
    return here;
  };
  const run = await sixrayIn(cloud, ["scan", target, "--allow-create", "-q"], (one) => {
    child = one;
  });
  cloud.arm.onRequest = () => false;
  return run.code;
}

test.each([
  ["a marketplace image", false],
  ["a disk of one's own", true],
] as const)("%s: whenever it is killed, sweep leaves nothing", { timeout: 300_000 }, async (_, own) => {
  const steps: string[] = [];
  let over = false;
  for (let k = 1; !over; k++) {
    for (const when of ["before", "after"] as const) {
      cloud.arm.reset();
      const target = own ? `azure:${cloud.arm.addOwn("disks", "mine", { osType: "Linux" })}` : IMAGE;
      over = (await killedAt(k, when, target)) !== null;
      const left = cloud.arm.left.map((one) => one.split(" ")[0]).join("+");
      const swept = await sixrayIn(cloud, ["sweep"]);
      expect(swept.code, swept.err).toBe(0);
      expect(cloud.arm.left, `killed ${when} request ${k}`).toEqual([]);
      expect(cloud.arm.disks.size).toBe(own ? 1 : 0);
      steps.push(`${k} ${when}: ${over ? "over" : left === "" ? "-" : left}`);
    }
  }
  process.stdout.write(`${steps.join("; ")}\n`);
  expect(steps.length).toBeGreaterThan(own ? 12 : 24);
  expect(steps.some((step) => step.includes(own ? "access" : "access+disk"))).toBe(true);
  expect((await sixrayIn(cloud, ["sweep"])).out).toBe("nothing to sweep\n");
});

test.each([3, 6, 9])("Ctrl-C at request %i cleans up by itself", { timeout: 60_000 }, async (k) => {
  cloud.arm.reset();
  let child: ChildProcess | undefined;
  cloud.arm.onRequest = (count, when) => {
    if (count === k && when === "after") child?.kill("SIGINT");
    return false;
  };
  const run = await sixrayIn(cloud, ["scan", IMAGE, "--allow-create", "-q"], (one) => {
    child = one;
  });
  expect(run.code).toBe(130);
  expect(cloud.arm.left).toEqual([]);
  expect((await sixrayIn(cloud, ["sweep"])).out).toBe("nothing to sweep\n");
});

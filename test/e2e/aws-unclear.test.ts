import { describe, expect, test } from "vitest";
import { type FakeSnapshot, OTHER } from "../support/aws/cloud.ts";
import { awsLab, type Lab } from "../support/aws/lab.ts";
import { sampleDisk } from "../support/aws/samples.ts";

// Create calls that have no client token, and answers that do not tell whether they were done.

const CREATE = ["--allow-create"];

/** Another account's image, and a flag for each call that leads to it alone. */
async function theirs(call: string): Promise<{ readonly lab: Lab; scan(): ReturnType<Lab["sixray"]> }> {
  const lab = await awsLab();
  const copied = call === "CopySnapshot";
  const made = lab.cloud.addSnapshot(await sampleDisk("off-sysctl"), { owner: OTHER, public: copied });
  const image = lab.cloud.addImage(made);
  if (!copied) lab.behaviour.denied.add("ec2:CopyImage");
  const args = copied ? [...CREATE, "--max-rung", "copy-snapshot"] : [...CREATE, "--allow-boot"];
  return { lab, scan: () => lab.sixray("scan", `aws:us-east-1/${image.id}`, ...args) };
}

const CALLS = ["CopySnapshot", "CreateSecurityGroup", "CreateSnapshot"];
const sentOf = (lab: Lab, call: string): number =>
  lab.log.filter((line) => `${line} `.startsWith(`ec2 ${call} `)).length;

describe.each(CALLS)("%s", (call) => {
  test.each([
    { what: "error", times: 1, sent: 2 },
    { what: "html", times: 2, sent: 3 },
    { what: "cut", times: 1, sent: 1 },
    { what: "lost", times: 1, sent: 1 },
  ] as const)(
    "$what, $times times: looked for, sent $sent times, made once",
    async ({ what, times, sent }) => {
      const { lab, scan } = await theirs(call);
      lab.behaviour.troubles.push({ on: new RegExp(`ec2 ${call}\\b`), times, what });
      let most = 0;
      lab.behaviour.onRequest = () => {
        const { groups, snapshots } = lab.cloud;
        const all = call === "CreateSecurityGroup" ? groups.size : snapshots.size - 1;
        most = Math.max(most, all);
      };
      expect(await scan()).toMatchObject({ code: 0, out: expect.stringContaining("1 pass") });
      expect(sentOf(lab, call)).toBe(sent);
      expect(most).toBe(1);
      expect(lab.cloud.left).toEqual([]);
    },
  );

  test("fails for good: tried three times, nothing left", async () => {
    const { lab, scan } = await theirs(call);
    lab.behaviour.troubles.push({ on: new RegExp(`ec2 ${call}\\b`), times: 1e6, what: "error" });
    const { code, out } = await scan();
    expect(code).toBe(3);
    expect(out.replaceAll(/\s+/g, " ")).toContain(`${call}: InternalError`);
    expect(sentOf(lab, call)).toBe(3);
    expect(lab.cloud.left).toEqual([]);
  });

  test("not sent again when it cannot be looked for", async () => {
    const { lab, scan } = await theirs(call);
    lab.behaviour.troubles.push({ on: new RegExp(`ec2 ${call}\\b`), times: 1, what: "error" });
    const look = call === "CreateSecurityGroup" ? "DescribeSecurityGroups" : "DescribeSnapshots";
    lab.behaviour.denied.add(`ec2:${look}`);
    const { code, out } = await scan();
    expect(code).toBe(3);
    expect(out.replaceAll(/\s+/g, " ")).toContain(`${call}: InternalError`);
    expect(sentOf(lab, call)).toBe(1);
  });
});

test("a copy that comes to be after it was looked for is removed, too", async () => {
  const lab = await awsLab();
  const disk = await sampleDisk("off-sysctl");
  const made = lab.cloud.addSnapshot(disk, { owner: OTHER, public: true });
  lab.behaviour.troubles.push({ on: /CopySnapshot/, times: 1, what: "lost" });
  let late: FakeSnapshot | undefined;
  lab.behaviour.onRequest = (_, when, line) => {
    if (when === "after" && /CopySnapshot/.test(line) && !late) {
      late = [...lab.cloud.snapshots.values()].at(-1);
      if (late) lab.cloud.snapshots.delete(late.id);
    } else if (/GetSnapshotBlock/.test(line) && late) lab.cloud.snapshots.set(late.id, late);
  };
  const scan = await lab.sixray("scan", `aws:us-east-1/${made.id}`, ...CREATE);
  expect(scan.code).toBe(0);
  expect(late).toBeDefined();
  expect(lab.cloud.left).toEqual([]);
});

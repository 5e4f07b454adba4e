import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { scratch } from "../support/images.ts";

/** The built command on a machine that knows no cloud, in an environment of its own. */

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));
const home = scratch("no-credentials");

function sixray(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [BIN, ...args], {
    encoding: "utf8",
    env: {
      HOME: home,
      PATH: "/nonexistent",
      COLUMNS: "400",
      AWS_EC2_METADATA_DISABLED: "true",
      METADATA_SERVER_DETECTION: "none",
    },
  });
}

test.each([
  ["aws:us-east-1/ami-0abcdef1234567890", /there are no AWS credentials: set AWS_PROFILE/],
  ["azure:eastus/Canonical:ubuntu-24_04-lts:server", /Azure does not know who asks: run `az login`/],
  ["gcp:debian-cloud/family/debian-12", /gcloud auth application-default login/],
])("%s without credentials is unreadable, says what to do, and ends the run in order", (target, hint) => {
  const { status, stdout, stderr } = sixray("scan", target, "--quiet");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout.replace(/\s+/g, " ")).toMatch(hint);
  expect(status).toBe(3);
});

test("doctor tells of every cloud what is missing and what to do, a line for each", () => {
  const { status, stdout, stderr } = sixray("doctor");
  expect(stdout.match(/^\w+|^ {2}\S.*/gm)).toEqual([
    "aws",
    "  missing  region: none is named",
    "azure",
    "  missing  credentials: Azure does not know who asks",
    "gcp",
    "  missing  credentials: there are no Google credentials",
  ]);
  expect(stdout).toMatch(/aws configure set region.*az login.*gcloud auth application-default login/s);
  expect([status, stderr]).toEqual([3, ""]);
});

test("doctor of a region without credentials", () => {
  const { status, stdout, stderr } = sixray("doctor", "aws:us-east-1");
  expect(stdout).toMatch(
    /^aws\n {2}missing {2}caller: access: there are no AWS credentials: .*\n +aws configure/,
  );
  expect([status, stderr]).toEqual([3, ""]);
});

test.each([
  ["aws:nowhere", "nowhere names no region"],
  ["azure:a/b/c", "--account takes a subscription id"],
])("doctor %s: what cannot be understood is the user's to mend", (place, says) => {
  const { status, stderr } = sixray("doctor", place);
  expect([status, stderr]).toEqual([2, expect.stringContaining(says)]);
});

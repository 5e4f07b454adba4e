import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { scratch } from "../support/images.ts";

/** The built command on a machine that knows no cloud, in an environment of its own. */

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));
const home = scratch("no-credentials");

test.each([
  ["aws:us-east-1/ami-0abcdef1234567890", /there are no AWS credentials: set AWS_PROFILE/],
  ["azure:eastus/Canonical:ubuntu-24_04-lts:server", /Azure does not know who asks: run `az login`/],
  ["gcp:debian-cloud/family/debian-12", /gcloud auth application-default login/],
])("%s without credentials is unreadable, says what to do, and ends the run in order", (target, hint) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "scan", target, "--quiet"], {
    encoding: "utf8",
    env: {
      HOME: home,
      PATH: "/nonexistent",
      COLUMNS: "400",
      AWS_EC2_METADATA_DISABLED: "true",
      METADATA_SERVER_DETECTION: "none",
    },
  });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stdout.replace(/\s+/g, " ")).toMatch(hint);
  expect(status).toBe(3);
});

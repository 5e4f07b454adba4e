import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { sixray } from "../support/cli.ts";
import { missing, run, scratch } from "../support/images.ts";

const why = missing("qemu-img", "losetup", "root");
const folder = scratch("device");
const SAMPLE = fileURLToPath(new URL("../fixtures/images/off-sysctl.qcow2", import.meta.url));

test.skipIf(why)("a disk device is read as an image of the same bytes", () => {
  const path = join(folder, "disk.raw");
  run("qemu-img", ["convert", "-O", "raw", SAMPLE, path]);
  const device = run("losetup", ["--find", "--show", "--read-only", path]).toString().trim();
  onTestFinished(() => void run("losetup", ["--detach", device]));
  const { code, out } = sixray(["scan", "--quiet", "--format", "csv", device]);
  expect(out).toMatch(/"pass","off"/);
  expect(code).toBe(0);
  const listed = ["/etc", "--recursive", "--json"];
  expect(sixray(["ls", device, ...listed]).out).toBe(sixray(["ls", path, ...listed]).out);
});

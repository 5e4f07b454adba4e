import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { sixray } from "../support/cli.ts";
import { missing, run, scratch } from "../support/images.ts";

const SAMPLE = fileURLToPath(new URL("../fixtures/images/off-sysctl.qcow2", import.meta.url));
const folder = scratch("packed");

/** By the command as it is built: what unpacks loads only when it is used. */
describe.each([
  ["gzip", ".gz"],
  ["xz", ".xz"],
  ["zstd", ".zst"],
  ["bzip2", ".bz2"],
])("%s", (program, ending) => {
  test.skipIf(missing(program))("a compressed image is judged as what is in it", () => {
    const path = join(folder, `${program}.qcow2`);
    copyFileSync(SAMPLE, path);
    run(program, ["-q", path]);
    expect(existsSync(path + ending)).toBe(true);
    const { code, out } = sixray(["scan", "--quiet", "--format", "csv", path + ending]);
    expect(out).toMatch(/"pass","off"/);
    expect(code).toBe(0);
  });
});

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { sixray } from "../support/cli.ts";

const IMAGES = fileURLToPath(new URL("../fixtures/images/", import.meta.url));
const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));
const FOLDER = mkdtempSync(join(tmpdir(), "sixray-bundle-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

test.each(["on", "off-sysctl", "networkd", "luks"])("%s: judged from a bundle to the same byte", (name) => {
  const image = join(IMAGES, `${name}.qcow2`);
  const bundle = join(FOLDER, `${name}.sixray.tar.gz`);
  const code = name === "luks" ? 3 : 0;
  expect(sixray(["extract", image, "-o", bundle]).code).toBe(code);
  const direct = sixray(["scan", image, "--format", "json"]);
  const again = sixray(["evaluate", bundle, "--format", "json"]);
  expect(again).toMatchObject({ code: direct.code, out: direct.out });
  expect(sixray(["scan", bundle, "--format", "json"]).out).toBe(direct.out);
  const first = readFileSync(bundle);
  sixray(["extract", image, "-o", bundle]);
  expect(readFileSync(bundle).equals(first)).toBe(true);
});

test("bundles of several days are held against the last one, and the report says so", () => {
  const bundles = ["2026-01-01", "2026-03-01", "2026-02-01"].map((day) => {
    const bundle = join(FOLDER, `${day}.sixray.tar.gz`);
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(Date.parse(day) / 1000) };
    expect(sixray(["extract", join(IMAGES, "on.qcow2"), "-o", bundle], { env }).code).toBe(0);
    return bundle;
  });
  expect(JSON.parse(sixray(["evaluate", ...bundles, "-f", "json"]).out)).toMatchObject({ day: "2026-03-01" });
});

test("a bundle is read once, as a pipe can be, and waivers are held against its day", () => {
  const [bundle, policy] = [join(FOLDER, "waived.sixray.tar.gz"), join(FOLDER, "waiver.yaml")];
  writeFileSync(
    policy,
    `extends: os-extended-debian
id: ours
waivers:
  - id: W-1
    match: { provider: file, family: "on" }
    rules: [disable-ipv6-interfaces]
    reason: dual-stack by design
    approvedBy: netops
    expires: 2026-03-31
`,
  );
  const took = (day: string): void => {
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(Date.parse(day) / 1000) };
    expect(sixray(["extract", join(IMAGES, "on.qcow2"), "-o", bundle], { env }).code).toBe(0);
  };
  for (const [day, verdict] of [
    ["2026-03-31", "waived"],
    ["2026-04-01", "flagged"],
  ] as const) {
    took(day);
    const args = ["evaluate", "/dev/stdin", "--policy", policy, "-f", "json"];
    // A pipe of the shell's: Node.js gives a socket, which has no name to open.
    const line = ["-c", 'cat "$0" | "$@"', bundle, process.execPath, BIN, ...args];
    const piped = spawnSync("sh", line);
    expect(piped.stderr.toString()).toBe("");
    expect(JSON.parse(piped.stdout.toString())).toMatchObject({ day, results: [{ verdict }] });
    expect(sixray(["evaluate", bundle, "--policy", policy, "-f", "json", "--day", day]).out).toBe(
      piped.stdout.toString(),
    );
  }
});

test("without a name for it, evidence takes the place of no other image's", () => {
  const cwd = mkdtempSync(join(FOLDER, "default-"));
  const [one, other] = [join(cwd, "one"), join(cwd, "other")];
  for (const folder of [one, other]) {
    mkdirSync(folder);
    copyFileSync(join(IMAGES, "on.qcow2"), join(folder, "base.qcow2"));
  }
  const extract = (...args: readonly string[]) => sixray(["extract", ...args], { cwd });
  for (let time = 0; time < 2; time++) expect(extract("one/base.qcow2").code).toBe(0);
  const first = readFileSync(join(cwd, "base.sixray.tar.gz"));
  expect(extract("other/base.qcow2")).toMatchObject({
    code: 2,
    err: expect.stringContaining("is there already, and is the evidence of file:one/base.qcow2"),
  });
  expect(readFileSync(join(cwd, "base.sixray.tar.gz")).equals(first)).toBe(true);
  expect(extract("other/base.qcow2", "-o", "base.sixray.tar.gz").code).toBe(0);
  writeFileSync(join(cwd, "base.sixray.tar.gz"), "notes");
  expect(extract("one/base.qcow2")).toMatchObject({ code: 2, err: expect.stringContaining("no evidence") });
});

test("a changed bundle is refused by evaluate and unreadable to scan", () => {
  const bundle = join(FOLDER, "on.sixray.tar.gz");
  const broken = join(FOLDER, "broken.sixray.tar.gz");
  sixray(["extract", join(IMAGES, "on.qcow2"), "-o", bundle]);
  writeFileSync(broken, readFileSync(bundle).subarray(0, 2000));
  expect(sixray(["evaluate", broken]).err).toContain("not an evidence bundle");
  expect(sixray(["scan", broken]).code).toBe(3);
  expect(sixray(["evaluate", join(FOLDER, "none.sixray.tar.gz")]).err).toContain("cannot read");
  expect(sixray(["scan", join(FOLDER, "none.sixray.tar.gz")]).code).toBe(3);
  expect(sixray(["ls", bundle]).err).toContain("an evidence bundle holds only what was read");
});

test("one bad bundle is unreadable, as a scan of it says, and stops no other", () => {
  const [good, bad] = [join(FOLDER, "off.sixray.tar.gz"), join(FOLDER, "bad.sixray.tar.gz")];
  sixray(["extract", join(IMAGES, "off-sysctl.qcow2"), "-o", good]);
  writeFileSync(bad, readFileSync(good).subarray(0, 2000));
  const { code, out, err } = sixray(["evaluate", bad, good, "-f", "json"]);
  expect(code).toBe(3);
  expect(err).toContain("not an evidence bundle");
  expect(out).toBe(sixray(["scan", bad, good, "-f", "json"]).out);
  expect(JSON.parse(out).results.map((one: { verdict: string }) => one.verdict)).toEqual([
    "unreadable",
    "pass",
  ]);
});

test.each(["2027-13-45", "2027-02-30", "27-02-03", "x"])("--day %s is no day", (day) => {
  const bundle = join(FOLDER, "on.sixray.tar.gz");
  expect(sixray(["evaluate", bundle, "--day", day])).toMatchObject({ code: 2, out: "" });
});

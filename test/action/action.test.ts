import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { run, scratch } from "../support/images.ts";
import { noPostgres, postgres } from "../support/postgres.ts";

const TOP = fileURLToPath(new URL("../../", import.meta.url));
const BUNDLE = join(TOP, "dist/action/index.js");
const alone = join(scratch("action"), "index.js");

beforeAll(() => {
  run(process.execPath, ["scripts/action.ts"], { cwd: TOP });
  // Where the runner has it there is nothing else of the project.
  copyFileSync(BUNDLE, alone);
}, 240_000);

interface Step {
  readonly code: number | null;
  readonly out: string;
  readonly summary: string;
  readonly outputs: ReadonlyMap<string, string>;
}

function workspace(images: Readonly<Record<string, string>>): string {
  const folder = scratch("workspace");
  mkdirSync(join(folder, "images"));
  for (const [name, fixture] of Object.entries(images)) put(folder, name, fixture);
  writeFileSync(join(folder, "sixray.yaml"), 'targets:\n  - "images/*.qcow2"\n');
  return folder;
}

function put(folder: string, name: string, fixture: string): void {
  copyFileSync(join(TOP, `test/fixtures/images/${fixture}.qcow2`), join(folder, "images", `${name}.qcow2`));
}

/** Runs the file as a runner would, with nothing of this machine's environment. */
function step(cwd: string, inputs: Readonly<Record<string, string>> = {}, env: NodeJS.ProcessEnv = {}): Step {
  const files = { GITHUB_OUTPUT: join(cwd, "output"), GITHUB_STEP_SUMMARY: join(cwd, "summary") };
  for (const file of Object.values(files)) rmSync(file, { force: true });
  const given = Object.entries(inputs).map(
    ([name, value]) => [`INPUT_${name.toUpperCase()}`, value] as const,
  );
  const done = spawnSync(process.execPath, [alone], {
    cwd,
    env: {
      PATH: "/usr/bin:/bin",
      HOME: cwd,
      RUNNER_TEMP: scratch("runner"),
      ...files,
      ...Object.fromEntries(given),
      ...env,
    },
  });
  const read = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const outputs = [...read(files.GITHUB_OUTPUT).matchAll(/^(\S+)<<(\S+)\n([\s\S]*?)\n\2$/gm)];
  return {
    code: done.status,
    out: `${done.stdout.toString()}${done.stderr.toString()}`,
    summary: read(files.GITHUB_STEP_SUMMARY),
    outputs: new Map(outputs.map(([, name = "", , value = ""]) => [name, value])),
  };
}

test("the bundle alone: outputs, annotations, a summary, the open set, and a drift in the second round", () => {
  const folder = workspace({ good: "off-sysctl", bad: "on" });
  const first = step(folder);
  expect(first.code).toBe(1);
  expect(Object.fromEntries(first.outputs)).toEqual({
    verdict: "flagged",
    scanned: "2",
    flagged: "1",
    review: "0",
    errors: "0",
    "new-images": "2",
    drifted: "0",
    "report-json": "sixray-report/report.json",
  });
  expect(first.out).toMatch(
    /^::error title=flagged%3A bad::images\/bad\.qcow2: IPv6 is built into the kernel/m,
  );
  expect(first.summary).toContain("| 🚩 flagged | bad | images/bad.qcow2 |");
  put(folder, "good", "on");
  const second = step(folder, { "fail-on": "drift" });
  expect(second.code).toBe(1);
  expect(second.outputs.get("drifted")).toBe("1");
  expect(second.summary).toContain("### What changed");
  expect(second.out).toMatch(/^::warning title=IPv6 drift%3A good::good good\.qcow2: IPv6 off -> on/m);
  const report: unknown = JSON.parse(readFileSync(join(folder, "sixray-report/report.json"), "utf8"));
  // Both, although one was known.
  expect(report).toMatchObject({
    schemaVersion: 1,
    results: [{ image: { family: "bad" } }, { image: { family: "good" } }],
  });
});

test("the bundle has the clouds' libraries, and no more of them than is used", () => {
  expect(statSync(BUNDLE).size).toBeLessThan(30e6);
  const targets = ["gcp:debian-cloud", "aws:us-east-1", "azure:eastus/Canonical:ubuntu-24_04-lts:server"];
  const none = { AWS_EC2_METADATA_DISABLED: "true", METADATA_SERVER_DETECTION: "none" };
  const { out, code } = step(workspace({}), { targets: targets.join("\n") }, none);
  for (const says of ["no Google credentials", "no AWS credentials", "Azure does not know who asks"])
    expect(out).toContain(says);
  expect(code).toBe(3);
});

test("what fail-on lets pass has not passed", () => {
  const folder = workspace({ bad: "on", good: "off-sysctl", locked: "luks" });
  const never = step(folder, { "fail-on": "never" });
  expect(never.code).toBe(0);
  expect(never.outputs.get("verdict")).toBe("flagged");
  // In the order of every report.
  expect(never.summary).toMatch(/\| .* pass \| 1 \|\n\| .* flagged \| 1 \|\n\| .* unreadable \| 1 \|\n/);
});

test("problems are annotations, and no step of a broken configuration passes", () => {
  const folder = workspace({});
  writeFileSync(join(folder, "sixray.yaml"), "targets: [x]\npolcy: y\n");
  const broken = step(folder);
  expect(broken.code).toBe(2);
  expect(broken.out).toContain(
    "::error title=sixray::usage: sixray.yaml:2:1: unknown key polcy; did you mean policy?",
  );
  expect(broken.outputs.get("verdict")).toBe("incomplete");
  expect(step(folder, { "fail-on": "sometimes" }).out).toContain(
    "usage: fail-on takes flagged, review, unreadable, drift separated by commas, or never",
  );
  expect(step(folder, { formats: "docx" }).out).toContain("formats: no docx; there are: ");
});

test("state on a branch", () => {
  const [folder, remote] = [workspace({ one: "off-sysctl" }), scratch("remote")];
  const git = (...args: readonly string[]): string => run("git", args, { cwd: folder }).toString();
  run("git", ["init", "-q", "--bare", remote]);
  git("init", "-q");
  git("remote", "add", "origin", remote);
  const inputs = { state: "branch:sixray-state" };
  expect(step(folder, inputs).outputs.get("scanned")).toBe("1");
  expect(git("ls-remote", "origin")).toContain("refs/heads/sixray-state");
  const again = step(folder, inputs);
  expect([again.code, again.outputs.get("scanned")]).toEqual([0, "0"]);
  expect(step(folder, { state: "branch:--upload-pack=x" }).code).toBe(2);
});

test("shards cover everything once, and merge to one report", () => {
  const folder = workspace({ a: "off-sysctl", b: "on", c: "off-sysctl", d: "off-cmdline" });
  const parts = ["1/3", "2/3", "3/3"].map((shard, at) => {
    const { outputs } = step(folder, {
      shard,
      state: `state-${at}`,
      "output-dir": `part-${at}`,
      "fail-on": "never",
    });
    return Number(outputs.get("scanned"));
  });
  expect(parts.reduce((sum, one) => sum + one, 0)).toBe(4);
  const merge = ["merge", "part-0/report.json", "part-1/report.json", "part-2/report.json"];
  const merged = spawnSync(process.execPath, [join(TOP, "bin/sixray.js"), ...merge], { cwd: folder });
  expect(merged.status).toBe(1);
  const report = JSON.parse(merged.stdout.toString());
  expect(report.results).toHaveLength(4);
  expect(report.part).toBeUndefined();
  const lacking = spawnSync(process.execPath, [join(TOP, "bin/sixray.js"), ...merge.slice(0, 3)], {
    cwd: folder,
  });
  expect(lacking.status).toBe(2);
  expect(lacking.stderr.toString()).toContain("part 3/3 is not among the reports");
  const twice = spawnSync(
    process.execPath,
    [join(TOP, "bin/sixray.js"), ...merge, "part-0/report.json", "part-1/report.json", "part-2/report.json"],
    { cwd: folder },
  );
  expect(twice.stderr.toString()).toContain("is in more than one of the reports");
});

describe.skipIf(noPostgres())("with a Postgres", () => {
  test("state in DATABASE_URL", async () => {
    const server = await postgres();
    const folder = workspace({ one: "off-sysctl" });
    const env = { DATABASE_URL: server.create("action") };
    expect(step(folder, {}, env).outputs.get("scanned")).toBe("1");
    expect(step(folder, {}, env).outputs.get("scanned")).toBe("0");
    expect(existsSync(join(folder, ".sixray"))).toBe(false);
  });
});

test("a rebuild has the same bytes", () => {
  const check = (file: string) =>
    spawnSync(process.execPath, ["scripts/action.ts", "--check", file], { cwd: TOP });
  expect(check(alone).status).toBe(0);
  writeFileSync(`${alone}.changed`, `${readFileSync(alone, "utf8")} `);
  expect(check(`${alone}.changed`).status).toBe(1);
}, 120_000);

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { sixray } from "../support/cli.ts";
import { sampleReport } from "../support/sample-report.ts";

const ROOT = fileURLToPath(new URL("../fixtures/rootfs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sixray-reports-"));
const inside = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("several formats at once, and a stored run again", () => {
  const run = sixray(["scan", ROOT, "-f", "json,sarif,junit,csv,xlsx", "--output-dir", inside("out/deep")]);
  expect(run.out).toBe("");
  expect(readdirSync(inside("out/deep")).toSorted()).toEqual([
    "sixray-report.csv",
    "sixray-report.json",
    "sixray-report.sarif",
    "sixray-report.xlsx",
    "sixray-report.xml",
  ]);
  const again = sixray(["report", inside("out/deep/sixray-report.json"), "-f", "sarif"]);
  expect(again).toMatchObject({ code: 0, out: readFileSync(inside("out/deep/sixray-report.sarif"), "utf8") });
});

test.each([
  [["scan", ROOT, "-f", "json,csv"], /several formats need a folder/],
  [["scan", ROOT, "-f", "jsn"], /no format jsn; there are: text, json/],
  [["scan", ROOT, "-f", "json", "-o", "x", "--output-dir", "y"], /either --output/],
  [["report", "/does/not/exist.json"], /cannot read \/does\/not\/exist\.json/],
])("%j is told to make no sense", (args, message) => {
  const { code, err } = sixray(args);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test("a folder that cannot be written to is one error, and leaves nothing", () => {
  writeFileSync(inside("file"), "");
  const made = sixray(["scan", ROOT, "-f", "json,csv", "--output-dir", inside("file/x")]);
  expect(made.code).toBe(2);
  expect(made.err).toMatch(/cannot make the folder/);
  // The second file's name is taken by a folder: the first may not appear either half-written or under a temporary name.
  expect(sixray(["scan", ROOT, "-o", folder]).err).toMatch(/cannot write/);
  expect(
    readdirSync(tmpdir()).filter((name) => name.includes("sixray-reports-") && name.endsWith(".tmp")),
  ).toEqual([]);
  expect(existsSync(inside("file/x"))).toBe(false);
});

test("what could not be written is told before anything is read", () => {
  const taken = inside("taken");
  mkdirSync(taken, { recursive: true });
  for (const args of [
    ["scan", ROOT, "-f", "json", "-o", inside("no-folder/x.json")],
    ["scan", ROOT, "-f", "json", "-o", taken],
    ["scan", ROOT, "-f", "json", "--output-dir", inside("file/x")],
    ["extract", ROOT, "-o", inside("no-folder/x.sixray.tar.gz")],
  ]) {
    const { code, err } = sixray(args);
    expect(code).toBe(2);
    expect(err).toMatch(/^sixray: usage: cannot (?:write|make)[^\n]*\n$/);
  }
});

test("a format that cannot carry a report is told, and the others are written", () => {
  const sample = sampleReport.results.find(
    ({ image, verdict }) => image.provider === "aws" && verdict === "pass",
  );
  if (!sample) throw new Error("the sample has no AMI");
  const results = Array.from({ length: 11 }, (_, at) => ({
    ...sample,
    image: {
      ...sample.image,
      owner: `${100000000000 + at}`,
      id: `aws:us-east-1/ami-000000${10 + at}`,
    },
  }));
  const stored = inside("many-owners.json");
  writeFileSync(stored, JSON.stringify({ ...sampleReport, results }));
  const to = inside("partly");
  const { code, err } = sixray(["report", stored, "-f", "aws-allowed-images,csv", "--output-dir", to]);
  expect(code).toBe(2);
  expect(err).toMatch(
    /wrote .*sixray-report\.csv\n.*usage: Allowed AMIs take 10 criteria.*\(the others are written\)/s,
  );
  expect(readdirSync(to)).toEqual(["sixray-report.csv"]);
});

test("a folder where none can be made, or below a link to nowhere, is an error and no endless try", () => {
  symlinkSync(inside("nowhere/at-all"), inside("link"));
  for (const path of [inside("link/out"), "/proc/sixray/out"]) {
    const made = sixray(["scan", ROOT, "-f", "json", "--output-dir", path], {
      timeout: 20_000,
    });
    expect(made.code).toBe(2);
    expect(made.err).toMatch(/cannot make the folder/);
    const watched = sixray(["watch", ROOT, "--state", path], { timeout: 20_000 });
    expect(watched.code).toBe(2);
    expect(watched.err).toMatch(/cannot make the folder/);
  }
});

test("what is no report is told with its reason", () => {
  writeFileSync(inside("bad.json"), '{"schemaVersion":9,"results":[]}');
  expect(sixray(["report", inside("bad.json")]).err).toMatch(/bad\.json is no report: it is of version 9/);
});

test("a diff exits with 1 when something differs", () => {
  const stored = inside("out/deep/sixray-report.json");
  writeFileSync(
    inside("empty.json"),
    readFileSync(stored, "utf8").replace(/"results": \[[\s\S]*\]\n\}/, '"results": []\n}'),
  );
  expect(sixray(["diff", stored, stored]).code).toBe(0);
  const { code, out } = sixray(["diff", inside("empty.json"), stored, "-f", "markdown"]);
  expect(code).toBe(1);
  expect(out).toContain("1 added, 0 removed");
});

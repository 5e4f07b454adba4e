import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run, scratch } from "../support/images.ts";

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));
const FLAGGED = fileURLToPath(new URL("../fixtures/images/on.qcow2", import.meta.url));

/** Exit code and what standard error says of `sixray ARGS` when a shell sends its output there. */
function writing(args: readonly string[], to: string): { code: number; err: string } {
  const script = `"$@" ${to}`;
  const done = spawnSync("bash", ["-c", script, "-", process.execPath, BIN, ...args], { encoding: "utf8" });
  return { code: done.status ?? -1, err: done.stderr };
}

const COMMANDS: readonly (readonly string[])[] = [
  ["scan", "--quiet", FLAGGED],
  ["scan", "--quiet", "--format", "ndjson", FLAGGED],
  ["explain", FLAGGED],
  ["ls", FLAGGED, "/", "--recursive"],
  ["scan", "--help"],
];

test.skipIf(!existsSync("/dev/full")).each(COMMANDS.map((args) => ({ args })))(
  "a full disk is told in a line: $args",
  ({ args }) => {
    const { code, err } = writing(args, "> /dev/full");
    expect(err).toMatch(/^sixray: usage: cannot write to standard output: ENOSPC.*\n$/);
    expect(code).toBe(2);
  },
);

test.skipIf(process.platform === "win32").each(COMMANDS.map((args) => ({ args })))(
  "a closed pipe is no pass: $args",
  ({ args }) => {
    const { code, err } = writing(args, `| true; exit "\${PIPESTATUS[0]}"`);
    expect(err).toBe("");
    expect(code).toBe(141);
  },
);

test.skipIf(process.platform === "win32")("-o writes through links, and into a pipe", () => {
  const folder = scratch("output");
  const to = (name: string): string => join(folder, name);
  writeFileSync(to("kept.json"), "before");
  symlinkSync("kept.json", to("link.json"));
  symlinkSync("new.json", to("dangling.json"));
  for (const name of ["link.json", "dangling.json"]) {
    expect(writing(["scan", "--quiet", "-f", "json", "-o", to(name), FLAGGED], "").code).toBe(1);
    expect(lstatSync(to(name)).isSymbolicLink()).toBe(true);
    expect(readFileSync(to(name), "utf8")).toContain('"verdict": "flagged"');
  }
  expect(readdirSync(folder).toSorted()).toEqual(["dangling.json", "kept.json", "link.json", "new.json"]);
  run("mkfifo", [to("pipe")]);
  const { code } = writing(
    ["scan", "--quiet", "-f", "json", "-o", to("pipe"), FLAGGED],
    `& timeout 20 cat ${to("pipe")} > ${to("read.json")}; wait "$!"`,
  );
  expect(code).toBe(1);
  expect(readFileSync(to("read.json"), "utf8")).toContain('"verdict": "flagged"');
  expect(lstatSync(to("pipe")).isFIFO()).toBe(true);
});

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { sixray } from "../support/cli.ts";
import { run, scratch } from "../support/images.ts";

const TOP = fileURLToPath(new URL("../..", import.meta.url));
const IMAGES = join(TOP, "test/fixtures/images");
/** A project of somebody else with nothing but the packed package in it. */
const project = scratch("library");

beforeAll(() => {
  const modules = join(project, "node_modules");
  mkdirSync(modules);
  // What prepare built; none of its own packages is there, so what it needs has to be inside.
  const packed = spawnSync("npm", ["pack", "--ignore-scripts", "--pack-destination", project], {
    cwd: TOP,
    encoding: "utf8",
  });
  const name = packed.stdout.trim().split("\n").at(-1) ?? "";
  run("tar", ["-xzf", join(project, name), "-C", modules]);
  renameSync(join(modules, "package"), join(modules, "sixray"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  for (const name of ["off-sysctl", "on"])
    copyFileSync(join(IMAGES, `${name}.qcow2`), join(project, `${name}.qcow2`));
}, 120_000);

const LINE = z.object({ image: z.object({ id: z.string() }), verdict: z.string(), reason: z.string() });

/** The id, verdict and reason of each result, a line of NDJSON each. */
function results(lines: string): readonly (readonly string[])[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => LINE.parse(JSON.parse(line)))
    .map(({ image, verdict, reason }) => [image.id, verdict, reason]);
}

function node(program: string): { readonly out: string; readonly err: string } {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: project,
    encoding: "utf8",
  });
  return { out: stdout, err: stderr };
}

test("the README's example works from the packed package", () => {
  const readme = readFileSync(join(TOP, "README.md"), "utf8");
  const example = /```js\n(import \{ localImage[\s\S]*?)```/.exec(readme)?.[1] ?? "";
  copyFileSync(join(IMAGES, "off-sysctl.qcow2"), join(project, "debian-13.qcow2"));
  const { out, err } = node(example);
  expect(err).toBe("");
  expect(out).toMatch(/^pass off \S/);
});

test("the library says what the command says, of every kind of image", () => {
  sixray(["extract", join(IMAGES, "on.qcow2"), "-o", join(project, "on.sixray.tar.gz")]);
  run("gzip", ["-k", join(project, "on.qcow2")]);
  const targets = [
    "on.qcow2",
    "on.qcow2.gz",
    "off-sysctl.qcow2",
    "on.sixray.tar.gz",
    "no such.raw",
    "[x]",
    "package.json",
  ];
  const { out, err } = node(`
    import { localImage, scanAll } from "sixray";
    async function* images() { for (const path of ${JSON.stringify(targets)}) yield localImage(path); }
    for await (const result of scanAll([images()], { jobs: 2 })) console.log(JSON.stringify(result));
  `);
  expect(err).toBe("");
  const told = results(sixray(["scan", ...targets, "--format", "ndjson"], { cwd: project }).out);
  const said = results(out);
  expect(said.map(([, verdict]) => verdict)).toEqual([
    "flagged",
    "flagged",
    "pass",
    "flagged",
    "unreadable",
    "unreadable",
    "unreadable",
  ]);
  // What looks like a pattern is one to the command only.
  const named = ([id]: readonly string[]): boolean => id !== "[x]";
  expect(said.filter(named)).toEqual(told.filter(named));
});

test("what makes no sense is a ScanError of usage", () => {
  const { out } = node(`
    import { localImage, scan, ScanError } from "sixray";
    const tell = (error) => console.log(error instanceof ScanError, error.code, error.message);
    try { localImage(""); } catch (error) { tell(error); }
    const { image, open } = localImage("on.qcow2", { companions: ["off-sysctl.qcow2", "./off-sysctl.qcow2"] });
    await scan(image, open).catch(tell);
  `);
  expect(out).toMatch(/^true usage an image needs a path\ntrue usage two companions are named/);
});

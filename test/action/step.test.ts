import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import type { ImageProvider, ProviderContext } from "../../providers/contract.ts";
import { file } from "../../providers/file/index.ts";
import { runAction } from "../../src/action/main.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { ScanError } from "../../src/errors.ts";
import { scratch } from "../support/images.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/images/", import.meta.url));
const folder = scratch("step");
/** Targets that the provider was asked for. */
const asked: string[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  asked.length = 0;
});

/** Runs the step in this process: its providers are the test's. Resolves to what it printed and wrote. */
async function step(
  images: readonly string[],
  inputs: Readonly<Record<string, string>>,
  open: (context: ProviderContext) => Promise<unknown> = () => Promise.resolve(),
): Promise<{ readonly code: number; readonly out: string; readonly summary: string }> {
  const provider: ImageProvider = {
    ...file,
    async *list(target) {
      asked.push(target);
      for (const id of images) yield { provider: "file", id, name: id, family: id };
    },
    mark: async ({ id }) => id,
    async open(_, context) {
      await open(context);
      const path = join(FIXTURES, "on.qcow2");
      return file.open({ provider: "file", id: path, name: "x", family: "x" }, context);
    },
  };
  const summary = join(folder, "summary");
  writeFileSync(summary, "");
  const env = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_STEP_SUMMARY: summary, DATABASE_URL: "" };
  mkdirSync(join(folder, "reports"), { recursive: true });
  const given = {
    targets: "all",
    state: join(folder, "state"),
    "output-dir": join(folder, "reports"),
    ...inputs,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  for (const [name, value] of Object.entries(given)) vi.stubEnv(`INPUT_${name.toUpperCase()}`, value);
  let out = "";
  const terminal: Terminal = {
    out: async (chunk) => {
      out += Buffer.from(chunk).toString();
    },
    err: (text) => {
      out += text;
    },
    outIsTty: false,
    errIsTty: false,
    color: false,
    columns: 100,
    signal: new AbortController().signal,
  };
  const code = await runAction(terminal, [{ id: "file", takes: () => true, load: async () => provider }]);
  return { code, out, summary: readFileSync(summary, "utf8") };
}

test("with allow-create there is a book to write down what is made, without it there is none", async () => {
  const opened: boolean[] = [];
  const note = async ({ leases, climb }: ProviderContext): Promise<void> => {
    opened.push(leases !== undefined);
    expect(climb?.allowCreate).toBe(leases !== undefined);
    if (!leases) throw new ScanError("access", "a copy would have to be made");
  };
  expect((await step(["one"], {}, note)).code).toBe(3);
  expect((await step(["one"], { "allow-create": "true" }, note)).code).toBe(1);
  expect(opened).toEqual([false, true]);
});

test("targets are told apart by lines alone", async () => {
  const { code } = await step(["one"], {
    targets: "images/*.{raw,qcow2}\r\n  a,b.raw  \n\n",
    "fail-on": "never",
  });
  expect(code).toBe(0);
  expect(asked).toEqual(["images/*.{raw,qcow2}", "a,b.raw"]);
});

test("hostile names stay text: on the log, in annotations, and in the summary", async () => {
  const names = [
    "a\n::error::forged",
    "::stop-commands::x",
    "b\r\n::add-mask::x",
    "|c|<img src=x onerror=1>|",
    "![d](https://evil.example/x.png)",
    "`e`\n\n# heading",
    "see https://evil.example/ or www.evil.example",
    "$\\phantom{f}$ :tada: @team #1",
  ];
  const { out, summary } = await step(names, {});
  const commands = out.split(/\r?\n/).filter((line) => /^\s*(?:::|##\[)/.test(line));
  expect(commands.length).toBeGreaterThan(3);
  for (const line of commands) expect(line).toMatch(/^::(?:error|warning|notice) title=(?:flagged|sixray)/);
  const rows = summary.split("\n").filter((line) => line.includes("flagged |") && !/\| \d+ \|$/.test(line));
  expect(rows).toHaveLength(names.length);
  for (const row of rows) expect(row.split("|")).toHaveLength(6);
  expect(summary).not.toMatch(/<img|!\[|\]\(|https:\/\/|www\.|^# heading|`e`|\$|@team|:tada:/m);
});

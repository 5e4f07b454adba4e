import { spawnSync } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { scratch } from "../support/images.ts";

const TOP = fileURLToPath(new URL("../../", import.meta.url));
/** Tells every module that is asked for. */
const HOOK = `data:text/javascript,${encodeURIComponent(
  'import { registerHooks } from "node:module"; registerHooks({ resolve(name, context, next) { process.stderr.write("loads " + name + "\\n"); return next(name, context); } });',
)}`;

function loadedBy(...args: readonly string[]): readonly string[] {
  const done = spawnSync(process.execPath, ["--import", HOOK, "bin/sixray.js", ...args], { cwd: TOP });
  return [...done.stderr.toString().matchAll(/^loads (.+)$/gm)].map(([, name = ""]) => name);
}

test("a scan loads nothing of the ledger's", () => {
  const ledger = /^(?:kysely|pg$|pg-boss|pino|@opentelemetry|@electric-sql)/;
  const scan = loadedBy("scan", "test/fixtures/images/on.qcow2");
  expect(scan.length).toBeGreaterThan(5);
  expect(scan.filter((name) => ledger.test(name))).toEqual([]);
  // The hook does see them where they are wanted.
  expect(loadedBy("--state", "/nowhere", "runs").filter((name) => ledger.test(name))).not.toEqual([]);
});

test("a worker loads nothing of OpenTelemetry's unless it is asked for", () => {
  const worker = loadedBy("--state", "/dev/null/nowhere", "worker");
  expect(worker).toContain("pino");
  expect(worker.filter((name) => name.startsWith("@opentelemetry"))).toEqual([]);
});

test("a scan and help load nothing of Sigstore's", () => {
  const sigstore = /@sigstore|sigstore-/;
  expect(loadedBy("scan", "test/fixtures/images/on.qcow2").filter((name) => sigstore.test(name))).toEqual([]);
  expect(loadedBy("--help").filter((name) => sigstore.test(name))).toEqual([]);
});

/** The packs of the built command that a run reads. */
function packsReadBy(...args: readonly string[]): readonly string[] {
  const told = `const fs = require("node:fs"); const { readFileSync } = fs;
    fs.readFileSync = (path, ...rest) => (fs.writeSync(2, "reads " + path + "\\n"), readFileSync(path, ...rest));`;
  const hook = join(scratch("start-up"), "packs.cjs");
  writeFileSync(hook, told);
  const done = spawnSync(process.execPath, ["--require", hook, "bin/sixray.js", ...args], { cwd: TOP });
  return [...done.stderr.toString().matchAll(/^reads .*\/([\w-]+)-\w+\.cjs$/gm)].map(([, name = ""]) => name);
}

test("the version is told by the first pack alone, which is small", () => {
  expect(packsReadBy("--version")).toEqual(["start"]);
  const [start = ""] = readdirSync(join(TOP, "dist/cli")).filter((name) => name.startsWith("start-"));
  expect(statSync(join(TOP, "dist/cli", start)).size).toBeLessThan(100 << 10);
});

test("a scan reads the packs of what its image is, and no others", () => {
  const formats = (...args: readonly string[]): readonly string[] =>
    packsReadBy("scan", "--quiet", ...args).filter((name) => /^disk-(?:filesystems|containers)-/.test(name));
  expect(formats("test/fixtures/rootfs")).toEqual([]);
  expect(formats("test/fixtures/images/on.qcow2").toSorted()).toEqual([
    "disk-containers-qcow2",
    "disk-filesystems-ext",
    "disk-filesystems-fat", // the EFI system partition
  ]);
  const packs = packsReadBy("scan", "test/fixtures/images/on.qcow2");
  expect(packs).toContain("scan");
  expect(packs.filter((name) => /^(?:yaml|zod|ledger|aws|azure|gcp|report-)/.test(name))).toEqual([]);
});

test("a scan of a raw image loads none of Node's own large modules", () => {
  const told = `process.on("exit", () => require("node:fs").writeSync(2, process.moduleLoadList.join("\\n")))`;
  const hook = join(scratch("start-up"), "hook.cjs");
  writeFileSync(hook, told);
  const args = ["--require", hook, "bin/sixray.js", "scan", "--quiet", "test/fixtures/rootfs"];
  const { stderr } = spawnSync(process.execPath, args, { cwd: TOP, encoding: "utf8" });
  const loaded = [...stderr.matchAll(/^NativeModule (.+)$/gm)].map(([, name = ""]) => name);
  expect(loaded).toContain("fs");
  expect(loaded.filter((name) => /^(?:crypto|net|tty|zlib|stream|http|https)$/.test(name))).toEqual([]);
});

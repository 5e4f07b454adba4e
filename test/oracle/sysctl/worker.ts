import { spawnSync } from "node:child_process";
import { lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Tree } from "../../../src/disk/filesystems/tree.ts";
import { extract } from "../../../src/guest/extract.ts";
import { type BootState, INITIAL_STATE } from "../../../src/ipv6/layer.ts";
import { sysctl } from "../../../src/ipv6/layers/sysctl/layer.ts";
import { replay, type World } from "../../../src/ipv6/layers/sysctl/replay.ts";
import type { BootFacts } from "../../../src/model/boot.ts";
import { observe } from "../../../src/model/observations.ts";
import { type FlatFiles, nest } from "../../support/machine.ts";
import { memoryFileSystem } from "../../support/memory-fs.ts";
import { clear, plant } from "../plant.ts";
import { shrink } from "../shrink.ts";
import { identityOf, isOracleName, ORACLES } from "./oracles.ts";
import { INTERFACES, trees } from "./trees.ts";

/**
 * Lives in network and mount namespaces of its own (`inNamespace`), where ROOT is a throw-away copy: plants one
 * tree after the other, lets the real program apply it, and asks the layer. Prints one line of JSON.
 */
const [root = "", oracleName = "", seed = "1", count = "1", seconds = "3600"] = process.argv.slice(2);
if (!isOracleName(oracleName)) throw new Error(`no such program: ${oracleName}`);
const oracle = ORACLES[oracleName];
const CONF = "/proc/sys/net/ipv6/conf";
const BOOT: BootFacts = {
  cmdline: "",
  cmdlineEvidence: [],
  kernelVersion: "6.1",
  nicNames: ["eth0"],
  notes: [],
};
const isSplit = lstatSync(join(root, "lib")).isDirectory();
const FOLDERS = ["/etc", "/run", "/usr/local/lib", "/usr/lib", ...(isSplit ? ["/lib"] : [])];
const identity: FlatFiles = { ...identityOf(root), ...oracle.files };

type Values = Readonly<Record<string, number | string>>;
/** The NIC is there all the time; udev adds it once more; or it appears late. */
type Way = World["nic"];

function real(files: FlatFiles, way: Way): Values {
  write("all", "0");
  for (const folder of FOLDERS) clear(join(root, folder, "sysctl.d"));
  rmSync(join(root, "etc/sysctl.conf"), { force: true });
  plant(root, files);
  apply(oracle.command);
  if (way === "after") write("eth0", String(read("default")));
  if (way !== "before" && oracle.prefix) apply([...oracle.command, oracle.prefix("eth0")]);
  return Object.fromEntries(INTERFACES.map((name) => [name, read(name) === 0 ? 0 : 1]));
}

function apply(command: readonly string[]): void {
  const done = spawnSync("chroot", [root, ...command], { stdio: "ignore", env: { PATH: process.env.PATH } });
  if (done.error) throw done.error;
}

function read(name: string): number {
  return Number(readFileSync(`${CONF}/${name}/disable_ipv6`, "utf8"));
}

function write(name: string, value: string): void {
  writeFileSync(`${CONF}/${name}/disable_ipv6`, value);
}

async function ours(files: FlatFiles, way: Way): Promise<Values | string> {
  const fs = memoryFileSystem(nest({ ...identity, ...files }));
  const tree = new Tree([{ path: "/", locator: "x", fs }]);
  const follow = (seen: ReturnType<typeof observe>): ReturnType<NonNullable<typeof sysctl.follow>> =>
    sysctl.follow?.(seen, BOOT) ?? [];
  const facts = sysctl.read(observe(await extract(tree, [{ wants: sysctl.wants, follow }])), BOOT);
  const [spot] = facts.blindSpots;
  if (spot) return spot.text;
  const before: BootState = {
    ...INITIAL_STATE,
    stack: "present",
    loads: "boot",
    named: new Map([
      ["ens5", 0],
      ["eth0.100", 0],
    ]),
  };
  const answers = facts.runs.map(({ program, files: own }) => {
    const world: World = { program, nic: way, maybeIsNic: false, stackReady: true };
    const { state } = replay(own, before, world, BOOT.nicNames);
    const value = (name: string): number | string =>
      name === "eth0"
        ? state.nic
        : name === "all" || name === "default" || name === "lo"
          ? state[name]
          : (state.named.get(name) ?? "unknown");
    return Object.fromEntries(INTERFACES.map((name) => [name, value(name)]));
  });
  const [first] = answers;
  if (!first) return "no program";
  if (Object.values(first).includes("unknown")) return "the layer does not tell";
  return answers.every((one) => same(one, first)) ? first : "the programs it may be differ";
}

function same(a: Values, b: Values | string): boolean {
  return typeof b !== "string" && INTERFACES.every((name) => a[name] === b[name]);
}

const WAYS: readonly Way[] = oracle.prefix
  ? ["before", "before", "before", "before, then added", "after"]
  : ["before"];
const begun = performance.now();
const samples = fc.sample(trees(FOLDERS), { seed: Number(seed), numRuns: Number(count) });
const unknown = new Map<string, number>();
const disagreements: unknown[] = [];
let cases = 0;
let wrong = 0;
for (const [index, files] of samples.entries()) {
  if (performance.now() - begun > Number(seconds) * 1000) break;
  const way = WAYS[index % WAYS.length] ?? "before";
  cases++;
  const answer = await ours(files, way);
  if (typeof answer === "string") {
    const reason = answer.replace(/^\/\S*/, "(path)");
    unknown.set(reason, (unknown.get(reason) ?? 0) + 1);
    continue;
  }
  if (same(real(files, way), answer)) continue;
  wrong++;
  if (disagreements.length >= 3) continue;
  const least = await shrink(files, async (smaller) => {
    const predicted = await ours(smaller, way);
    return typeof predicted !== "string" && !same(real(smaller, way), predicted);
  });
  disagreements.push({ way, files: least, real: real(least, way), ours: await ours(least, way) });
}
const took = (performance.now() - begun) / 1000;
const shown = {
  oracle: oracleName,
  cases,
  wrong,
  unknown: Object.fromEntries(unknown),
  seconds: took,
  disagreements,
};
process.stdout.write(`${JSON.stringify(shown)}\n`);

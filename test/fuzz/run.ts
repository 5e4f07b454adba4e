/**
 * Mutates valid images of every format and reads them: an answer or a ScanError, in bounded time, reads and memory.
 *
 *   npm run fuzz                          20,000 mutants of each format
 *   npm run fuzz -- --seconds 120         as many as fit into two minutes, all formats in turn
 *   npm run fuzz -- --only xfs,vhdx --mutants 50000 --seed 7
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tryMutants } from "../support/mutate.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";
import { TARGETS } from "./targets.ts";

const BATCH = 50;
const MEMORY_MAX_MIB = 256;

const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    mutants: { type: "string", default: "20000" },
    only: { type: "string" },
    seed: { type: "string", default: "24301" },
  },
});
const deadline = values.seconds === undefined ? Number.POSITIVE_INFINITY : Number(values.seconds) * 1000;
const most = values.seconds === undefined ? Number(values.mutants) : Number.POSITIVE_INFINITY;
const chosen = values.only?.split(",") ?? Object.keys(TARGETS);
const unknown = chosen.filter((name) => !(name in TARGETS));
if (unknown.length > 0) {
  console.error(`no format ${unknown.join(", ")}; there are: ${Object.keys(TARGETS).join(", ")}`);
  process.exit(2);
}

interface Progress {
  readonly target: FuzzTarget;
  readonly seeds: readonly FuzzSeed[];
  turns: number;
  mutants: number;
  accepted: number;
  refused: number;
  memoryMib: number;
  failure?: string;
}

const runs: Progress[] = [];
for (const name of chosen) {
  const target = await TARGETS[name]?.();
  if (!target) continue;
  const lacking = target.needs.filter((need) => !has(need));
  if (lacking.length > 0) {
    console.log(`${name.padEnd(12)} skipped: needs ${lacking.join(", ")}`);
    continue;
  }
  const seeds = await target.seeds();
  runs.push({ target, seeds, turns: 0, mutants: 0, accepted: 0, refused: 0, memoryMib: 0 });
}

const begun = performance.now();
for (let busy = true; busy && performance.now() - begun < deadline; ) {
  busy = false;
  for (const one of runs) {
    if (one.failure !== undefined || one.mutants >= most || performance.now() - begun >= deadline) continue;
    busy = true;
    await batch(one);
  }
}

console.log("format        mutants      read   refused  memory");
for (const { target, mutants, accepted, refused, memoryMib, failure } of runs) {
  const cells = [mutants, accepted, refused].map((count) => String(count).padStart(9)).join(" ");
  const over = memoryMib > MEMORY_MAX_MIB ? " OVER" : "";
  console.log(
    `${target.name.padEnd(11)} ${cells}  ${String(memoryMib).padStart(3)} MiB${over} ${failure ?? ""}`,
  );
}
const failed = runs.filter(({ failure }) => failure !== undefined).length;
const mutants = runs.reduce((sum, one) => sum + one.mutants, 0);
console.log(
  `${mutants} mutants of ${runs.length} formats in ${((performance.now() - begun) / 1000).toFixed(0)} s: ${failed} formats failed`,
);
process.exitCode = failed > 0 ? 1 : 0;

/** A few mutants of the next seed; what is found names the numbers that make it again. */
async function batch(one: Progress): Promise<void> {
  const seed = one.seeds[one.turns % one.seeds.length];
  if (!seed) return;
  const number = Number(values.seed) + one.turns * 7919;
  one.turns += 1;
  const before = process.memoryUsage().rss;
  try {
    const count = await tryMutants(seed.bytes, (source) => one.target.read(source), {
      count: Math.min(BATCH, most - one.mutants),
      seed: number,
      ...(seed.hot ? { hot: seed.hot } : {}),
      ...(one.target.readsMax ? { readsMax: one.target.readsMax } : {}),
    });
    one.mutants += count.mutants;
    one.accepted += count.accepted;
    one.refused += count.refused;
  } catch (error) {
    one.failure = `${seed.name}, --seed ${number}: ${error instanceof Error ? error.message : String(error)}`;
  }
  one.memoryMib = Math.max(one.memoryMib, Math.round((process.memoryUsage().rss - before) / 2 ** 20));
}

function has(need: string): boolean {
  if (need === "root") return process.getuid?.() === 0;
  const folders = (process.env.PATH ?? "").split(":").concat("/usr/sbin", "/sbin");
  return folders.some((folder) => existsSync(join(folder, need)));
}

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { z } from "zod";

const FILE = "bench/results.json";
const kept = z.record(z.string(), z.unknown());

/** Writes these parts of the results to bench/results.json, and leaves the others as the last run wrote them. */
export function keepResults(parts: Readonly<Record<string, unknown>>): void {
  const before = existsSync(FILE) ? kept.parse(JSON.parse(readFileSync(FILE, "utf8"))) : {};
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", node: process.version };
  const results = { ...before, machine, ...parts };
  writeFileSync(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** Figures with more digits than they mean. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Math.round(value * 100) / 100 : value;
}

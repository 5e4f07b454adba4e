import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { z } from "zod";
import type { FleetFigures } from "./fleet.ts";

const FILE = "bench/results.json";
const kept = z.record(z.string(), z.unknown());
const fleetFigures = z.object({
  images: z.number(),
  workers: z.number(),
  ratePerSecond: z.number().optional(),
  imagesPerSecond: z.number(),
  requestsPerSecond: z.number(),
  used: z.number().optional(),
  requests: z.number(),
  throttled: z.number(),
  rssMiB: z.number(),
});

/** Writes these parts of the results to bench/results.json, and leaves the others as the last run wrote them. */
export function keepResults(parts: Readonly<Record<string, unknown>>): void {
  const before = existsSync(FILE) ? kept.parse(JSON.parse(readFileSync(FILE, "utf8"))) : {};
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", node: process.version };
  const results = { ...before, machine, ...parts };
  writeFileSync(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
}

/** What earlier runs of the fleet wrote. */
export function keptFleet(): readonly FleetFigures[] {
  if (!existsSync(FILE)) return [];
  return z.object({ fleet: z.array(fleetFigures).default([]) }).parse(JSON.parse(readFileSync(FILE, "utf8")))
    .fleet;
}

/** Figures with more digits than they mean. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Math.round(value * 100) / 100 : value;
}

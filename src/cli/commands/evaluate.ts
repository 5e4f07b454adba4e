import { readFile } from "node:fs/promises";
import { readBundle } from "../../bundle/read.ts";
import { errorLine, ScanError } from "../../errors.ts";
import type { ScanResult } from "../../model/report.ts";
import { evaluate } from "../../scan/evaluate.ts";
import { today } from "../clock.ts";
import { type JudgingOptions, judgingOf } from "../judging.ts";
import { type OutputOptions, outputOf } from "../output.ts";
import type { Terminal } from "../terminal.ts";
import { ENGINE } from "../version.ts";

export interface EvaluateCommandOptions extends OutputOptions, JudgingOptions {
  /** The day waivers are held against: `2026-11-24` or `today`; the day of the bundle when not said. */
  readonly day?: string | undefined;
}

/** Judges bundles as they were judged when they were taken, unless told otherwise: the same day, the same bytes. */
export async function evaluateCommand(
  paths: readonly string[],
  options: EvaluateCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const judging = await judgingOf(options, terminal);
  const output = await outputOf(options, terminal);
  const asked = dayOf(options.day);
  const results: ScanResult[] = [];
  let last = asked ?? "";
  for (const path of paths) {
    terminal.signal.throwIfAborted();
    const { day: taken, extract } = await readBundle(await bytesOf(path), path);
    const day = asked ?? taken;
    if (day > last) last = day;
    const { policy, reviews } = judging;
    results.push(await evaluate(extract, { policy, reviews, today: day }));
  }
  const code = judging.finish(results);
  await output.write({ schemaVersion: 1, engine: ENGINE, day: last, results });
  return code;
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ScanError("usage", `cannot read ${path}: ${errorLine(error)}`);
  }
}

function dayOf(text: string | undefined): string | undefined {
  if (text === "today") return today();
  if (text !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(text))
    throw new ScanError("usage", "--day takes a day in UTC such as 2027-03-31, or today");
  return text;
}

import { readFile } from "node:fs/promises";
import { readBundle } from "../../bundle/read.ts";
import { errorLine, ScanError } from "../../errors.ts";
import type { ScanResult } from "../../model/report.ts";
import { evaluate } from "../../scan/evaluate.ts";
import { today } from "../clock.ts";
import { type JudgingOptions, judgingOf } from "../judging.ts";
import { deliver, formatsOf, type OutputOptions } from "../output.ts";
import { runOf } from "../run.ts";
import type { Terminal } from "../terminal.ts";

export interface EvaluateCommandOptions extends OutputOptions, JudgingOptions {
  /** The day waivers are held against: `2026-11-24` or `today`; the last day of the bundles when not said. */
  readonly day?: string | undefined;
}

/** Judges bundles as they were judged when they were taken, unless told otherwise: the same day, the same bytes. */
export async function evaluateCommand(
  paths: readonly string[],
  options: EvaluateCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const judging = await judgingOf(options, terminal);
  const formats = await formatsOf(options);
  const today = dayOf(options.day) ?? (await lastDay(paths, terminal));
  const { policy, reviews } = judging;
  const results: ScanResult[] = [];
  for (const path of paths) {
    terminal.signal.throwIfAborted();
    const { extract } = await readBundle(await bytesOf(path), path);
    results.push(await evaluate(extract, { policy, reviews, today }));
  }
  const code = judging.finish(results);
  await deliver(runOf(today, results, policy), formats, options, terminal);
  return code;
}

/** A report has one day: the last one that any of its bundles was taken. None is kept, as there may be many. */
async function lastDay(paths: readonly string[], terminal: Terminal): Promise<string> {
  let last = "";
  for (const path of paths) {
    terminal.signal.throwIfAborted();
    const { day } = await readBundle(await bytesOf(path), path);
    if (day > last) last = day;
  }
  return last;
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

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
  const formats = await formatsOf(options);
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
  await deliver(runOf(last, results, judging.policy), formats, options, terminal);
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

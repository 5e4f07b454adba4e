import { basename } from "node:path";
import { readBundle } from "../../bundle/read.ts";
import { isReadError, ScanError } from "../../errors.ts";
import type { Extract } from "../../model/extract.ts";
import type { ScanResult } from "../../model/report.ts";
import { escapeText } from "../../report/escape.ts";
import { decided } from "../../scan/conclude.ts";
import { evaluate } from "../../scan/evaluate.ts";
import { today } from "../clock.ts";
import { givenBytes } from "../given-file.ts";
import { type JudgingOptions, judgingOf } from "../judging.ts";
import { deliver, formatsOf, type OutputOptions } from "../output.ts";
import { runOf } from "../run.ts";
import type { Terminal } from "../terminal.ts";

export interface EvaluateCommandOptions extends OutputOptions, JudgingOptions {
  /** The day waivers are held against: `2026-11-24` or `today`; the last day of the bundles when not said. */
  readonly day?: string | undefined;
}

/**
 * Judges bundles as they were judged when they were taken, unless told otherwise: the same day, the same bytes. One that
 * cannot be believed is unreadable and stops no other; a file that cannot be read at all is a usage error.
 */
export async function evaluateCommand(
  paths: readonly string[],
  options: EvaluateCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const judging = await judgingOf(options, terminal);
  const formats = await formatsOf(options);
  const given = dayOf(options.day);
  const { policy, reviews } = judging;
  const raw: ScanResult[] = [];
  let last = "";
  for (const path of paths) {
    terminal.signal.throwIfAborted();
    const bundle = await bundleAt(path);
    if (typeof bundle === "string") terminal.err(`sixray: ${escapeText(bundle)}\n`);
    else if (bundle.day > last) last = bundle.day;
    const extract = typeof bundle === "string" ? refused(path, bundle) : bundle.extract;
    raw.push(await evaluate(extract, policy ? { policy: { ...policy, waivers: [] } } : {}));
  }
  // A report has one day, which is known once all bundles are read: the last one that any of them was taken.
  const day = given ?? (last === "" ? today() : last);
  const results: ScanResult[] = [];
  for (const one of raw) results.push(await decided(one, { waivers: policy?.waivers, reviews, today: day }));
  const code = judging.finish(results);
  await deliver(runOf(day, results, policy), formats, options, terminal);
  return code;
}

/** A bundle, or in one line why the file is none. Rejects with `usage` when the file cannot be read. */
async function bundleAt(path: string): Promise<Awaited<ReturnType<typeof readBundle>> | string> {
  const bytes = await givenBytes(path);
  try {
    return await readBundle(bytes, path);
  } catch (error) {
    if (!isReadError(error)) throw error;
    return error.line;
  }
}

/** What a scan of the same file would say. */
function refused(path: string, reason: string): Extract {
  const name = basename(path);
  return {
    state: "failed",
    image: { provider: "file", id: path, name, family: name.replace(/(?<=.)\.[a-z0-9.]+$/i, "") },
    reason,
    unread: [{ what: "image", reason }],
    cost: { reads: 0, bytes: 0, rounds: 0 },
  };
}

function dayOf(text: string | undefined): string | undefined {
  if (text === "today") return today();
  if (text !== undefined && !isDay(text))
    throw new ScanError("usage", "--day takes a day in UTC such as 2027-03-31, or today");
  return text;
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}

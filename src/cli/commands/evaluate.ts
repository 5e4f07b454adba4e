import { ScanError } from "../../errors.ts";
import type { ScanResult } from "../../model/report.ts";
import { evaluate } from "../../scan/scan.ts";
import { bundlesAt } from "../bundles.ts";
import { exitCodeOf, FAILABLE } from "../exit.ts";
import { deliver, formatsOf, type OutputOptions } from "../output.ts";
import { choosePolicy } from "../policy-file.ts";
import { runOf } from "../run.ts";
import type { Terminal } from "../terminal.ts";

export interface EvaluateOptions extends OutputOptions {
  readonly policy?: string | undefined;
  readonly review?: readonly string[] | undefined;
  readonly day?: string | undefined;
}

/** Judges bundles. Touches no image and no network. */
export async function evaluateCommand(
  bundles: readonly string[],
  options: EvaluateOptions,
  terminal: Terminal,
): Promise<number> {
  const formats = await formatsOf(options);
  const day = options.day ?? new Date().toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day)))
    throw new ScanError("usage", "--day takes a day such as 2026-11-24");
  const policy = options.policy === undefined ? undefined : await choosePolicy(options.policy);
  const reviews = options.review && (await (await import("../review-file.ts")).readReviews(options.review));
  const results: ScanResult[] = [];
  for (const path of bundles)
    for await (const { evidence } of bundlesAt(path)) {
      terminal.signal.throwIfAborted();
      if (evidence) results.push(await evaluate(await evidence(), { policy, reviews, today: day }));
    }
  await deliver(runOf(day, results, policy), formats, options, terminal);
  return exitCodeOf(
    results.map(({ verdict }) => verdict),
    { failOn: new Set(FAILABLE), strict: false },
  );
}

import type { ProviderEntry } from "../../../providers/contract.ts";
import type { Report, ScanResult } from "../../model/report.ts";
import type { Policy } from "../../policy/policy.ts";
import { compareReports } from "../../report/diff/compare.ts";
import { type DiffFormat, renderDiff } from "../../report/diff/render.ts";
import { scanAll } from "../../scan/scan-all.ts";
import { today } from "../clock.ts";
import { scannable } from "../images.ts";
import { writeAll } from "../output.ts";
import { choosePolicy } from "../policy-file.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import { runOf } from "../run.ts";
import { storedReportAt, storedRun } from "../stored-report.ts";
import type { Terminal } from "../terminal.ts";

export interface DiffOptions extends SourceOptions {
  readonly format: DiffFormat;
  readonly output?: string | undefined;
  readonly policy?: string | undefined;
  readonly state?: string | undefined;
}

/** 0: the same. 1: something differs. */
export async function diffCommand(
  targets: readonly [string, string],
  options: DiffOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const policy = options.policy === undefined ? undefined : await choosePolicy(options.policy);
  // One after the other: only one at a time may have the ledger open.
  const before = await reportOn(targets[0], policy, options, terminal, providers);
  const after = await reportOn(targets[1], policy, options, terminal, providers);
  const diff = compareReports(before, after);
  const text = renderDiff(diff, options.format);
  if (options.output === undefined) await terminal.out(text);
  else await writeAll([{ path: options.output, content: text }]);
  return diff.images.length > 0 ? 1 : 0;
}

/** A stored report or run by its name; everything else is looked at. */
async function reportOn(
  target: string,
  policy: Policy | undefined,
  options: DiffOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<Report> {
  const run = await storedRun(target, options.state);
  if (run) return run;
  if (/\.(?:json|ndjson)$/i.test(target)) return storedReportAt(target);
  const date = today();
  const progress = progressOn(terminal, true);
  const results: ScanResult[] = [];
  try {
    const sources = scannable([target], providers, providerContext(terminal, options));
    const { signal } = terminal;
    for await (const result of scanAll(sources, { policy, today: date, signal, jobs: 4 }))
      results.push(result);
  } finally {
    progress.close();
  }
  return runOf(date, results, policy);
}

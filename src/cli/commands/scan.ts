import type { ProviderEntry } from "../../../providers/contract.ts";
import { ScanError } from "../../errors.ts";
import type { ImageRef } from "../../model/image.ts";
import type { ScanResult } from "../../model/report.ts";
import { escapeText } from "../../report/escape.ts";
import { scanAll } from "../../scan/scan-all.ts";
import { Bugs } from "../bugs.ts";
import { today } from "../clock.ts";
import { noneLeft, scannable } from "../images.ts";
import { parseJobs } from "../jobs.ts";
import { type JudgingOptions, judgingOf } from "../judging.ts";
import { deliver, formatsOf, type OutputOptions } from "../output.ts";
import { readConfig } from "../policy-file.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import { runOf } from "../run.ts";
import { keepHeapSmall } from "../small-heap.ts";
import type { Terminal } from "../terminal.ts";

/** From here on a run is long enough for its heap to grow without need. */
const MANY = 32;

export interface ScanCommandOptions extends SourceOptions, OutputOptions, JudgingOptions {
  readonly config?: string | undefined;
  readonly jobs?: string | undefined;
  readonly quiet: boolean;
  /** More of Windows than its verdict needs. */
  readonly thorough: boolean;
}

export async function scanCommand(
  wanted: readonly string[],
  options: ScanCommandOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal } = terminal;
  const jobs = parseJobs(options.jobs);
  const config = options.config === undefined ? undefined : await readConfig(options.config);
  const targets = wanted.length > 0 ? wanted : (config?.targets ?? []);
  if (targets.length === 0) throw new ScanError("usage", "name a target, or a file that does with --config");
  const judging = await judgingOf({ ...options, policy: options.policy ?? config?.policy }, terminal);
  const formats = await formatsOf(options);
  const day = today();
  const sources = scannable(targets, providers, providerContext(terminal, options), {
    onNothing: (nothing) => terminal.err(`sixray: ${escapeText(nothing.line)}\n`),
  });
  const progress = progressOn(terminal, options.quiet);
  const results: ScanResult[] = [];
  const bugs = new Bugs();
  let listed = 0;
  try {
    const events = {
      onListed(image: ImageRef) {
        if (++listed === MANY) keepHeapSmall();
        progress.listed(image);
      },
      onProgress: progress.update,
      onResult: progress.finished,
      onBug: bugs.note,
    };
    const { policy, reviews } = judging;
    const { thorough } = options;
    const how = { policy, reviews, today: day, thorough, signal, ...jobs, ...events };
    for await (const result of scanAll(sources, how)) results.push(result);
  } finally {
    progress.close();
  }
  // A gate that nothing came to has not been passed.
  if (results.length === 0) throw noneLeft(targets);
  const code = judging.finish(results);
  await deliver(runOf(day, results, judging.policy), formats, options, terminal);
  return bugs.tell(terminal, code);
}

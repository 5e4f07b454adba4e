import { writeFile } from "node:fs/promises";
import type { ProviderEntry } from "../../../providers/contract.ts";
import { errorLine, ScanError } from "../../errors.ts";
import type { Rendered, ScanResult } from "../../model/report.ts";
import type { Policy } from "../../policy/policy.ts";
import { unusedWaivers } from "../../policy/waivers.ts";
import { escapeText } from "../../report/escape.ts";
import { reporters } from "../../report/index.ts";
import { type ScanAllOptions, scanAll } from "../../scan/scan-all.ts";
import { exitCodeOf, FAILABLE, type Failable } from "../exit.ts";
import { scannable } from "../images.ts";
import { choosePolicy, readConfig } from "../policy-file.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";
import { ENGINE } from "../version.ts";

export interface ScanCommandOptions extends SourceOptions {
  readonly format: "text" | "json" | "ndjson";
  readonly output?: string | undefined;
  readonly policy?: string | undefined;
  readonly config?: string | undefined;
  readonly review?: readonly string[] | undefined;
  readonly failOn: string;
  readonly strict: boolean;
  readonly jobs?: string | undefined;
  readonly quiet: boolean;
}

export async function scanCommand(
  wanted: readonly string[],
  options: ScanCommandOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal } = terminal;
  const failOn = parseFailOn(options.failOn);
  const jobs = parseJobs(options.jobs);
  const config = options.config === undefined ? undefined : await readConfig(options.config);
  const targets = wanted.length > 0 ? wanted : (config?.targets ?? []);
  if (targets.length === 0) throw new ScanError("usage", "name a target, or a file that does with --config");
  const named = options.policy ?? config?.policy;
  const policy = named === undefined ? undefined : await choosePolicy(named);
  const reviews = options.review && (await (await import("../review-file.ts")).readReviews(options.review));
  const today = new Date().toISOString().slice(0, 10);
  const reporter = await reporters.get(options.format)?.();
  if (!reporter) throw new ScanError("usage", `no format ${options.format}`);
  const sources = scannable(targets, providers, providerContext(terminal, options));
  const progress = progressOn(terminal, options.quiet);
  const results: ScanResult[] = [];
  try {
    const events = {
      onListed: progress.listed,
      onProgress: progress.update,
      onResult: progress.finished,
    };
    for await (const result of scanAll(sources, { policy, reviews, today, signal, ...jobs, ...events }))
      results.push(result);
  } finally {
    progress.close();
  }
  warnOfWaivers(policy, results, terminal);
  const toTerminal = options.output === undefined;
  const rendered = await reporter.render(
    { schemaVersion: 1, engine: ENGINE, day: today, results },
    { color: toTerminal && terminal.color, columns: terminal.columns },
  );
  if (options.output === undefined) await terminal.out(rendered);
  else await writeReport(options.output, rendered);
  return exitCodeOf(
    results.map((result) => result.verdict),
    { failOn, strict: options.strict },
  );
}

function parseFailOn(text: string): ReadonlySet<Failable> {
  if (text === "never") return new Set();
  const words = text.split(",").map((word) => word.trim());
  const known = FAILABLE.filter((verdict) => words.includes(verdict));
  if (known.length !== words.length)
    throw new ScanError("usage", `--fail-on takes ${FAILABLE.join(", ")} separated by commas, or never`);
  return new Set(known);
}

/** Where requests take their time, more images at a time cost nothing. */
const JOBS = { local: 4, cloud: 16, all: 64 } as const;
const LOCAL = /^(?:file|http):/;

function parseJobs(text: string | undefined): Pick<ScanAllOptions, "jobs" | "jobsPerGroup"> {
  if (text === undefined)
    return {
      jobs: JOBS.all,
      jobsPerGroup: (group: string) => (LOCAL.test(group) ? JOBS.local : JOBS.cloud),
    };
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 256)
    throw new ScanError("usage", "--jobs takes a whole number from 1 to 256");
  return { jobs };
}

/** A waiver that nothing in the run was for is a leftover, or does not match what it was meant to. */
function warnOfWaivers(policy: Policy | undefined, results: readonly ScanResult[], terminal: Terminal): void {
  const findings = results.flatMap((result) => result.findings);
  for (const { id } of unusedWaivers(policy?.waivers ?? [], findings))
    terminal.err(`sixray: warning: the waiver ${escapeText(id)} is unused: no finding of this run is its\n`);
}

async function writeReport(path: string, text: Rendered): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new ScanError("usage", `cannot write ${path}: ${errorLine(error)}`);
  }
}

import { writeFile } from "node:fs/promises";
import type { ProviderEntry } from "../../../providers/contract.ts";
import { errorLine, ScanError } from "../../errors.ts";
import type { ScanResult } from "../../model/report.ts";
import type { Policy } from "../../policy/policy.ts";
import { templates } from "../../policy/templates/index.ts";
import { reporters } from "../../report/index.ts";
import { scanAll } from "../../scan/scan-all.ts";
import { exitCodeOf, FAILABLE, type Failable } from "../exit.ts";
import { chooseImages } from "../images.ts";
import { progressOn } from "../progress.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";
import { ENGINE } from "../version.ts";

export interface ScanCommandOptions extends SourceOptions {
  readonly format: "text" | "json" | "ndjson";
  readonly output?: string | undefined;
  readonly policy?: string | undefined;
  readonly failOn: string;
  readonly strict: boolean;
  readonly jobs: string;
  readonly quiet: boolean;
}

export async function scanCommand(
  targets: readonly string[],
  options: ScanCommandOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { signal } = terminal;
  const failOn = parseFailOn(options.failOn);
  const jobs = parseJobs(options.jobs);
  const policy = parsePolicy(options.policy);
  const reporter = await reporters.get(options.format)?.();
  if (!reporter) throw new ScanError("usage", `no format ${options.format}`);
  const chosen = await chooseImages(targets, providers, providerContext(terminal, options));
  const progress = progressOn(terminal, chosen.length, options.quiet);
  const results: ScanResult[] = [];
  try {
    const events = {
      onProgress: progress.update,
      onResult: (result: ScanResult): void => progress.finished(result.image, result.verdict),
    };
    for await (const result of scanAll(chosen, { policy, signal, jobs, ...events })) results.push(result);
  } finally {
    progress.close();
  }
  const toTerminal = options.output === undefined;
  const rendered = reporter.render(
    { schemaVersion: 1, engine: ENGINE, results },
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

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 256)
    throw new ScanError("usage", "--jobs takes a whole number from 1 to 256");
  return jobs;
}

function parsePolicy(id: string | undefined): Policy | undefined {
  if (id === undefined) return undefined;
  const policy = templates.find((template) => template.id === id);
  if (!policy) {
    const known = templates.map((template) => template.id).join(", ");
    throw new ScanError("usage", `no policy ${id}; there are: ${known}`);
  }
  return policy;
}

async function writeReport(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new ScanError("usage", `cannot write ${path}: ${errorLine(error)}`);
  }
}

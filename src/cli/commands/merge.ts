import { ScanError } from "../../errors.ts";
import type { PolicyReference, Report, ScanResult } from "../../model/report.ts";
import { exitCodeOf } from "../exit.ts";
import { parseFailOn } from "../judging.ts";
import { deliver, formatsOf, type OutputOptions } from "../output.ts";
import { storedReportAt } from "../stored-report.ts";
import type { Terminal } from "../terminal.ts";

export interface MergeOptions extends OutputOptions {
  readonly failOn: string;
  readonly strict: boolean;
  readonly parts?: string | undefined;
}

/** Parts of one run: the same engine and day, each image once. */
export async function mergeCommand(
  files: readonly string[],
  options: MergeOptions,
  terminal: Terminal,
): Promise<number> {
  const failOn = parseFailOn(options.failOn);
  const formats = await formatsOf(options);
  if (options.parts !== undefined && Number(options.parts) !== files.length)
    throw new ScanError(
      "usage",
      `${files.length} reports, and --parts says ${options.parts}: did every part come to its end?`,
    );
  const parts: Report[] = [];
  for (const path of files) parts.push(await storedReportAt(path));
  const report = joined(parts);
  await deliver(report, formats, options, terminal);
  return exitCodeOf(
    report.results.map(({ verdict }) => verdict),
    { failOn, strict: options.strict },
  );
}

function joined(parts: readonly Report[]): Report {
  const [first] = parts;
  if (!first) throw new ScanError("usage", "name the reports to join");
  const { engine, day, generatedAt } = first;
  const other = parts.find((one) => one.engine !== engine || one.day !== day);
  if (other)
    throw new ScanError(
      "usage",
      `these are not parts of one run: ${engine} of ${day ?? "no day"}, and ${other.engine} of ${other.day ?? "no day"}`,
    );
  checkParts(parts);
  const byImage = new Map<string, ScanResult>();
  for (const result of parts.flatMap(({ results }) => results)) {
    const { provider, family, id } = result.image;
    const key = JSON.stringify([provider, family, id]);
    const before = byImage.get(key);
    // A target that could not be listed is told by every part.
    if (before && !(isUnread(before) && isUnread(result)))
      throw new ScanError("usage", `${id} is in more than one of the reports`);
    byImage.set(key, before ?? result);
  }
  const policies = policiesOf(parts);
  const sameTime = parts.every((one) => one.generatedAt === generatedAt);
  return {
    schemaVersion: 1,
    engine,
    ...(day === undefined ? {} : { day }),
    ...(sameTime && generatedAt !== undefined ? { generatedAt } : {}),
    ...(policies.length > 0 ? { policies } : {}),
    results: [...byImage].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, result]) => result),
  };
}

/**
 * What was split has to be whole: every part of it as often as every other one (two runs of five parts each are no less
 * a whole). Reports that say nothing of parts are taken as they are: `--parts` counts those.
 */
function checkParts(reports: readonly Report[]): void {
  const split = Map.groupBy(
    reports.flatMap(({ part }) => part ?? []),
    ({ count }) => count,
  );
  for (const [count, parts] of split) {
    const times = new Map<number, number>();
    for (const { index } of parts) times.set(index, (times.get(index) ?? 0) + 1);
    const most = Math.max(...times.values());
    for (let index = 1; index <= count; index++)
      if (times.get(index) !== most)
        throw new ScanError(
          "usage",
          `part ${index}/${count} is not among the reports: did it come to its end?`,
        );
  }
}

function isUnread({ verdict, prediction }: ScanResult): boolean {
  return verdict === "unreadable" && prediction === undefined;
}

/** Throws for one id that stands for two policies: the parts were then judged by different measures. */
function policiesOf(parts: readonly Report[]): readonly PolicyReference[] {
  const byId = new Map<string, PolicyReference>();
  for (const policy of parts.flatMap(({ policies = [] }) => policies)) {
    const known = byId.get(policy.id);
    if (known && known.digest !== policy.digest)
      throw new ScanError("usage", `these are not parts of one run: two policies are called ${policy.id}`);
    byId.set(policy.id, policy);
  }
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

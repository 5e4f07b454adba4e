import { readFile, writeFile } from "node:fs/promises";
import { errorLine, ScanError } from "../../errors.ts";
import { resultOf } from "../../ledger/rows.ts";
import type { ScanResult } from "../../model/report.ts";
import { reporters } from "../../report/index.ts";
import { exitCodeOf } from "../exit.ts";
import type { Terminal } from "../terminal.ts";
import { parseFailOn } from "./scan.ts";

export interface MergeOptions {
  readonly format: string;
  readonly output?: string | undefined;
  readonly failOn: string;
  readonly strict: boolean;
}

interface Part {
  readonly engine: string;
  readonly day?: string;
  readonly results: readonly ScanResult[];
}

/** Parts of one run: the same engine and day, each image once. */
export async function mergeCommand(
  files: readonly string[],
  options: MergeOptions,
  terminal: Terminal,
): Promise<number> {
  const failOn = parseFailOn(options.failOn);
  const reporter = await reporters.get(options.format)?.();
  if (!reporter)
    throw new ScanError(
      "usage",
      `no format ${options.format}; there are: ${[...reporters.keys()].join(", ")}`,
    );
  const parts: Part[] = [];
  for (const path of files) parts.push(await readPart(path));
  const [first] = parts;
  if (!first) throw new ScanError("usage", "name the reports to join");
  const { engine, day } = first;
  const other = parts.find((one) => one.engine !== engine || one.day !== day);
  if (other)
    throw new ScanError(
      "usage",
      `these are not parts of one run: ${engine} of ${day ?? "no day"}, and ${other.engine} of ${other.day ?? "no day"}`,
    );
  const byImage = new Map<string, ScanResult>();
  for (const result of parts.flatMap(({ results }) => results)) {
    const { provider, family, id } = result.image;
    const key = JSON.stringify([provider, family, id]);
    if (byImage.has(key)) throw new ScanError("usage", `${id} is in more than one of the reports`);
    byImage.set(key, result);
  }
  const results = [...byImage].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, result]) => result);
  const report = { schemaVersion: 1 as const, engine, ...(day === undefined ? {} : { day }), results };
  const color = options.output === undefined && terminal.color;
  const rendered = await reporter.render(report, { color, columns: terminal.columns });
  if (options.output === undefined) await terminal.out(rendered);
  else await writeFile(options.output, rendered);
  return exitCodeOf(
    results.map(({ verdict }) => verdict),
    { failOn, strict: options.strict },
  );
}

async function readPart(path: string): Promise<Part> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new ScanError("usage", `cannot read ${path}: ${errorLine(error)}`);
  }
  const of = (key: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  const [version, engine, day, results] = [of("schemaVersion"), of("engine"), of("day"), of("results")];
  if (version !== 1 || typeof engine !== "string" || !Array.isArray(results))
    throw new ScanError("usage", `${path} is no sixray report of version 1`);
  return {
    engine,
    ...(typeof day === "string" ? { day } : {}),
    results: results.map((one, at) => {
      const result = resultOf(JSON.stringify(one));
      if (!result) throw new ScanError("usage", `${path}: results[${at}] is no result`);
      return result;
    }),
  };
}

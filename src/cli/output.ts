import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorLine, ScanError } from "../errors.ts";
import type { Rendered, Report, Reporter } from "../model/report.ts";
import { reporters } from "../report/index.ts";
import type { Terminal } from "./terminal.ts";

/** Where a report goes, and in which formats. */
export interface OutputOptions {
  /** One or more, separated by commas. */
  readonly format: string;
  readonly output?: string | undefined;
  readonly outputDir?: string | undefined;
}

export interface Output {
  write(report: Report): Promise<void>;
}

/** Looks at the words and the place before anything is scanned. Rejects with `usage`. */
export async function outputOf(options: OutputOptions, terminal: Terminal): Promise<Output> {
  const { output, outputDir } = options;
  const chosen = await reportersOf(options.format);
  if (output !== undefined && outputDir !== undefined)
    throw new ScanError("usage", "--output names one file, --output-dir a folder for several: take one");
  if (chosen.length > 1 && outputDir === undefined)
    throw new ScanError("usage", "several formats need a folder: --output-dir");
  if (outputDir !== undefined) await writable(outputDir, true);
  if (output !== undefined) await writable(dirname(output), false);
  return { write: (report) => write(report, chosen, options, terminal) };
}

async function reportersOf(words: string): Promise<readonly Reporter[]> {
  const ids = [...new Set(words.split(",").map((word) => word.trim()))];
  return Promise.all(
    ids.map(async (id) => {
      const reporter = await reporters.get(id)?.();
      if (!reporter)
        throw new ScanError("usage", `no format ${id}; there are ${[...reporters.keys()].join(", ")}`);
      return reporter;
    }),
  );
}

async function writable(folder: string, create: boolean): Promise<void> {
  try {
    if (create) await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new ScanError("usage", `cannot write to ${folder}: ${errorLine(error)}`);
  }
}

/** All formats are rendered before the first is written: one that fails leaves nothing behind. */
async function write(
  report: Report,
  chosen: readonly Reporter[],
  { output, outputDir }: OutputOptions,
  terminal: Terminal,
): Promise<void> {
  const toTerminal = output === undefined && outputDir === undefined;
  const options = { color: toTerminal && terminal.color, columns: terminal.columns };
  const rendered: (readonly [Reporter, Rendered])[] = [];
  for (const reporter of chosen) rendered.push([reporter, await reporter.render(report, options)]);
  for (const [{ fileExtension }, content] of rendered) {
    if (toTerminal) await terminal.out(content);
    else await writeWhole(output ?? join(outputDir ?? ".", `report${fileExtension}`), content);
  }
}

/** Under another name first: whoever looks finds the old file or the new one, never half of one. */
export async function writeWhole(path: string, content: Rendered): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    // A device or a pipe (/dev/stdout) is written to, not replaced.
    const there = await stat(path).catch(() => undefined);
    if (there && !there.isFile()) return await writeFile(path, content);
    await writeFile(temporary, content, { flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new ScanError("usage", `cannot write ${path}: ${errorLine(error)}`);
  }
}

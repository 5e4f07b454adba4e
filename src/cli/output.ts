import { randomUUID } from "node:crypto";
import { access, constants, lstat, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorLine, ScanError } from "../errors.ts";
import { makeFolder } from "../make-folder.ts";
import type { Rendered, Report, Reporter } from "../model/report.ts";
import { escapeText } from "../report/escape.ts";
import { reporters } from "../report/index.ts";
import type { Terminal } from "./terminal.ts";

export interface OutputOptions {
  /** Ids of formats, separated by commas. */
  readonly format: string;
  readonly output?: string | undefined;
  readonly outputDir?: string | undefined;
  readonly quiet?: boolean;
}

/** What a report in a folder is called, before the ending of its format. */
const BASE = "sixray-report";

/**
 * The formats that were asked for. Throws for what makes no sense and for what could not be written, before anything is
 * read: nobody is to lose the results of a night to a folder that is not there. Makes the folder of `--output-dir`.
 */
export async function formatsOf({ format, output, outputDir }: OutputOptions): Promise<readonly Reporter[]> {
  const ids = [...new Set(format.split(",").map((id) => id.trim()))];
  const unknown = ids.find((id) => !reporters.has(id));
  if (unknown !== undefined)
    throw new ScanError("usage", `no format ${unknown}; there are: ${[...reporters.keys()].join(", ")}`);
  if (output !== undefined && outputDir !== undefined)
    throw new ScanError("usage", "either --output for one file or --output-dir for a folder");
  if (ids.length > 1 && outputDir === undefined)
    throw new ScanError("usage", "several formats need a folder: --output-dir");
  const formats = await Promise.all(ids.flatMap((id) => reporters.get(id)?.() ?? []));
  for (const format of formats)
    await format.ready?.().catch((error: unknown) => {
      throw asUsage(error);
    });
  if (outputDir !== undefined) await making(outputDir);
  if (output !== undefined) await checkPlace(output);
  return formats;
}

/** Rejects with `usage` where no file can be put, as far as that can be told without doing it: before a long run. */
export async function checkPlace(path: string): Promise<void> {
  const { to, atOnce } = await whereTo(path);
  if (atOnce) return;
  try {
    if ((await stat(to).catch(() => undefined))?.isDirectory()) throw new Error("it is a folder");
    await access(dirname(to), constants.W_OK);
  } catch (error) {
    throw new ScanError("usage", `cannot write ${path}: ${errorLine(error)}`);
  }
}

/** Renders all formats, then writes those that can be: all of them or none. What cannot be rendered is told at the end. */
export async function deliver(
  report: Report,
  formats: readonly Reporter[],
  { output, outputDir, quiet = false }: OutputOptions,
  terminal: Terminal,
): Promise<void> {
  const toTerminal = output === undefined && outputDir === undefined;
  const options = { color: toTerminal && terminal.color, columns: terminal.columns };
  const files: { readonly path: string; readonly content: Rendered }[] = [];
  const failed: string[] = [];
  for (const format of formats) {
    const content = await rendered(format, report, options);
    if (content instanceof ScanError) failed.push(content.message);
    else if (toTerminal) await terminal.out(content);
    else files.push({ path: output ?? join(outputDir ?? ".", `${BASE}${format.fileExtension}`), content });
  }
  if (outputDir !== undefined) await making(outputDir);
  await writeAll(files);
  if (!quiet && outputDir !== undefined && files.length > 0)
    terminal.err(`sixray: wrote ${files.map(({ path }) => escapeText(path)).join(", ")}\n`);
  if (failed.length > 0)
    throw new ScanError("usage", failed.join("; ") + (files.length > 0 ? " (the others are written)" : ""));
}

/** An error where the format cannot carry this report: that is no reason to lose the others. */
async function rendered(
  format: Reporter,
  report: Report,
  options: { readonly color: boolean; readonly columns: number },
): Promise<Rendered | ScanError> {
  try {
    return await format.render(report, options);
  } catch (error) {
    const usage = asUsage(error);
    if (usage instanceof ScanError) return usage;
    throw error;
  }
}

function asUsage(error: unknown): unknown {
  return error instanceof Error && error.name === "CannotRender"
    ? new ScanError("usage", error.message, { cause: error })
    : error;
}

async function making(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw new ScanError("usage", `cannot make the folder ${folder}: ${errorLine(error)}`);
  }
}

/** Under temporary names first: a reader never sees half a file, and a full disk leaves what was there. */
export async function writeAll(
  files: readonly { readonly path: string; readonly content: Rendered }[],
): Promise<void> {
  const moves = await Promise.all(
    files.map(async ({ path, content }) => {
      const { to, atOnce } = await whereTo(path);
      const temporary = join(dirname(to), `.${basename(to)}.${randomUUID().slice(0, 8)}.tmp`);
      return { path, to, content, temporary: atOnce ? undefined : temporary };
    }),
  );
  let current = "";
  try {
    for (const { path, to, content, temporary } of moves) {
      current = path;
      await writeFile(temporary ?? to, content);
    }
    for (const { path, to, temporary } of moves) {
      current = path;
      if (temporary !== undefined) await rename(temporary, to);
    }
  } catch (error) {
    const left = moves.flatMap(({ temporary }) => temporary ?? []);
    await Promise.all(left.map((one) => rm(one, { force: true }).catch(() => undefined)));
    throw new ScanError("usage", `cannot write ${current}: ${errorLine(error)}`);
  }
}

/** Where a path leads: a link stays one. What is no file, a device or a pipe, is not replaced but written to `atOnce`. */
async function whereTo(path: string): Promise<{ readonly to: string; readonly atOnce: boolean }> {
  if (path.startsWith("/dev/") || path.startsWith("/proc/")) return { to: path, atOnce: true };
  try {
    const to = await realpath(path);
    const stats = await stat(to);
    return { to, atOnce: !stats.isFile() && !stats.isDirectory() };
  } catch {
    // Nothing there yet, or at the end of a link: the file is made where the link leads.
    return { to: path, atOnce: await isLink(path) };
  }
}

function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
}

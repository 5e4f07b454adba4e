import type { Evidence } from "../../../model/locator.ts";
import type { ConfigFile } from "../../config-folders.ts";
import { type Line, lineEvidence } from "../../lines.ts";

/** One command of modprobe.d(5) that is about some module. */
export interface Command {
  readonly keyword: "blacklist" | "install" | "options" | "alias" | "softdep";
  /** Module, alias or pattern, with `-` as `_`. */
  readonly subject: string;
  /** What follows: a shell command, parameters, a module, modules. */
  readonly rest: string;
  /** Undefined for what the kernel command line says. */
  readonly evidence: Evidence | undefined;
}

const KEYWORDS = ["blacklist", "install", "options", "alias", "softdep"] as const;

/**
 * Keywords are case-sensitive; `#` counts at the start of a line only. `endOfFile`: what a backslash at the very end
 * of a file becomes (up to kmod 33, a byte of rubbish). Source: kmod, libkmod/libkmod-config.c.
 */
export function parseModprobe(file: ConfigFile, endOfFile: string): readonly Command[] {
  const before = parsed.get(file.lines) ?? new Map<string, readonly Command[]>();
  parsed.set(file.lines, before);
  // The same lines may be those of several paths, and what they say is told with each.
  const key = `${file.locator}\0${endOfFile}`;
  const commands =
    before.get(key) ??
    wrapped(file.lines, endOfFile).flatMap(({ text, first }) => {
      const command = parseLine(text);
      return command ? { ...command, evidence: lineEvidence(file.locator, first) } : [];
    });
  before.set(key, commands);
  return commands;
}

/** A file is asked for once for each version that kmod may be of, and again whenever something more was read. */
const parsed = new WeakMap<readonly Line[], Map<string, readonly Command[]>>();

/**
 * A backslash joins the next line, to a comment, too; before anything else it is dropped. A line ends at a NUL.
 * Source: kmod, shared/util.c, freadline_wrapped.
 */
function wrapped(
  lines: readonly Line[],
  endOfFile: string,
): readonly { readonly text: string; readonly first: Line }[] {
  const found: { text: string; first: Line }[] = [];
  let text = "";
  let first: Line | undefined;
  for (const [index, line] of lines.entries()) {
    first ??= line;
    const isOpen = /(^|[^\\])(\\\\)*\\$/.test(line.text);
    text += line.text.replace(/\\(.?)/gs, "$1");
    if (isOpen && index + 1 < lines.length) continue;
    if (isOpen) text += endOfFile;
    found.push({ text: text.split("\0", 1)[0] ?? "", first });
    text = "";
    first = undefined;
  }
  return found;
}

function parseLine(text: string): Omit<Command, "evidence"> | undefined {
  const found = /^[ \t]*([^ \t#][^ \t]*)[ \t]+([^ \t]+)(?:[ \t](.*))?$/s.exec(text);
  const keyword = KEYWORDS.find((one) => one === found?.[1]);
  const subject = underscores(found?.[2] ?? "");
  const rest = found?.[3] ?? "";
  if (!found || !keyword || subject === undefined) return undefined;
  if (keyword === "blacklist") return { keyword, subject, rest: "" };
  if (keyword === "options")
    return rest === "" ? undefined : { keyword, subject, rest: rest.replaceAll("\t", " ") };
  if (keyword !== "alias") return rest === "" ? undefined : { keyword, subject, rest };
  const target = underscores(/[^ \t]+/.exec(rest)?.[0] ?? "");
  return target === undefined || target === "" ? undefined : { keyword, subject, rest: target };
}

/** `-` as `_`, but inside `[...]`; undefined when brackets do not match. Source: kmod, shared/util.c, underscores. */
export function underscores(name: string): string | undefined {
  let inside = false;
  let out = "";
  for (const one of name) {
    if (inside ? one === "]" : one === "[") inside = !inside;
    else if (!inside && one === "]") return undefined;
    out += one === "-" && !inside ? "_" : one;
  }
  return inside ? undefined : out;
}

/**
 * `MODULE.PARAMETER=VALUE` and `modprobe.blacklist=` of the kernel command line, as kmod reads it: to its end,
 * whatever `--` says. `quotes`: words in quotes as a whole are read, too (kmod 29). Source: kmod,
 * libkmod/libkmod-config.c, kmod_config_parse_kcmdline.
 */
export function parseKernelCommandLine(cmdline: string, quotes: boolean): readonly Command[] {
  const commands: Command[] = [];
  for (const word of words(cmdline, quotes)) {
    const quoted = word.startsWith('"');
    const found = quotes
      ? /^([^."=]*)\.([^."=]*)(?:=(.*))?$/s.exec(quoted ? word.slice(1) : word)
      : /^([^."]*)\.([^"=]*)(?:=(.*))?$/s.exec(word);
    if (!found) continue;
    const [, module = "", parameter = "", value] = found;
    // A word in quotes is quoted anew, behind the equals sign.
    const given = value === undefined ? undefined : quoted ? `"${value}` : value;
    if (module === "modprobe" && parameter === "blacklist" && given !== undefined) {
      for (const subject of given.split(","))
        commands.push({ keyword: "blacklist", subject, rest: "", evidence: undefined });
      continue;
    }
    const subject = underscores(module);
    if (subject === undefined) continue;
    const rest = given === undefined ? parameter : `${parameter}=${given}`;
    commands.push({ keyword: "options", subject, rest, evidence: undefined });
  }
  return commands;
}

/** Words at white space (before kmod 29: at blanks); double quotes hold together. */
function words(cmdline: string, quotes: boolean): readonly string[] {
  const found: string[] = [];
  let word = "";
  let inQuotes = false;
  for (const one of cmdline) {
    if (one === '"') inQuotes = !inQuotes;
    if (!inQuotes && (quotes ? /[ \n\t\v\f\r]/ : /[ \n]/).test(one)) {
      if (word !== "") found.push(word);
      word = "";
    } else word += one;
  }
  return word === "" ? found : [...found, word];
}

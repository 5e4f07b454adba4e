import type { Evidence } from "../../../model/locator.ts";
import type { ConfigFile } from "../../config-folders.ts";
import { lineEvidence } from "../../lines.ts";

/** One command of modprobe.d(5) that is about some module. */
export interface Command {
  readonly keyword: "blacklist" | "install" | "options" | "alias";
  /** Module, alias or pattern, with `-` as `_`. */
  readonly subject: string;
  /** What follows: a shell command, parameters, a module. */
  readonly rest: string;
  readonly evidence: Evidence;
}

const KEYWORDS = ["blacklist", "install", "options", "alias"] as const;

/**
 * Keywords are case-sensitive; `#` counts at the start of a line only; a backslash at the end joins the next
 * line, to a comment, too. Source: kmod, libkmod/libkmod-config.c.
 */
export function parseModprobe(file: ConfigFile): readonly Command[] {
  const commands: Command[] = [];
  let joined = "";
  let first: ConfigFile["lines"][number] | undefined;
  for (const line of file.lines) {
    first ??= line;
    if (line.text.endsWith("\\")) {
      joined += line.text.slice(0, -1);
      continue;
    }
    const command = parseLine(joined + line.text);
    if (command) commands.push({ ...command, evidence: lineEvidence(file.locator, first) });
    joined = "";
    first = undefined;
  }
  return commands;
}

function parseLine(text: string): Omit<Command, "evidence"> | undefined {
  const line = text.trimStart();
  if (line === "" || line.startsWith("#")) return undefined;
  const [word = "", subject = ""] = line.split(/[ \t]+/);
  const keyword = KEYWORDS.find((one) => one === word);
  if (!keyword || subject === "") return undefined;
  const rest = line.slice(line.indexOf(subject, word.length) + subject.length).trim();
  return { keyword, subject: subject.replaceAll("-", "_"), rest };
}

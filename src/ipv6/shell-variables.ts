import type { Evidence } from "../model/locator.ts";
import { evidenceIn, type TextFile } from "./lines.ts";

export interface ShellVariable {
  readonly value: string;
  readonly evidence: Evidence;
}

/**
 * Assignments of a shell file as sysconfig and /etc/default use them: `NAME=value`, quotes off, a comment behind
 * a value cut, the last one counts. What a shell would have to compute stays as it is written.
 */
export function shellVariables(file: TextFile): ReadonlyMap<string, ShellVariable> {
  const found = new Map<string, ShellVariable>();
  if (file.state !== "found") return found;
  for (const line of file.lines) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.text.replace(/\r$/, ""));
    if (match?.[1] === undefined || match[2] === undefined) continue;
    found.set(match[1], { value: unquoted(match[2]), evidence: evidenceIn(file, line) });
  }
  return found;
}

function unquoted(text: string): string {
  const quoted = /^\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/.exec(text);
  if (quoted) return (quoted[1]?.replace(/\\(.)/g, "$1") ?? quoted[2] ?? "").trim();
  return text.replace(/\s+#.*$/, "").trim();
}

/** What initscripts and NetworkManager take for true and false; anything else is neither. */
export function shellBoolean(variable: ShellVariable | undefined): boolean | undefined {
  const word = variable?.value.toLowerCase() ?? "";
  if (["yes", "y", "true", "t", "on", "1"].includes(word)) return true;
  if (["no", "n", "false", "f", "off", "0"].includes(word)) return false;
  return undefined;
}

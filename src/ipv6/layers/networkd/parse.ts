import type { Evidence } from "../../../model/locator.ts";
import type { ConfigFile } from "../../config-folders.ts";
import { evidenceIn, type Line, trimAscii } from "../../lines.ts";

/** `Key=value` in one occurrence of a section. */
export interface Assignment {
  readonly section: string;
  /** Counts section headers: two `[Address]` blocks are two addresses. */
  readonly block: number;
  readonly key: string;
  readonly value: string;
  readonly evidence: Evidence;
}

/** Lines end at LF, CR, both, or NUL. Source: systemd, src/basic/fileio.c, read_line. */
export const UNIT_LINE_END: RegExp = /\r\n|\n\r|[\n\r\0]/;

/**
 * A file in the syntax of systemd.syntax(7): comments with `#` and `;`, a backslash at the end continues a
 * line (comments in between vanish), only the first `=` separates. Undefined for a file that systemd refuses
 * as a whole: a broken section header. Source: systemd, src/shared/conf-parser.c, config_parse.
 */
export function parseUnitFile(file: ConfigFile, firstBlock: number): readonly Assignment[] | undefined {
  const assignments: Assignment[] = [];
  let section = "";
  let block = firstBlock;
  for (const line of joined(file.lines)) {
    const text = trimAscii(line.text);
    if (text === "") continue;
    if (text.startsWith("[")) {
      if (!text.endsWith("]")) return undefined;
      section = text.slice(1, -1);
      block++;
      continue;
    }
    const equals = text.indexOf("=");
    if (equals < 0 || section === "") continue;
    const key = trimAscii(text.slice(0, equals));
    const value = trimAscii(text.slice(equals + 1));
    assignments.push({ section, block, key, value, evidence: evidenceIn(file, line) });
  }
  return assignments;
}

function joined(lines: readonly Line[]): readonly Line[] {
  const whole: Line[] = [];
  let open: { number: number; parts: string[] } | undefined;
  for (const { number, text: raw } of lines) {
    const text = number === 1 ? raw.replace(/^\ufeff/, "") : raw;
    if (/^[ \t]*[#;]/.test(text)) continue;
    const continues = endsInBackslash(text);
    const part = continues ? text.slice(0, -1) : text;
    if (open) open.parts.push(part);
    else open = { number, parts: [part] };
    if (continues) continue;
    whole.push({ number: open.number, text: open.parts.join(" ") });
    open = undefined;
  }
  if (open) whole.push({ number: open.number, text: open.parts.join(" ") });
  return whole;
}

/** An escaped backslash at the end does not continue. */
function endsInBackslash(text: string): boolean {
  const end = /\\+$/.exec(text)?.[0].length ?? 0;
  return end % 2 === 1;
}

/** Source: systemd, parse_boolean. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (["1", "yes", "y", "true", "t", "on"].includes(word)) return true;
  if (["0", "no", "n", "false", "f", "off"].includes(word)) return false;
  return undefined;
}

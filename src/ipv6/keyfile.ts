import type { Evidence } from "../model/locator.ts";
import { evidenceIn, type Line, trimAscii } from "./lines.ts";

/** `key=value` of a group in a GLib key file; without a key, the group's header. */
export interface KeyfileEntry {
  readonly group: string;
  readonly key: string;
  /** White space behind it is part of it: who reads it cuts that off, or takes it for another word. */
  readonly value: string;
  readonly evidence: Evidence;
}

/**
 * A GLib key file: `#` comments, groups, one `=`; a group that comes again goes on, a key that comes again
 * replaces. Undefined when GLib refuses it: a line that is none of these, or a key before any group. Source:
 * Desktop Entry Specification, "Basic format of the file"; GLib, glib/gkeyfile.c.
 */
export function parseKeyfile(file: {
  readonly locator: string;
  readonly lines: readonly Line[];
  readonly origin?: Evidence;
}): readonly KeyfileEntry[] | undefined {
  const entries: KeyfileEntry[] = [];
  let group: string | undefined;
  for (const line of file.lines) {
    const text = line.text.replace(/\r$/, "").replace(SPACES, "");
    if (text === "" || text.startsWith("#")) continue;
    const header = /^\[([^[\]]*)\][ \t]*$/.exec(text)?.[1];
    if (header !== undefined) {
      group = header;
      entries.push({ group, key: "", value: "", evidence: evidenceIn(file, line) });
      continue;
    }
    const equals = text.indexOf("=");
    if (group === undefined || equals <= 0) return undefined;
    const key = trimAscii(text.slice(0, equals));
    const value = text.slice(equals + 1).replace(SPACES, "");
    entries.push({ group, key, value, evidence: evidenceIn(file, line) });
  }
  return entries;
}

/** In front of something: those of C only. */
const SPACES = /^[ \t\n\v\f\r]+/;

/** Words of a list separated by `,` or `;`. */
export function listOf(value: string): readonly string[] {
  return value
    .split(/[,;]/)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** Source: GLib, g_key_file_get_boolean: other words are errors, and the default holds. */
export function strictBoolean(value: string | undefined): boolean | undefined {
  const word = value?.trimEnd();
  return word === "true" || word === "1" ? true : word === "false" || word === "0" ? false : undefined;
}

/** Source: NetworkManager, _nm_utils_ascii_str_to_bool. */
export function keyfileBoolean(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  const word = value.toLowerCase();
  if (["true", "yes", "on", "1"].includes(word)) return true;
  if (["false", "no", "off", "0"].includes(word)) return false;
  return undefined;
}

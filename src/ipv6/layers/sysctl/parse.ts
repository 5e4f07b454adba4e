import type { Evidence } from "../../../model/locator.ts";
import { type Line, lineEvidence } from "../../lines.ts";
import { expandBraces, isPattern } from "../../pattern.ts";

/** One line of a sysctl file that is about our keys. */
export interface Setting {
  /** Below /proc/sys, as the program compares keys: `net/ipv6/conf/all/disable_ipv6`. May be a pattern. */
  readonly key: string;
  /** Undefined for `-key` without a value: the key is to be left alone. */
  readonly value: string | undefined;
  /** What the key stands for, one element a `{...}` alternative; undefined when it is no pattern. */
  readonly patterns: readonly string[] | undefined;
  readonly evidence: Evidence;
}

/** How a program reads lines. `systemd-243`: without patterns and exclusions; before, without `-`, too. */
export type Dialect = "systemd" | "systemd-243" | "systemd-old" | "procps-4" | "procps-3" | "busybox";

type Pair = readonly [key: string, value: string | undefined];

const PARSERS: Readonly<Record<Dialect, (line: string) => Pair | undefined>> = {
  systemd: parseSystemd,
  "systemd-243": (line) => (line.includes("=") ? parseSystemd(line) : undefined),
  "systemd-old": (line) => (/^[ \t]*-|^[^=]*$/.test(line) ? undefined : parseSystemd(line)),
  "procps-4": parseProcps4,
  "procps-3": parseProcps3,
  busybox: parseBusybox,
};
const TAKES_PATTERNS: ReadonlySet<Dialect> = new Set(["systemd", "procps-4"]);

/** systemd ends lines at LF, CR, both, or NUL (src/basic/fileio.c, read_line); C programs at LF. */
export function lineEndOf(dialect: Dialect): RegExp {
  return dialect.startsWith("systemd") ? /\r\n|\n\r|[\n\r\0]/ : /\n/;
}

/** The settings of a file, line by line; nothing spans lines, nothing is quoted, comments are whole lines. */
export function parseLines(
  { lines, locator }: { readonly lines: readonly Line[]; readonly locator: string },
  dialect: Dialect,
): readonly Setting[] {
  return (dialect === "busybox" ? joined(lines) : lines).flatMap((line) => {
    const pair = PARSERS[dialect](line.text);
    if (!pair) return [];
    const [key, value] = pair;
    const takesPatterns = TAKES_PATTERNS.has(dialect) && isPattern(key);
    const patterns = takesPatterns ? (dialect === "systemd" ? expandBraces(key) : [key]) : undefined;
    return { key, value, patterns, evidence: lineEvidence(locator, line) };
  });
}

/** BusyBox joins a line that ends in a backslash with the next. Source: libbb/parse_config.c. */
function joined(lines: readonly Line[]): readonly Line[] {
  const whole: Line[] = [];
  let open: Line | undefined;
  for (const line of lines) {
    const text = `${open?.text ?? ""}${line.text}`;
    const number = open?.number ?? line.number;
    open = text.endsWith("\\") ? { number, text: text.slice(0, -1) } : undefined;
    if (!open) whole.push({ number, text });
  }
  return open ? [...whole, open] : whole;
}

/** Source: systemd, src/sysctl/sysctl.c, parse_file. */
function parseSystemd(text: string): Pair | undefined {
  const line = strip(text, " \t\n\r");
  if (line === "" || line.startsWith("#") || line.startsWith(";")) return undefined;
  const equals = line.indexOf("=");
  const dash = line.startsWith("-") ? 1 : 0;
  if (equals < 0 && !dash) return undefined;
  const key = simplify(swap(strip(line.slice(dash, equals < 0 ? undefined : equals), " \t\n\r")));
  return [key, equals < 0 ? undefined : strip(line.slice(equals + 1), " \t\n\r")];
}

/** Source: procps-ng 4.0, src/sysctl.c, parse_setting_line and setting_new. */
function parseProcps4(text: string): Pair | undefined {
  const line = strip(untilNul(text), SPACE, "start");
  if (line.length < 2 || line.startsWith("#") || line.startsWith(";")) return undefined;
  const equals = line.indexOf("=");
  const dash = line.startsWith("-") ? 1 : 0;
  if (equals < 0 && !dash) return undefined;
  const key = strip(equals < 0 ? line.slice(1) : line.slice(dash, equals), SPACE, "end");
  return [
    swap(key.startsWith("-") ? key.slice(1) : key),
    equals < 0 ? undefined : strip(line.slice(equals + 1), SPACE),
  ];
}

/** Source: procps 3.3, sysctl.c, Preload (strtok at "=", then at line ends) and WriteSetting. */
function parseProcps3(text: string): Pair | undefined {
  const line = strip(strip(untilNul(text), " \t", "start"), " \t\n\r", "end");
  if (line.length < 2 || line.startsWith("#") || line.startsWith(";")) return undefined;
  const found = /^=*([^=]+)=[\n\r]*([^\n\r]+)/.exec(line);
  if (!found) return undefined;
  const name = strip(found[1] ?? "", " \t\n\r", "end");
  return [swap(name.startsWith("-") ? name.slice(1) : name), strip(found[2] ?? "", " \t", "start")];
}

/**
 * Without a slash, dots become slashes where that leads to what exists, the longest name first. Source: BusyBox,
 * procps/sysctl.c, sysctl_handle_preload_file and sysctl_dots_to_slashes.
 */
function parseBusybox(text: string): Pair | undefined {
  const line = strip(untilNul(text), " \t");
  const equals = line.indexOf("=");
  if (line.startsWith("#") || line.startsWith(";") || equals < 0) return undefined;
  const key = strip(line.slice(0, equals), SPACE).replace(/^\/proc\/sys\//, "");
  const value = strip(line.slice(equals + 1), SPACE);
  if (value === "" || key.startsWith("/")) return undefined;
  const own = /^net\.+ipv6\.+conf\.+([^/]+)\.+([a-z0-9_]+)$/.exec(key);
  return [own ? `net/ipv6/conf/${own[1]}/${own[2]}` : swap(key), value];
}

/** The first separator tells: dots and slashes change places, or all stays. Source: sysctl.d(5), sysctl(8). */
function swap(key: string): string {
  return /[/.]/.exec(key)?.[0] === "." ? key.replace(/[/.]/g, (one) => (one === "." ? "/" : ".")) : key;
}

/** Source: systemd, src/basic/path-util.c, path_simplify. */
function simplify(key: string): string {
  return key
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

const SPACE = " \t\n\v\f\r";

function untilNul(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** Cuts the characters that C programs know, at both ends or one: `trim` would take a byte order mark, too. */
function strip(text: string, characters: string, where: "start" | "end" | "both" = "both"): string {
  let start = 0;
  let end = text.length;
  if (where !== "end") while (start < end && characters.includes(text[start] ?? "")) start++;
  if (where !== "start") while (end > start && characters.includes(text[end - 1] ?? "")) end--;
  return text.slice(start, end);
}

/** A switch of ours: `net/ipv6/conf/IFACE/PARAMETER` once the path is walked; undefined for any other key. */
export function confKey(key: string): { readonly iface: string; readonly parameter: string } | undefined {
  if (key.endsWith("/")) return undefined;
  const parts: string[] = [];
  for (const part of key.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const found = /^net\/ipv6\/conf\/([^/]+)\/(disable_ipv6|accept_ra|autoconf)$/.exec(parts.join("/"));
  return found?.[1] === undefined || found[2] === undefined
    ? undefined
    : { iface: found[1], parameter: found[2] };
}

import type { Evidence } from "../../../model/locator.ts";
import type { ConfigFile } from "../../config-folders.ts";
import { lineEvidence, trimAscii } from "../../lines.ts";
import { isPattern } from "../../pattern.ts";

/** One line of a sysctl file that is about our keys. */
export interface Setting {
  /** Below /proc/sys, with slashes: `net/ipv6/conf/all/disable_ipv6`. May be a pattern. */
  readonly key: string;
  /** Undefined for `-key` without a value: the key is to be left alone. */
  readonly value: string | undefined;
  readonly pattern: boolean;
  readonly evidence: Evidence;
}

/** sysctl files end lines at LF, CR, both, or NUL. Source: systemd, src/basic/fileio.c, read_line. */
export const SYSCTL_LINE_END: RegExp = /\r\n|\n\r|[\n\r\0]/;

/** Source: sysctl.d(5) and systemd, src/sysctl/sysctl.c: no inline comments, no quotes, no continuation. */
export function parseSysctlFile(file: ConfigFile): readonly Setting[] {
  return file.lines.flatMap((line) => {
    const setting = parseSetting(line.text);
    return setting ? { ...setting, evidence: lineEvidence(file.locator, line) } : [];
  });
}

function parseSetting(text: string): Omit<Setting, "evidence"> | undefined {
  const line = trimAscii(text);
  if (line === "" || line.startsWith("#") || line.startsWith(";")) return undefined;
  const equals = line.indexOf("=");
  const left = trimAscii(equals < 0 ? line : line.slice(0, equals));
  if (equals < 0 && !left.startsWith("-")) return undefined;
  const key = normalise(left.startsWith("-") ? left.slice(1) : left);
  const value = equals < 0 ? undefined : trimAscii(line.slice(equals + 1));
  return { key, value, pattern: isPattern(key) };
}

/** The first separator tells: dots and slashes change places, or all stays. Source: sysctl.d(5). */
function normalise(key: string): string {
  const separator = /[/.]/.exec(key)?.[0];
  const swapped =
    separator === "." ? key.replace(/[/.]/g, (one) => (one === "." ? "/" : ".")) : key.replace(/^\/+/, "");
  return swapped.replace(/\/{2,}/g, "/");
}

/** `net/ipv6/conf/IFACE/PARAMETER`, or undefined for any other key. */
export function confKey(key: string): { readonly iface: string; readonly parameter: string } | undefined {
  const found = /^net\/ipv6\/conf\/([^/]+)\/(disable_ipv6|accept_ra|autoconf)$/.exec(key);
  return found?.[1] === undefined || found[2] === undefined
    ? undefined
    : { iface: found[1], parameter: found[2] };
}

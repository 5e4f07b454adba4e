import { sysctlValue } from "./integer.ts";
import { matchesPattern } from "./pattern.ts";

/** A shell line that has to do with disable_ipv6. */
export interface SwitchCommand {
  /** `all`, `default`, a name, or what stands for the interface at hand (`$IFACE`). */
  readonly iface: string | undefined;
  /** Undefined: what it writes, or whether, cannot be told. */
  readonly value: 0 | 1 | undefined;
}

const KEY = String.raw`net[./]ipv6[./]conf[./]([^\s=./]+|\$\{\w+\})[./]disable_ipv6`;
const SET = new RegExp(String.raw`^(?:/\S*/)?sysctl\s+(?:-\S+\s+)*["']?${KEY}\s*=\s*["']?(\S+?)["']?$`);
const ECHO = new RegExp(
  String.raw`^(?:/\S*/)?(?:echo|printf)\s+(?:-n\s+)?["']?(\S+?)["']?\s+>\s*["']?/proc/sys/${KEY}["']?$`,
);
const TEE = new RegExp(
  String.raw`^(?:/\S*/)?echo\s+["']?(\S+?)["']?\s*\|\s*(?:sudo\s+)?(?:/\S*/)?tee\s+["']?/proc/sys/${KEY}["']?(?:\s*>\s*/dev/null)?$`,
);

/** A line of tmpfiles.d. Source: tmpfiles.d(5). */
const TMPFILES = new RegExp(
  String.raw`^w[+!=~^$-]*\s+["']?/proc/sys/${KEY}["']?(?:\s+\S+){4}\s+["']?(\S+?)["']?$`,
);

/**
 * Understands the plain ways to write the switch (`sysctl -w KEY=1`, `echo 1 > /proc/sys/...`, both perhaps with
 * `|| true`); any other line that names it is known to touch it and no more. Undefined for other lines.
 */
export function switchCommand(line: string): SwitchCommand | undefined {
  if (/^\s*#/.test(line)) return undefined;
  if (!/disable_ip/.test(line))
    return standsForSwitch(line) ||
      (/net[./]ipv6/.test(line) && /disable_ip/.test(line.replace(/["'\\]/g, "")))
      ? { iface: undefined, value: undefined }
      : undefined;
  const plain = line
    .trim()
    .replace(/\s*(?:\|\|\s*(?:true|:)|2?>\s*\/dev\/null|;)\s*$/g, "")
    .replace(/^(?:sudo|-)\s*/, "")
    .trim();
  const set = SET.exec(plain);
  if (set) return { iface: set[1], value: asSwitch(set[2]) };
  const placed = TMPFILES.exec(plain);
  if (placed) return { iface: placed[1], value: asSwitch(placed[2]) };
  const written = ECHO.exec(plain) ?? TEE.exec(plain);
  if (written) return { iface: written[2], value: asSwitch(written[1]) };
  return { iface: undefined, value: undefined };
}

/** The last part of a key that a pattern of the shell, a variable or an escape stands for. */
const KEY_BY_PATTERN = /net([./])ipv6[./]conf[./][^\s./"';|&]+[./]([^\s./"';|&)=]*[*?[$\\][^\s/"';|&)=]*)/g;
/** Longer ones are taken for what may stand for it. */
const PATTERN_MAX = 256;

function standsForSwitch(line: string): boolean {
  return [...line.matchAll(KEY_BY_PATTERN)].some(
    ([, , last = ""]) =>
      /[$\\]/.test(last) || last.length > PATTERN_MAX || matchesPattern(last, "disable_ipv6"),
  );
}

/** What a value is to the kernel; undefined where that refuses it, or it cannot be told. */
export function asSwitch(text: string | undefined): 0 | 1 | undefined {
  const number = sysctlValue(text ?? "");
  return number === undefined ? undefined : number === 0 ? 0 : 1;
}

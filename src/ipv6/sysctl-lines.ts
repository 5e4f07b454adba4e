import type { Evidence } from "../model/locator.ts";
import { sysctlValue } from "./integer.ts";
import { evidenceIn, type TextFile } from "./lines.ts";

/** `net.ipv6.conf.IFACE.disable_ipv6 = VALUE` of a file that programs other than systemd-sysctl read line by line. */
export interface SwitchSetting {
  readonly iface: string;
  readonly value: 0 | 1;
  readonly evidence: Evidence;
}

/** What a `-` in front of the key is: procps' word for "never mind failures", to others a key that is not there. */
export type Dash = "-ignores-failure" | "-is-part-of-the-key";

export function switchSettings(file: TextFile, dash: Dash = "-ignores-failure"): readonly SwitchSetting[] {
  if (file.state !== "found") return [];
  return file.lines.flatMap((line) => {
    const match = /^\s*-?net[./]ipv6[./]conf[./]([^\s=]+?)[./]disable_ipv6\s*=\s*(.*?)\s*$/.exec(line.text);
    const number = sysctlValue(match?.[2] ?? "");
    if (match?.[1] === undefined || number === undefined) return [];
    if (dash === "-is-part-of-the-key" && line.text.trimStart().startsWith("-")) return [];
    return [{ iface: match[1], value: number === 0 ? 0 : 1, evidence: evidenceIn(file, line) }];
  });
}

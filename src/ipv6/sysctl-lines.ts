import type { Evidence } from "../model/locator.ts";
import { sysctlValue } from "./integer.ts";
import { evidenceIn, type TextFile } from "./lines.ts";

/** `net.ipv6.conf.IFACE.disable_ipv6 = VALUE` of a file that programs other than systemd-sysctl read line by line. */
export interface SwitchSetting {
  readonly iface: string;
  readonly value: 0 | 1;
  readonly evidence: Evidence;
}

export function switchSettings(file: TextFile): readonly SwitchSetting[] {
  if (file.state !== "found") return [];
  return file.lines.flatMap((line) => {
    const match = /^\s*-?net[./]ipv6[./]conf[./]([^\s=]+?)[./]disable_ipv6\s*=\s*(.*?)\s*$/.exec(line.text);
    const number = sysctlValue(match?.[2] ?? "");
    if (match?.[1] === undefined || number === undefined) return [];
    return [{ iface: match[1], value: number === 0 ? 0 : 1, evidence: evidenceIn(file, line) }];
  });
}

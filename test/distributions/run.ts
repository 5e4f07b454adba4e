import type { FlatFiles } from "../support/machine.ts";
import { truthTable } from "../support/truth-table.ts";

/** What becomes of IPv6 on a machine with these files, and by which source that is known. */
export type Case = readonly [name: string, files: FlatFiles, state: string, source: string];

/** Files that may not be executed, where nothing else is said of them. */
export function check(group: string, cases: readonly Case[]): void {
  truthTable(group, cases, 0o600);
}

const ALL = "net.ipv6.conf.all.disable_ipv6 = 1\n";
const DEFAULT = "net.ipv6.conf.default.disable_ipv6 = 1\n";
export const ALL_OFF: FlatFiles = { "/etc/sysctl.d/70-ipv6.conf": ALL };
/** As the guides for hardening say it. */
export const HARDENED: FlatFiles = { "/etc/sysctl.d/70-ipv6.conf": ALL + DEFAULT };
export const OFF_LINES: string = ALL + DEFAULT;

export function sysctl(text: string, path = "/etc/sysctl.d/70-ipv6.conf"): FlatFiles {
  return { [path]: text };
}

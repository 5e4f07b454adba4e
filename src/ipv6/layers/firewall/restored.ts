import type { Observations } from "../../../model/observations.ts";
import { textFile } from "../../lines.ts";
import { parseIp6tables } from "./ip6tables.ts";
import { judgeTables } from "./ruleset.ts";
import { type FirewallSource, firstFile, type SourceAnswer, shellValue, unread, unsure } from "./source.ts";

/** Files of ip6tables-save, and who loads them: netfilter-persistent (Debian), ip6tables.service (RHEL, Arch), OpenRC. */
const PERSISTENT = "/etc/iptables/rules.v6";
const PLUGIN = "/usr/share/netfilter-persistent/plugins.d/25-ip6tables";
const OPENRC = "/etc/conf.d/ip6tables";
const SERVICE_FILES = [
  "/etc/sysconfig/ip6tables",
  "/etc/iptables/ip6tables.rules",
  "/etc/iptables/rules6-save",
  "/var/lib/ip6tables/rules-save",
  "/etc/ip6tables/rules-save",
];

export const netfilterPersistent: FirewallSource = {
  kind: "ip6tables",
  units: ["netfilter-persistent.service", "iptables-persistent.service"],
  wants: () => [{ path: PERSISTENT }, { path: PLUGIN, what: "names" }],
  answer(observations, boot) {
    const file = textFile(observations, PERSISTENT);
    if (file.state === "absent")
      return {
        filters: false,
        why: `${PERSISTENT} is not there: only IPv4 has rules, if anything`,
        evidence: [{ locator: file.locator }],
        idle: true,
      };
    if (observations.entry(PLUGIN).state === "absent")
      return {
        filters: false,
        why: `netfilter-persistent has no plugin that loads ${PERSISTENT}`,
        evidence: [{ locator: file.locator }],
        idle: true,
      };
    return fromFile(observations, PERSISTENT, boot.nicNames);
  },
};

export const ip6tablesService: FirewallSource = {
  kind: "ip6tables",
  units: ["ip6tables.service"],
  wants: () => [...SERVICE_FILES, OPENRC].map((path) => ({ path })),
  answer(observations, boot) {
    const openrc = textFile(observations, OPENRC);
    const named = openrc.state === "found" ? shellValue(openrc.lines, "IP6TABLES_SAVE")?.value : undefined;
    const found = firstFile(observations, named === undefined ? SERVICE_FILES : [named, ...SERVICE_FILES]);
    if (!found)
      return {
        filters: false,
        why: "there are no rules that ip6tables.service could load",
        evidence: [],
        idle: true,
      };
    return fromFile(observations, found.path, boot.nicNames);
  },
};

function fromFile(observations: Observations, path: string, nicNames: readonly string[]): SourceAnswer {
  const file = textFile(observations, path);
  const failed = unread(path, file);
  if (failed || file.state !== "found") return failed ?? unsure(path, []);
  const tables = parseIp6tables(file.lines, file.locator);
  if ("why" in tables) {
    const { why, line } = tables;
    return unsure(`${path} could not be followed: ${why}`, [
      { locator: file.locator, line: line.number, text: line.text },
    ]);
  }
  return judgeTables(tables, nicNames);
}

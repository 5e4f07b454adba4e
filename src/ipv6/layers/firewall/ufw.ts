import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import { lineEvidence, type TextFile, textFile } from "../../lines.ts";
import { parseIp6tables } from "./ip6tables.ts";
import { type Chain, judgeTables, type Rule, type Table, type Verdict } from "./ruleset.ts";
import { type FirewallSource, type SourceAnswer, shellValue, unread, unsure } from "./source.ts";

const SWITCH = "/etc/ufw/ufw.conf";
const DEFAULTS = "/etc/default/ufw";
const RULES = ["/etc/ufw/before6.rules", "/etc/ufw/user6.rules", "/etc/ufw/after6.rules"];
/** Where ufw before 0.36 keeps the rules that `ufw allow` writes. */
const OLD_USER_RULES = "/lib/ufw/user6.rules";
const USER_CHAIN = "ufw6-user-input";

/**
 * ufw: the chains that ufw-init makes, filled from three files. With IPV6=no it turns IPv6 away altogether but on
 * the loopback. Source: ufw, src/ufw-init-functions.
 */
export const ufw: FirewallSource = {
  kind: "ufw",
  units: ["ufw.service"],
  wants: () => [SWITCH, DEFAULTS, ...RULES, OLD_USER_RULES].map((path) => ({ path })),
  answer(observations, boot) {
    const file = textFile(observations, SWITCH);
    const failed = unread(SWITCH, file);
    if (failed || file.state !== "found") return failed ?? unsure(SWITCH, []);
    const enabled = shellValue(file.lines, "ENABLED");
    if (!enabled || !isYes(enabled.value)) {
      const evidence = enabled ? [lineEvidence(file.locator, enabled.line)] : [{ locator: file.locator }];
      if (enabled && enabled.value === undefined)
        return unsure(`${SWITCH} does not tell whether ufw is enabled`, evidence);
      return { filters: false, why: "ufw is not enabled", evidence, idle: true };
    }
    return enabledUfw(observations, boot.nicNames);
  },
};

function isYes(value: string | undefined): boolean {
  return value === "yes" || value === "YES";
}

function enabledUfw(observations: Observations, nicNames: readonly string[]): SourceAnswer {
  const defaults = textFile(observations, DEFAULTS);
  const failed = unread(DEFAULTS, defaults);
  if (failed || defaults.state !== "found") return failed ?? unsure(DEFAULTS, []);
  const ipv6 = shellValue(defaults.lines, "IPV6");
  const line = (found: typeof ipv6): Evidence =>
    found ? lineEvidence(defaults.locator, found.line) : { locator: defaults.locator };
  if (ipv6 && ipv6.value === undefined) return unsure("IPV6 of ufw cannot be told", [line(ipv6)]);
  if (!isYes(ipv6?.value)) {
    const why = "ufw without IPV6=yes turns IPv6 away altogether, except on the loopback";
    return { filters: true, why, evidence: [line(ipv6)] };
  }
  const policy = shellValue(defaults.lines, "DEFAULT_INPUT_POLICY");
  const word = policy?.value;
  if (word !== "ACCEPT" && word !== "DROP" && word !== "REJECT")
    return unsure("the input policy of ufw cannot be told", [line(policy)]);
  const input: Chain = {
    rules: [],
    base: { hook: "input", policy: word === "ACCEPT" ? "accept" : "drop", evidence: line(policy) },
  };
  const table: Table = new Map([["INPUT", input]]);
  for (const path of RULES) {
    let file = textFile(observations, path);
    if (file.state === "absent" && path.includes("user6")) file = textFile(observations, OLD_USER_RULES);
    const refused = addRules(table, path, file);
    if (refused) return refused;
  }
  const always = (verdict: Verdict, evidence = line(policy)): Rule => ({
    branches: [{ test: () => "yes", verdict }],
    evidence,
  });
  const chain = (name: string): Chain => {
    const made = table.get(name) ?? { rules: [] };
    table.set(name, made);
    return made;
  };
  if (table.has(USER_CHAIN)) chain("ufw6-before-input").rules.push(always({ do: "jump", chain: USER_CHAIN }));
  chain("ufw6-skip-to-policy-input").rules.push(always({ do: word === "ACCEPT" ? "accept" : "drop" }));
  for (const name of ["ufw6-logging-deny", "ufw6-logging-allow"]) chain(name);
  for (const name of [
    "ufw6-before-logging-input",
    "ufw6-before-input",
    "ufw6-after-input",
    "ufw6-after-logging-input",
  ]) {
    chain(name);
    input.rules.push(always({ do: "jump", chain: name }));
  }
  return judgeTables([table], nicNames);
}

/** ip6tables-restore -n: chains that the file declares start empty, the others stay. */
function addRules(table: Table, path: string, file: TextFile): SourceAnswer | undefined {
  const failed = unread(path, file);
  if (failed || file.state !== "found") return failed ?? unsure(path, []);
  const found = parseIp6tables(file.lines, file.locator);
  if ("why" in found)
    return unsure(`${path} could not be followed: ${found.why}`, [lineEvidence(file.locator, found.line)]);
  for (const one of found) for (const [name, chain] of one) table.set(name, chain);
  return undefined;
}

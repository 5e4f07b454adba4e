import type { BootFacts } from "../../../model/boot.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import { isNic } from "../../conf.ts";
import { type Line, lineEvidence, type TextFile, textFile } from "../../lines.ts";
import { isPort, isSender } from "./packet.ts";
import { type FirewallSource, type SourceAnswer, unread, unsure } from "./source.ts";

const CONFIG = "/etc/firewalld/firewalld.conf";
const ZONES = ["/etc/firewalld/zones", "/usr/lib/firewalld/zones"];
const POLICIES = "/etc/firewalld/policies";
const DIRECT = "/etc/firewalld/direct.xml";
const FALLBACK_ZONE = "public";

/**
 * firewalld: the zone that the card falls into, and what the zone does with what it does not name. A target of
 * default, REJECT or DROP turns it away in both families. Source: firewalld.zone(5), firewalld.conf(5).
 */
export const firewalld: FirewallSource = {
  kind: "firewalld",
  units: ["firewalld.service", "dbus-org.fedoraproject.FirewallD1.service"],
  wants(observations) {
    const zone = zoneName(textFile(observations, CONFIG)).name;
    return [
      { path: CONFIG },
      { path: `${ZONES[0]}/*.xml` },
      { path: `${POLICIES}/*.xml` },
      { path: DIRECT },
      ...[zone, FALLBACK_ZONE].map((name) => ({ path: `${ZONES[1]}/${name}.xml` })),
    ];
  },
  answer(observations, boot) {
    const config = textFile(observations, CONFIG);
    if (config.state === "unreadable") return unread(CONFIG, config) ?? unsure(CONFIG, []);
    const open = elsewhere(observations, boot);
    if (open) return open;
    const named = zoneName(config);
    const zone = zoneFile(observations, named.name) ?? zoneFile(observations, FALLBACK_ZONE);
    if (!zone) return unsure(`the zone ${named.name} of firewalld is nowhere to be found`, named.evidence);
    return zoneAnswer(zone.name, zone.file, named.evidence);
  },
};

function zoneName(config: TextFile): { readonly name: string; readonly evidence: readonly Evidence[] } {
  if (config.state !== "found") return { name: FALLBACK_ZONE, evidence: [] };
  const line = config.lines.findLast(({ text }) => /^\s*DefaultZone\s*=/.test(text));
  const name = line?.text.replace(/^[^=]*=/, "").trim() ?? "";
  if (!line || !/^[A-Za-z0-9_-]+$/.test(name)) return { name: FALLBACK_ZONE, evidence: [] };
  return { name, evidence: [lineEvidence(config.locator, line)] };
}

function zoneFile(
  observations: Observations,
  name: string,
): { readonly name: string; readonly file: TextFile } | undefined {
  for (const folder of ZONES) {
    const file = textFile(observations, `${folder}/${name}.xml`);
    if (file.state !== "absent") return { name, file };
  }
  return undefined;
}

/** What else may take the card's packets before its zone does. */
function elsewhere(observations: Observations, boot: BootFacts): SourceAnswer | undefined {
  for (const folder of [ZONES[0] ?? "", POLICIES]) {
    const listed = observations.list(folder);
    if (listed.state === "unreadable")
      return unsure(`${folder} could not be listed: ${listed.reason}`, [{ locator: listed.locator }]);
    for (const { name } of listed.state === "found" ? listed.value : []) {
      if (!name.endsWith(".xml")) continue;
      const path = `${folder}/${name}`;
      const file = textFile(observations, path);
      const failed = unread(path, file);
      if (failed || file.state !== "found") return failed;
      const claimed =
        folder === POLICIES ? policyOpens(file) : zoneClaims(name.slice(0, -".xml".length), file, boot);
      if (claimed) return claimed;
    }
  }
  const direct = textFile(observations, DIRECT);
  if (direct.state === "unreadable") return unread(DIRECT, direct);
  const line =
    direct.state === "found"
      ? elements(direct).find(
          ({ name, attributes }) =>
            /^(rule|passthrough|chain)$/.test(name) && attributes.get("ipv") === "ipv6",
        )
      : undefined;
  if (line && direct.state === "found")
    return unsure("direct rules of firewalld for IPv6 come before its zones", [
      lineEvidence(direct.locator, line.line),
    ]);
  return undefined;
}

/** A zone that names the card, or everybody as its source, is the one that counts. */
function zoneClaims(
  zone: string,
  file: Extract<TextFile, { state: "found" }>,
  boot: BootFacts,
): SourceAnswer | undefined {
  for (const { name, attributes, line } of elements(file)) {
    const isCard = name === "interface" ? isNic(attributes.get("name") ?? "", boot.nicNames) : "no";
    const isEverybody =
      name === "source" && attributes.has("address") ? isSender(attributes.get("address") ?? "") : "no";
    if (isCard === "yes" || isEverybody === "yes")
      return zoneAnswer(zone, file, [lineEvidence(file.locator, line)]);
    const own = zoneAnswer(zone, file, [lineEvidence(file.locator, line)]);
    if (
      (isCard === "maybe" || (isEverybody === "maybe" && attributes.get("address")?.includes(":"))) &&
      own.filters !== true
    )
      return unsure(
        `whether the card is in the zone ${zone} of firewalld depends on its name or address`,
        own.evidence,
      );
  }
  return undefined;
}

function policyOpens(file: Extract<TextFile, { state: "found" }>): SourceAnswer | undefined {
  const all = elements(file);
  const policy = all.find(({ name }) => name === "policy");
  const toHost = all.some(
    ({ name, attributes }) => name === "egress-zone" && /^(HOST|ANY)$/.test(attributes.get("name") ?? ""),
  );
  if (!policy || !toHost || policy.attributes.get("target") !== "ACCEPT") return undefined;
  return unsure("a policy of firewalld lets in what comes from its zones", [
    lineEvidence(file.locator, policy.line),
  ]);
}

function zoneAnswer(zone: string, file: TextFile, chosenBy: readonly Evidence[]): SourceAnswer {
  const failed = unread(`the zone ${zone}`, file);
  if (failed || file.state !== "found") return failed ?? unsure(zone, []);
  const all = elements(file);
  const root = all.find(({ name }) => name === "zone");
  if (!root) return unsure(`the zone ${zone} of firewalld is not a zone file`, [{ locator: file.locator }]);
  const evidence = [...chosenBy, lineEvidence(file.locator, root.line)];
  const target = root.attributes.get("target") ?? "default";
  const wide = all.find(
    ({ name, attributes }) => name === "port" && isPort(attributes.get("port") ?? "") !== "no",
  );
  if (wide)
    return unsure(`the zone ${zone} of firewalld opens half of all ports or more`, [
      lineEvidence(file.locator, wide.line),
    ]);
  const rich = all.find(
    ({ name, attributes }, i) =>
      name === "rule" && attributes.get("family") !== "ipv4" && opensAll(all.slice(i + 1)),
  );
  if (rich)
    return unsure(`a rich rule in the zone ${zone} of firewalld may let everything in`, [
      lineEvidence(file.locator, rich.line),
    ]);
  switch (target) {
    case "ACCEPT":
      return {
        filters: false,
        why: `firewalld puts the card in the zone ${zone}, which accepts everything`,
        evidence,
      };
    case "default":
    case "DROP":
    case "REJECT":
    case "%%REJECT%%":
      return {
        filters: true,
        why: `firewalld puts the card in the zone ${zone}, which turns away what it does not name`,
        evidence,
      };
    default:
      return unsure(`the zone ${zone} of firewalld has the target ${target}`, evidence);
  }
}

/** A rich rule that accepts and has neither a sender nor anything else that narrows it. */
function opensAll(after: readonly Element[]): boolean {
  const end = after.findIndex(({ name }) => name === "/rule");
  const inside = after.slice(0, end < 0 ? after.length : end).map(({ name }) => name);
  return (
    inside.includes("accept") &&
    !inside.some((name) =>
      /^(service|port|protocol|icmp-type|icmp-block|source-port|forward-port|masquerade|source)$/.test(name),
    )
  );
}

interface Element {
  /** `/name` for an end tag. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly line: Line;
}

/** Tags of a small XML file, comments left out. Tags may not span lines that are longer than this reads. */
function elements({ lines }: Extract<TextFile, { state: "found" }>): readonly Element[] {
  const starts: number[] = [];
  let text = "";
  for (const line of lines) {
    starts.push(text.length);
    text += `${line.text}\n`;
  }
  const found: Element[] = [];
  let index = 0;
  const plain = text.replace(/<!--[\s\S]*?(?:-->|$)/g, (comment) => comment.replace(/[^\n]/g, " "));
  for (const tag of plain.matchAll(/<(\/?[A-Za-z][\w-]*)([^<>]*)>/g)) {
    while ((starts[index + 1] ?? Number.POSITIVE_INFINITY) <= tag.index) index++;
    const attributes = new Map<string, string>();
    for (const [, name = "", double, single] of (tag[2] ?? "").matchAll(
      /([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
    ))
      attributes.set(name, double ?? single ?? "");
    const line = lines[index];
    if (line) found.push({ name: tag[1] ?? "", attributes, line });
  }
  return found;
}

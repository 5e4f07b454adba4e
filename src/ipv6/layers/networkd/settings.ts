import type { Addressing } from "../../../model/prediction.ts";
import { type Assignment, parseBoolean } from "./parse.ts";

/** What a .network file with its drop-ins makes of a card, as far as IPv6 goes. */
export interface NetworkSettings {
  readonly unmanaged: boolean;
  /** IPv6 link-local addressing is wanted: what makes networkd switch IPv6 on. */
  readonly linkLocal: boolean;
  /** Why `linkLocal` is what it is; undefined when it is the default. */
  readonly linkLocalBy: Assignment | undefined;
  /** A static setting of family IPv6, which does so, too. */
  readonly staticBy: Assignment | undefined;
  /** The card belongs to a bond, a bridge or the like: that one has the addresses. */
  readonly master: string | undefined;
  readonly addressing: Addressing;
}

/**
 * Source: systemd.network(5); systemd, src/network/networkd-network.c (network_verify) and networkd-link.c
 * (link_ipv6_enabled).
 */
export function settingsOf(assignments: readonly Assignment[]): NetworkSettings {
  const last = (section: string, key: string): Assignment | undefined =>
    assignments.findLast((one) => one.section === section && one.key === key);
  const flag = (section: string, key: string): boolean | undefined => boolOf(assignments, section, key);
  const bond = nonEmpty(last("Network", "Bond"));
  const bridge = nonEmpty(last("Network", "Bridge"));
  const local = assignments.findLast(
    (one) =>
      one.section === "Network" && one.key === "LinkLocalAddressing" && familyOf(one.value) !== undefined,
  );
  const byDefault = !bond && !bridge && flag("Network", "KeepMaster") !== true;
  const wanted = local ? (familyOf(local.value) ?? byDefault) : byDefault;
  const mode = last("Network", "IPv6LinkLocalAddressGenerationMode");
  const linkLocal = wanted && !bond && mode?.value !== "none";
  const fixed = bond ? undefined : staticIpv6(assignments);
  return {
    unmanaged: flag("Link", "Unmanaged") === true,
    linkLocal,
    linkLocalBy: wanted && mode?.value === "none" ? mode : local,
    staticBy: fixed,
    master: bond?.value ?? bridge?.value,
    addressing: addressing(assignments, linkLocal, fixed),
  };
}

function addressing(
  assignments: readonly Assignment[],
  linkLocal: boolean,
  fixed: Assignment | undefined,
): Addressing {
  if (fixed?.key === "Address" && fixed.section !== "Neighbor") return "static";
  if (!linkLocal) return "none";
  const dhcp = assignments.findLast(
    (one) => one.section === "Network" && one.key === "DHCP" && dhcpOf(one.value) !== undefined,
  );
  if (dhcp && dhcpOf(dhcp.value)) return "dhcpv6";
  const forwards =
    assignments.some(
      ({ section, key, value }) =>
        section === "Network" && key === "IPForward" && (value === "ipv6" || parseBoolean(value) === true),
    ) || boolOf(assignments, "Network", "IPv6Forwarding") === true;
  const accepts =
    boolOf(assignments, "Network", "IPv6AcceptRA") ??
    boolOf(assignments, "Network", "IPv6AcceptRouterAdvertisements") ??
    !forwards;
  if (!accepts || boolOf(assignments, "IPv6AcceptRA", "UseAutonomousPrefix") === false) return "link-local";
  return "slaac";
}

/** The last assignment that is a boolean: others are refused and change nothing. */
function boolOf(assignments: readonly Assignment[], section: string, key: string): boolean | undefined {
  return assignments
    .filter((one) => one.section === section && one.key === key)
    .map(({ value }) => parseBoolean(value))
    .findLast((value) => value !== undefined);
}

function nonEmpty(one: Assignment | undefined): Assignment | undefined {
  return one && one.value !== "" ? one : undefined;
}

/** Whether the value of LinkLocalAddressing asks for IPv6; undefined when systemd does not know it. */
function familyOf(value: string): boolean | undefined {
  const bool = parseBoolean(value);
  if (bool !== undefined) return bool;
  return { ipv6: true, ipv4: false, "ipv4-fallback": false, fallback: true }[value];
}

/** Whether DHCP= asks for DHCPv6. */
function dhcpOf(value: string): boolean | undefined {
  const bool = parseBoolean(value);
  if (bool !== undefined) return bool;
  return { ipv6: true, ipv4: false, both: true, v4: false, v6: true, none: false }[value];
}

/** Sections whose entries count as a static IPv6 setting, and the keys that tell the family. */
const STATIC: Readonly<Record<string, readonly string[]>> = {
  Address: ["Address"],
  Route: ["Gateway", "Destination", "Source", "PreferredSource"],
  Neighbor: ["Address"],
  BridgeFDB: ["Destination"],
  BridgeMDB: ["MulticastGroupAddress"],
  IPv6AddressLabel: ["Prefix"],
  IPv6Prefix: ["Prefix"],
  IPv6RoutePrefix: ["Route"],
  IPv6PREF64Prefix: ["Prefix"],
};

function staticIpv6(assignments: readonly Assignment[]): Assignment | undefined {
  const found: Assignment[] = [];
  let reset: Assignment | undefined;
  for (const one of assignments) {
    const { section, key, value } = one;
    if (section === "Network" && (key === "Address" || key === "Gateway")) {
      if (value === "") reset = one;
      else if (isIpv6(value) || value === "_ipv6ra") found.push(one);
    } else if (STATIC[section]?.includes(key) === true && (isIpv6(value) || value === "_ipv6ra")) {
      found.push(one);
    }
  }
  const kept = reset
    ? found.filter((one) => one.key !== reset.key || isAfter(one, reset, assignments))
    : found;
  return kept.find(({ key }) => key === "Address") ?? kept[0];
}

function isAfter(one: Assignment, other: Assignment, all: readonly Assignment[]): boolean {
  return all.indexOf(one) > all.indexOf(other);
}

/** Good enough to tell the family: a colon, hexadecimal groups, perhaps a prefix length. */
export function isIpv6(value: string): boolean {
  return /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%\w+)?(\/\d{1,3})?$/.test(value) && value.split(":").length >= 3;
}

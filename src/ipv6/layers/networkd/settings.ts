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

/** Versions in which a rule changed, as tried with 245, 247, 249, 252, 255 and 257. */
const SINCE = {
  radvPrefixIgnored: 247,
  generationMode: 248,
  activationPolicy: 248,
  keepMaster: 250,
  addressReset: 257,
};

/**
 * Source: systemd.network(5); systemd, src/network/networkd-network.c (network_verify) and networkd-link.c
 * (link_ipv6_enabled).
 */
export function settingsOf(assignments: readonly Assignment[], version: number): NetworkSettings {
  const last = (section: string, key: string): Assignment | undefined =>
    assignments.findLast((one) => one.section === section && one.key === key);
  const flag = (section: string, key: string): boolean | undefined => boolOf(assignments, section, key);
  const bond = nonEmpty(last("Network", "Bond"));
  const bridge = nonEmpty(last("Network", "Bridge"));
  const local = assignments.findLast(
    (one) =>
      one.section === "Network" &&
      one.key === "LinkLocalAddressing" &&
      familyOf(one.value, version) !== undefined,
  );
  const byDefault =
    !bond && !bridge && !(version >= SINCE.keepMaster && flag("Network", "KeepMaster") === true);
  const wanted = local ? (familyOf(local.value, version) ?? byDefault) : byDefault;
  const mode = last("Network", "IPv6LinkLocalAddressGenerationMode");
  const noMode = version >= SINCE.generationMode && mode?.value === "none";
  const linkLocal = wanted && !bond && !noMode;
  // 246 and 247 know the mode and switch IPv6 on all the same.
  const bare = version >= SINCE.generationMode - 2 && mode?.value === "none";
  const fixed = bond ? undefined : staticIpv6(assignments, version);
  return {
    unmanaged: flag("Link", "Unmanaged") === true,
    linkLocal,
    linkLocalBy: wanted && noMode ? mode : local,
    staticBy: fixed,
    master: bond?.value ?? bridge?.value,
    addressing: isDown(assignments, version) ? "none" : addressing(assignments, linkLocal && !bare, fixed),
  };
}

function isDown(assignments: readonly Assignment[], version: number): boolean {
  const policy = assignments.findLast(({ section, key }) => section === "Link" && key === "ActivationPolicy");
  return version >= SINCE.activationPolicy && policy?.value.endsWith("down") === true;
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
function familyOf(value: string, version: number): boolean | undefined {
  const bool = parseBoolean(value);
  if (bool !== undefined) return bool;
  if (version < SINCE.generationMode && value === "ipv4-fallback") return false;
  // The last is an old word for both families.
  return { ipv6: true, ipv4: false, fallback: true }[value];
}

/** Whether DHCP= asks for DHCPv6. */
function dhcpOf(value: string): boolean | undefined {
  const bool = parseBoolean(value);
  if (bool !== undefined) return bool;
  return { ipv6: true, ipv4: false, both: true, v4: false, v6: true, none: false }[value];
}

/** Sections whose entries count as a static IPv6 setting: the keys that tell the family, and what must be there. */
const STATIC: Readonly<Record<string, { readonly family: readonly string[]; readonly needs?: string }>> = {
  Address: { family: ["Address"] },
  Route: { family: ["Gateway", "Destination", "Source", "PreferredSource"] },
  Neighbor: { family: ["Address"], needs: "LinkLayerAddress" },
  BridgeFDB: { family: ["Destination"], needs: "MACAddress" },
  BridgeMDB: { family: ["MulticastGroupAddress"] },
  IPv6AddressLabel: { family: ["Prefix"], needs: "Label" },
};

function staticIpv6(assignments: readonly Assignment[], version: number): Assignment | undefined {
  const reset = assignments.findLastIndex(
    ({ section, key, value }) => section === "Network" && key === "Address" && value === "",
  );
  const set = new Set(
    assignments.flatMap(({ block, key, value }) => (value === "" ? [] : `${block} ${key}`)),
  );
  const found = assignments.filter(({ section, block, key, value }, index) => {
    if (!isIpv6(value)) return false;
    if (section === "IPv6Prefix" && key === "Prefix") return version < SINCE.radvPrefixIgnored;
    const gone = version >= SINCE.addressReset && index < reset;
    if (section === "Network" && key === "Address") return !gone;
    if (section === "Network") return key === "Gateway";
    const { family = [], needs } = STATIC[section] ?? {};
    return family.includes(key) && (needs === undefined || set.has(`${block} ${needs}`));
  });
  return found.find(({ key, section }) => key === "Address" && section !== "Neighbor") ?? found[0];
}

/** Good enough to tell the family: a colon, hexadecimal groups, perhaps a prefix length. */
export function isIpv6(value: string): boolean {
  return /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%\w+)?(\/\d{1,3})?$/.test(value) && value.split(":").length >= 3;
}

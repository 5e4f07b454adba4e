import { NIC_MAC } from "../../nic.ts";
import { child, scalarOf, scalarsOf, type Yaml } from "../../yaml.ts";
import { type Family, familyOf, familyOfNetwork } from "./addresses.ts";

/*
 * What netplan refuses. Since 1.1 it leaves out the rest of a definition at boot and writes what stands before it, with IPv6 on where
 * `link-local` comes later; before, it writes nothing. So whatever is not known to be valid for every version is
 * refused here. Source: netplan-yaml(5); netplan, src/parse.c and src/validation.c.
 */

const BOOL = /^(?:true|on|yes|y|false|off|no|n)$/i;
const INT = /^\d{1,9}$/;
const MAC = /^[\da-f]{2}(?::[\da-f]{2}){5}(?:(?::[\da-f]{2}){14})?$/i;

type Check = (value: Yaml) => boolean;

const matches =
  (pattern: RegExp): Check =>
  (value) =>
    pattern.test(scalarOf(value) ?? "");
const listOf =
  (check: Check): Check =>
  (value) =>
    value.kind === "list" && value.items.every(check);
const mapOf =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    value.kind === "map" && value.entries.every((one) => checks[one.key]?.(one.value) ?? false);
const anything: Check = () => true;
const text: Check = (value) => (scalarOf(value) ?? "") !== "";
const address =
  (family?: Family): Check =>
  (value) => {
    const found = familyOf(scalarOf(value) ?? "");
    return found !== undefined && (family === undefined || found === family);
  };

const OPTIONS = mapOf({
  label: (value) => text(value) && (scalarOf(value) ?? "").length <= 15,
  lifetime: matches(/^(?:0|forever)$/),
});
const isAddress: Check = (value) => {
  if (value.kind !== "map") return familyOfNetwork(scalarOf(value) ?? "") !== undefined;
  const [only, ...more] = value.entries;
  return (
    only !== undefined && more.length === 0 && familyOfNetwork(only.key) !== undefined && OPTIONS(only.value)
  );
};

const bool = matches(BOOL);
const int = matches(INT);
const OVERRIDES = mapOf({
  hostname: text,
  "route-metric": int,
  "send-hostname": bool,
  "use-dns": bool,
  "use-domains": matches(new RegExp(`${BOOL.source}|^route$`, "i")),
  "use-hostname": bool,
  "use-mtu": bool,
  "use-ntp": bool,
  "use-routes": bool,
});

const ROUTE = mapOf({
  "advertised-receive-window": int,
  "congestion-window": int,
  from: anything,
  metric: int,
  mtu: int,
  "on-link": bool,
  scope: matches(/^(?:global|link|host)$/),
  table: int,
  to: anything,
  type: matches(
    /^(?:unicast|anycast|blackhole|broadcast|local|multicast|nat|prohibit|throw|unreachable|xresolve)$/,
  ),
  via: anything,
});

/** All of one family, and either with a gateway or none that needs it. */
const isRoute: Check = (value) => {
  if (!ROUTE(value)) return false;
  const said = (key: string): string => scalarOf(child(value, key)) ?? "";
  const [to, via, from] = [said("to"), said("via"), said("from")];
  const isDefault = to === "default";
  const given = [...(isDefault ? [] : [to]), via, from].filter((one, index) => one !== "" || index === 0);
  const families = given
    .filter((one) => one !== "")
    .map((one) => (one.includes("/") ? familyOfNetwork(one) : familyOf(one)));
  const isDirect = /^(?:link|host)$/.test(said("scope")) || !/^(?:unicast)?$/.test(said("type"));
  return (
    to !== "" &&
    (via !== "" || (isDirect && !isDefault)) &&
    new Set(families).size === 1 &&
    !families.includes(undefined)
  );
};

const POLICY = mapOf({
  from: anything,
  mark: int,
  priority: int,
  table: int,
  to: anything,
  "type-of-service": int,
});
const isPolicy: Check = (value) => {
  const ends = ["from", "to"].flatMap((key) => scalarOf(child(value, key)) ?? []);
  const families = ends.map((one) => (one.includes("/") ? familyOfNetwork(one) : familyOf(one)));
  return POLICY(value) && new Set(families).size === 1 && !families.includes(undefined);
};

/** Of any interface, as netplan has had them since 0.104. */
const CHECKS: Readonly<Record<string, Check>> = {
  "accept-ra": bool,
  "activation-mode": anything,
  addresses: listOf(isAddress),
  auth: (value) => value.kind === "map",
  critical: bool,
  "delay-virtual-functions-rebind": bool,
  "dhcp-identifier": matches(/^(?:mac|duid)$/),
  dhcp4: bool,
  "dhcp4-overrides": OVERRIDES,
  dhcp6: bool,
  "dhcp6-overrides": OVERRIDES,
  "emit-lldp": bool,
  gateway4: address(4),
  gateway6: address(6),
  "generic-receive-offload": bool,
  "generic-segmentation-offload": bool,
  "ignore-carrier": bool,
  "ipv6-address-generation": matches(/^(?:eui64|stable-privacy)$/),
  "ipv6-address-token": address(6),
  "ipv6-mtu": int,
  "ipv6-privacy": bool,
  "large-receive-offload": bool,
  "link-local": anything,
  macaddress: matches(MAC),
  match: mapOf({
    driver: (value) => text(value) || listOf(text)(value),
    // What the cloud says of the card that is being tried.
    macaddress: (value) => scalarOf(value) === NIC_MAC || matches(MAC)(value),
    name: text,
  }),
  mtu: int,
  nameservers: mapOf({ addresses: listOf(address()), search: listOf(text) }),
  networkmanager: mapOf({
    device: text,
    name: text,
    passthrough: (value) => value.kind === "map" && value.entries.every((one) => one.value.kind === "scalar"),
    "stable-id": text,
    uuid: text,
  }),
  optional: bool,
  "optional-addresses": listOf(matches(/^(?:ipv4-ll|ipv6-ra|dhcp4|dhcp6|static)$/)),
  "receive-checksum-offload": bool,
  renderer: anything,
  routes: listOf(isRoute),
  "routing-policy": listOf(isPolicy),
  "set-name": text,
  "tcp-segmentation-offload": bool,
  "tcp6-segmentation-offload": bool,
  "transmit-checksum-offload": bool,
  "virtual-function-count": int,
  wakeonlan: bool,
};

/** Of those that are no Ethernet cards; their values are believed. */
const FURTHER = new Set(
  (
    "access-points ageing-time apn auto-config bonding device-id id interfaces key keys link local mark mode network-id number " +
    "parameters password peers pin port regulatory-domain remote sim-id sim-operator-id table ttl username wakeonwlan " +
    "mac-learning arp-proxy notifications link-local"
  ).split(" "),
);

/** Newer than some versions that are in use. */
const NEWER = new Set(["dummy-devices", "virtual-ethernets", "vrfs"]);

/** Why netplan may refuse a setting of an interface. */
export function refusalOf(type: string, key: string, value: Yaml): string | undefined {
  if (type !== "ethernets" && FURTHER.has(key)) return undefined;
  const check = Object.hasOwn(CHECKS, key) ? CHECKS[key] : undefined;
  if (check === undefined) return `unknown key '${key}'`;
  return check(value) ? undefined : `invalid value for ${key}`;
}

/** The same of a whole interface. */
export function refusalOfInterface(type: string, id: string, settings: Yaml): string | undefined {
  if (!/^[\w.:@*+-]+$/.test(id)) return `invalid name '${id.slice(0, 40)}'`;
  if (NEWER.has(type)) return `not every version knows ${type}`;
  if (type === "vlans" && !INT.test(scalarOf(child(settings, "id")) ?? "")) return `${id}: missing 'id'`;
  const token = child(settings, "ipv6-address-token");
  if (token && child(settings, "ipv6-address-generation"))
    return `${id}: ipv6-address-generation and ipv6-address-token exclude each other`;
  return undefined;
}

/** Interfaces that another one speaks of: they have to be defined in the same file, or before. */
export function namedBy(type: string, settings: Yaml): readonly string[] {
  if (type === "vlans") return scalarsOf(child(settings, "link"));
  return type === "bonds" || type === "bridges" ? scalarsOf(child(settings, "interfaces")) : [];
}

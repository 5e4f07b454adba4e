import type { KeyfileEntry } from "../../keyfile.ts";

/*
 * What makes NetworkManager refuse a profile that has IPv6 off, or keeps it from ever being active: then it makes one of
 * its own, with IPv6 on. Tried with 1.42, whose rules are not those of every version: such a profile is doubted, and not
 * taken for none. Source: libnm-core-impl, `verify` of each setting.
 */

const UUID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{40})$/i;
/** Without a meaning where there are no addresses, and refused there. */
const OF_ADDRESSES = /^(?:address(?:es)?\d*|dns|dns-search|gateway|token|routes?\d*)$/;
const IPV4_METHODS: ReadonlySet<string> = new Set(["auto", "manual", "disabled", "link-local", "shared"]);
const IPV4_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}(?:[/,;\s]|$)/;
/** Of `[match]`: what is compared with the card. */
const MATCHES: ReadonlySet<string> = new Set(["", "interface-name", "driver", "kernel-command-line"]);

/** Why a profile with `ipv6.method` disabled or ignore may not hold; undefined: nothing is known against it. */
export function refusalOf(entries: readonly KeyfileEntry[]): string | undefined {
  const has = (group: string): boolean => entries.some((one) => one.group === group);
  const value = (group: string, key: string): string | undefined =>
    entries.findLast((one) => one.group === group && one.key === key)?.value;
  const uuid = value("connection", "uuid");
  if (uuid !== undefined && !UUID.test(uuid)) return `"${uuid}" is no UUID`;
  const extra = entries.find((one) => one.group === "ipv6" && one.value !== "" && OF_ADDRESSES.test(one.key));
  if (extra) return `ipv6.${extra.key} is not allowed with that method`;
  if (has("802-1x")) return "its card has to be let in by 802.1X first";
  const port = value("connection", "slave-type") ?? value("connection", "port-type");
  if (port) return `it is for a port of a ${port}, and names none`;
  const match = entries.find((one) => one.group === "match" && !MATCHES.has(one.key));
  if (match) return `whether match.${match.key} fits is not known`;
  const subchannels = entries.find((one) => one.group.endsWith("ethernet") && one.key === "s390-subchannels");
  if (subchannels?.value) return "it is for a card of s390x";
  return ipv4Refusal(entries, value("ipv4", "method"));
}

function ipv4Refusal(entries: readonly KeyfileEntry[], method: string | undefined): string | undefined {
  const own = entries.filter(({ group }) => group === "ipv4");
  if (own.length === 0) return undefined;
  if (method === undefined) return "[ipv4] has no method";
  if (!IPV4_METHODS.has(method)) return `unknown ipv4.method "${method}"`;
  const addresses = own.filter(({ key }) => /^address(?:es)?\d*$/.test(key));
  const hasAddress = addresses.some(({ value }) => IPV4_ADDRESS.test(value));
  if (method === "manual" && !hasAddress) return "ipv4.method manual without an address";
  const gateway = own.some(({ key, value }) => key === "gateway" && value !== "");
  if (gateway && !hasAddress) return "ipv4.gateway without an address";
  const extra = own.find(({ key, value }) => value !== "" && /^(?:address|dns$)/.test(key));
  return method === "disabled" && extra
    ? `ipv4.${extra.key} is not allowed with ipv4.method disabled`
    : undefined;
}

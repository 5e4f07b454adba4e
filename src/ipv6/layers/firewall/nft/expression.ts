import { all, entersBy, hasProtocol, isOwnAddress, isPort, isSender } from "../packet.ts";
import type { Packet, Tri } from "../ruleset.ts";

/** How the packet answers `selector value`. Source: nft(8), "EXPRESSIONS". */

const LAYER_4 = new Set([
  "tcp",
  "udp",
  "udplite",
  "sctp",
  "dccp",
  "th",
  "@th",
  "icmpv6",
  "icmp",
  "igmp",
  "ah",
  "esp",
  "comp",
]);
/** Keys of `meta` that may stand without it. */
const BARE_META = new Set([
  "iif",
  "iifname",
  "iifgroup",
  "iiftype",
  "oif",
  "oifname",
  "oiftype",
  "oifgroup",
  "skuid",
  "skgid",
  "mark",
  "nftrace",
  "rtclassid",
  "nfproto",
  "l4proto",
  "protocol",
  "pkttype",
  "cpu",
  "cgroup",
  "length",
  "priority",
  "time",
  "hour",
  "day",
]);
const TWO_WORDS = new Set([
  "ct",
  "ip",
  "ip6",
  "arp",
  "ether",
  "vlan",
  "rt",
  "socket",
  "osf",
  "exthdr",
  "frag",
  "hbh",
  "dst",
  "mh",
  "srh",
  "ipsec",
  ...LAYER_4,
]);

/** Fields of the headers that rules name most; other headers may have any. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  ct: /^(state|status|direction|mark|expiration|helper|label|l3proto|protocol|bytes|packets|avgpkt|zone|id|count|original|reply|secmark)$/,
  ip: /^(version|hdrlength|dscp|ecn|length|id|frag-off|ttl|protocol|checksum|saddr|daddr)$/,
  ip6: /^(version|dscp|ecn|flowlabel|length|nexthdr|hoplimit|saddr|daddr)$/,
  tcp: /^(sport|dport|sequence|ackseq|doff|reserved|flags|window|checksum|urgptr)$/,
  udp: /^(sport|dport|length|checksum)$/,
  th: /^(sport|dport)$/,
  icmp: /^(type|code|checksum|id|sequence|mtu|gateway)$/,
  icmpv6: /^(type|code|checksum|parameter-problem|packet-too-big|id|sequence|max-delay|taddr|daddr)$/,
  ether: /^(saddr|daddr|type)$/,
};
const META =
  /^(length|protocol|priority|mark|iif|oif|iifname|oifname|iiftype|oiftype|iifgroup|oifgroup|skuid|skgid|nftrace|rtclassid|secmark|pkttype|cpu|cgroup|random|nfproto|l4proto|ipsec|time|day|hour|sdif|sdifname|iifkind|oifkind|ibrname|obrname)$/;

/** How many words a selector takes, or 0 when the words start none. */
export function selectorLength(words: readonly string[]): number {
  const [first = "", second = ""] = words;
  if (first === "meta") return META.test(second) ? 2 : 0;
  const fields = FIELDS[first];
  if (fields && !fields.test(second)) return 0;
  if (first === "fib") return fibLength(words);
  if (BARE_META.has(first)) return 1;
  if (first === "ct")
    return second === "original" || second === "reply"
      ? /^(ip6?|bytes|packets|avgpkt)$/.test(words[2] ?? "")
        ? 4
        : 3
      : 2;
  return TWO_WORDS.has(first) && second !== "" ? 2 : 0;
}

/** `fib saddr . iif oif`, `fib daddr . mark type`. */
function fibLength(words: readonly string[]): number {
  let at = 2;
  while (words[at] === ".") at += 2;
  return at + 1;
}

/**
 * A layer that this packet does not have fails the rule whatever is compared: nft adds the test itself. Undefined
 * when the layer is there, or there is none to have.
 */
export function dependency(selector: readonly string[], packet: Packet): Tri {
  const [first = ""] = selector;
  if (first === "ip" || first === "arp" || first === "vlan") return "no";
  if (!LAYER_4.has(first) || first === "th" || first === "@th") return "yes";
  return hasProtocol(packet, first);
}

/** One value that stands for itself: not a set, not negated. */
export function matchesValue(selector: readonly string[], value: string, packet: Packet): Tri {
  const [first = "", second = ""] = selector;
  const key = first === "meta" ? second : first;
  switch (key) {
    case "nfproto":
      return same(value, "ipv6", "10");
    case "protocol":
      return same(value, "ip6", "ipv6", "0x86dd");
    case "l4proto":
      return hasProtocol(packet, value);
    case "iif":
    case "iifname":
      return entersBy(packet, value);
    case "oif":
    case "oifname":
    case "skuid":
    case "skgid":
      return "no";
    case "pkttype":
      return same(value, "host", "unicast");
    case "ether":
      return second === "type" ? same(value, "ip6", "ipv6", "0x86dd") : "maybe";
    case "ct":
      return conntrack(second, value);
    case "ip6":
      return header(second, value, packet);
    case "fib":
      return routing(selector, value);
    case "exthdr":
    case "frag":
    case "hbh":
    case "dst":
    case "mh":
    case "rt":
    case "srh":
      return "no";
    default:
      return LAYER_4.has(key) ? transport(second, value) : "maybe";
  }
}

function same(value: string, ...wanted: readonly string[]): Tri {
  return wanted.includes(value.toLowerCase()) ? "yes" : "no";
}

function conntrack(key: string, value: string): Tri {
  if (key === "state")
    return value === "new" ? "yes" : /^(invalid|established|related|untracked)$/.test(value) ? "no" : "maybe";
  if (key === "status")
    return /^(expected|seen-reply|assured|confirmed|snat|dnat|dying)$/.test(value) ? "no" : "maybe";
  if (key === "direction") return same(value, "original");
  return "maybe";
}

function header(field: string, value: string, packet: Packet): Tri {
  if (field === "nexthdr") return hasProtocol(packet, value);
  if (field === "saddr") return isSender(value);
  if (field === "daddr") return isOwnAddress(value);
  return field === "version" ? same(value, "6") : "maybe";
}

function transport(field: string, value: string): Tri {
  if (field === "dport" || field === "sport") return isPort(value);
  return "maybe";
}

/** Its sender is reached the way it came, and it is meant for this machine. */
function routing(selector: readonly string[], value: string): Tri {
  const result = selector.at(-1);
  const asksSender = selector[1] === "saddr";
  if (result === "type") return same(value, asksSender ? "unicast" : "local");
  if (result === "oif" && asksSender)
    return /^(missing|0)$/.test(value) ? "no" : value === "exists" ? "yes" : "maybe";
  return "maybe";
}

/** The first packet of a TCP connection has SYN and nothing else. */
export function matchesFlags(mask: readonly string[] | undefined, value: readonly string[]): Tri {
  const known = /^(fin|syn|rst|psh|ack|urg|ecn|cwr|0|0x0)$/;
  if (![...(mask ?? []), ...value].every((one) => known.test(one))) return "maybe";
  const flags = value.filter((one) => !one.startsWith("0"));
  if (mask === undefined) return flags.includes("syn") ? "yes" : "no";
  const seen = mask.includes("syn") ? ["syn"] : [];
  return seen.length === flags.length && seen.every((one) => flags.includes(one)) ? "yes" : "no";
}

/** Several selectors joined by dots, and a value with as many parts. */
export function matchesJoined(
  selectors: readonly (readonly string[])[],
  values: readonly string[],
  packet: Packet,
): Tri {
  if (selectors.length !== values.length) return "maybe";
  return all(selectors.map((selector, i) => matchesValue(selector, values[i] ?? "", packet)));
}

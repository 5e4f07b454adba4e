import { isNic, takesNic } from "../../conf.ts";
import { matchesPattern } from "../../pattern.ts";
import type { Packet, Tri } from "./ruleset.ts";

/** How the packet of `ruleset.ts` answers the tests that nft and ip6tables have in common. */

export function not(answer: Tri): Tri {
  return answer === "maybe" ? answer : answer === "yes" ? "no" : "yes";
}

export function all(answers: readonly Tri[]): Tri {
  if (answers.includes("no")) return "no";
  return answers.includes("maybe") ? "maybe" : "yes";
}

export function any(answers: readonly Tri[]): Tri {
  if (answers.includes("yes")) return "yes";
  return answers.includes("maybe") ? "maybe" : "no";
}

const NUMBERS: Readonly<Record<string, string>> = { "6": "tcp", "17": "udp" };

export function hasProtocol(packet: Packet, name: string): Tri {
  const wanted = name.toLowerCase();
  return (NUMBERS[wanted] ?? wanted) === packet.protocol ? "yes" : "no";
}

/** The card it comes through; a trailing `*` (nft) or `+` (ip6tables) stands for any ending. */
export function entersBy({ nicNames }: Packet, name: string): Tri {
  if (name === "lo") return "no";
  const pattern = name.replace(/\+$/, "*");
  if (pattern === "*") return "yes";
  if (pattern.endsWith("*")) return takesNic((nic) => matchesPattern(pattern, nic), nicNames);
  return isNic(name, nicNames);
}

const PORTS_MANY = 1 << 15;

/** A port that nobody named; a range that takes half of all ports may well hold it. */
export function isPort(value: string): Tri {
  const found = /^(\d+)[-:](\d+)$/.exec(value);
  if (!found) return "no";
  const from = Number(found[1]);
  const to = Number(found[2]);
  if (from <= 1 && to >= 65535) return "yes";
  return to - from >= PORTS_MANY ? "maybe" : "no";
}

/** A prefix as wide as this may hold any sender; narrower ones name somebody. */
const WIDE_PREFIX = 12;

/** An unknown global address (2000::/3) against `prefix/length`. */
export function isSender(value: string): Tri {
  const [address = "", length = "128"] = value.split("/");
  const bits = /^\d+$/.test(length) ? Number(length) : maskBits(length);
  if (bits === undefined) return "maybe";
  if (bits === 0) return "yes";
  if (!/^[0-9a-f:]+/i.test(address) || !address.includes(":")) return "maybe";
  const first = Number.parseInt(address.split(":")[0] || "0", 16);
  const shift = 16 - Math.min(bits, 16);
  const global = 0x2000;
  const globalBits = Math.min(bits, 3);
  const meetsGlobal = first >> (16 - globalBits) === global >> (16 - globalBits);
  if (!meetsGlobal) return "no";
  if (bits <= 3) return "yes";
  return bits <= WIDE_PREFIX && first >> shift > 0 ? "maybe" : "no";
}

/** `ffff::` as a mask: only whole runs of ones from the left. */
function maskBits(mask: string): number | undefined {
  return mask === "::" ? 0 : undefined;
}

/** One of the machine's own addresses, which the image does not know, against a prefix. */
export function isOwnAddress(value: string): Tri {
  const sender = isSender(value);
  if (sender !== "no") return sender;
  return /^(ff|fe[89ab])[0-9a-f]{0,2}:|^::1?(\/128)?$/i.test(value) ? "no" : "maybe";
}

import type { Evidence } from "../../../model/locator.ts";
import { isParameter, kernelArguments } from "../../arguments.ts";
import { type KeyfileEntry, listOf, strictBoolean } from "../../keyfile.ts";
import { NIC_MAC, type Nic } from "../../nic.ts";
import { matchesPattern } from "../../pattern.ts";
import { refusalOf } from "./refusals.ts";
import type { Fit } from "./spec.ts";

export type Method = "auto" | "dhcp" | "manual" | "link-local" | "shared" | "disabled" | "ignore";

/** A connection profile for Ethernet, wherever it was written down. */
export interface Profile {
  readonly path: string;
  readonly interfaceName: string | undefined;
  /** Names, with patterns, of `[match]`. */
  readonly names: readonly string[];
  readonly drivers: readonly string[];
  /** Kernel arguments of `[match]`. */
  readonly cmdline: readonly string[];
  readonly address: string | undefined;
  readonly autoconnect: boolean;
  readonly priority: number;
  /** The bond or bridge it is a port of. */
  readonly controller: string | undefined;
  readonly method: Method;
  /** The line that says the method, or the file where none does. */
  readonly evidence: Evidence;
  /** True when no line says the method. */
  readonly byDefault: boolean;
  /** Where it has IPv6 off: why NetworkManager may not take it. */
  readonly refusal?: string;
}

const METHODS: ReadonlySet<string> = new Set([
  "auto",
  "dhcp",
  "manual",
  "link-local",
  "shared",
  "disabled",
  "ignore",
]);

/**
 * A keyfile as a profile; undefined when it is for something else than Ethernet; the reason when NetworkManager
 * refuses it. Source: nm-settings-keyfile(5); libnm-core-impl/nm-keyfile.c.
 */
export function profileOf(
  path: string,
  whole: Evidence,
  entries: readonly KeyfileEntry[],
  knowsDisabled: boolean,
): Profile | string | undefined {
  const last = (groups: readonly string[], key: string): KeyfileEntry | undefined =>
    entries.findLast((one) => groups.includes(one.group) && one.key === key);
  const value = (group: string, key: string): string | undefined => last([group], key)?.value;
  const type = value("connection", "type");
  const isEthernet =
    type === undefined
      ? entries.some(({ group }) => ETHERNET.includes(group))
      : type === "ethernet" || type === "802-3-ethernet";
  if (!isEthernet) return undefined;
  const method = last(["ipv6"], "method");
  if (!method && entries.some(({ group }) => group === "ipv6")) return "[ipv6] has no method";
  const word = method?.value ?? "auto";
  if (!METHODS.has(word)) return `unknown ipv6.method "${word}"`;
  if (word === "disabled" && !knowsDisabled) return "ipv6.method disabled is unknown before version 1.20";
  if (
    word === "manual" &&
    !entries.some(({ group, key }) => group === "ipv6" && /^address(es)?\d*$/.test(key))
  )
    return "ipv6.method manual without an address";
  const refusal = word === "disabled" || word === "ignore" ? refusalOf(entries) : undefined;
  const match = (key: string): readonly string[] => listOf(value("match", key) ?? "");
  return {
    path,
    interfaceName: value("connection", "interface-name") || undefined,
    names: match("interface-name"),
    drivers: match("driver"),
    cmdline: match("kernel-command-line"),
    address: last(ETHERNET, "mac-address")?.value,
    autoconnect:
      strictBoolean(value("connection", "autoconnect")) !== false && !value("connection", "permissions"),
    priority: Number.parseInt(value("connection", "autoconnect-priority") ?? "0", 10) || 0,
    controller: value("connection", "controller") ?? value("connection", "master"),
    method: asMethod(word),
    evidence: method?.evidence ?? whole,
    byDefault: method === undefined,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

const ETHERNET = ["ethernet", "802-3-ethernet"];

function asMethod(word: string): Method {
  switch (word) {
    case "dhcp":
    case "manual":
    case "link-local":
    case "shared":
    case "disabled":
    case "ignore":
      return word;
    default:
      return "auto";
  }
}

/** Whether the profile can be used on a card. */
export function fitsProfile(profile: Profile, nic: Nic, cmdline: string | undefined): Fit {
  const { interfaceName, names, drivers, address } = profile;
  if (interfaceName !== undefined && interfaceName !== nic.name) return "no";
  if (!fitsPatterns(names, nic.name) || !fitsPatterns(drivers, nic.driver)) return "no";
  if (address !== undefined && address !== "" && address !== NIC_MAC) return "maybe";
  return fitsCommandLine(profile.cmdline, cmdline);
}

/** Optional, `|`; mandatory, `&`; inverted, `!`. Source: nm-settings(5), match.interface-name. */
function fitsPatterns(patterns: readonly string[], text: string): boolean {
  const read = patterns.map((pattern) => {
    const mandatory = pattern.startsWith("&");
    const plain = pattern.replace(/^[|&]/, "");
    const inverted = plain.startsWith("!");
    const fits = matchesPattern(plain.replace(/^!/, ""), text) !== inverted;
    return { mandatory: mandatory || (inverted && !pattern.startsWith("|")), fits };
  });
  const optional = read.filter(({ mandatory }) => !mandatory);
  return (
    read.every(({ mandatory, fits }) => !mandatory || fits) &&
    (optional.length === 0 || optional.some(({ fits }) => fits))
  );
}

function fitsCommandLine(patterns: readonly string[], cmdline: string | undefined): Fit {
  if (patterns.length === 0) return "yes";
  if (cmdline === undefined) return "maybe";
  const words = kernelArguments(cmdline);
  const has = (pattern: string): boolean => {
    const [name = "", wanted] = pattern.split(/=(.*)/s);
    return words.some((one) => isParameter(one, name) && (wanted === undefined || one.value === wanted));
  };
  return patterns.every((pattern) =>
    pattern.replace(/^[|&]/, "").startsWith("!")
      ? !has(pattern.replace(/^[|&]?!/, ""))
      : has(pattern.replace(/^[|&]/, "")),
  )
    ? "yes"
    : "no";
}

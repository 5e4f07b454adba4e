import { isParameter, kernelArguments } from "../../arguments.ts";
import { NIC_MAC, type Nic } from "../../nic.ts";
import { matchesPattern } from "../../pattern.ts";
import { isKernelVersion } from "./kernel-version.ts";
import { type Assignment, parseBoolean } from "./parse.ts";

export type Answer = "yes" | "no" | "maybe";

/** What a `[Match]` section can be compared with beside the card itself. */
export interface MatchContext {
  /** Undefined when it is not known. */
  readonly cmdline: string | undefined;
  readonly kernelVersion: string | undefined;
  /** systemd's. */
  readonly version: number;
}

/** Up to here a section without a key fits every card; since then the file is ignored. */
const EMPTY_FITS_UNTIL = 247;

/**
 * Whether a `[Match]` section fits a card. All keys must fit; lists are collected over assignments, an empty
 * one starts anew. Source: systemd.network(5); systemd, src/shared/netif-util.c, net_match_config.
 */
export function matches(section: readonly Assignment[], nic: Nic, context: MatchContext): Answer {
  let answer: Answer = "yes";
  let keys = 0;
  for (const [key, patterns] of lists(section)) {
    const test = TESTS[key];
    if (!test || patterns.length === 0) continue;
    keys++;
    const one = test(patterns, nic, context);
    if (one === "no") answer = "no";
    else if (one === "maybe" && answer === "yes") answer = "maybe";
  }
  return keys === 0 && context.version > EMPTY_FITS_UNTIL ? "no" : answer;
}

/** Exact names of cards that the section asks for. */
export function namesIn(section: readonly Assignment[]): readonly string[] {
  return (lists(section).get("Name") ?? []).filter((name) => /^[\w.-]+$/.test(name));
}

/** It names cards, and only those that it is not for: that is to mean none of the others. */
export function onlyLeavesOut(section: readonly Assignment[]): boolean {
  const names = lists(section).get("Name") ?? [];
  return names.length > 0 && names.every((name) => name.startsWith("!"));
}

/** Every card is compared with the same sections. */
const collected = new WeakMap<readonly Assignment[], ReadonlyMap<string, readonly string[]>>();

function lists(section: readonly Assignment[]): ReadonlyMap<string, readonly string[]> {
  const known = collected.get(section);
  if (known) return known;
  const found = new Map<string, string[]>();
  for (const { key, value } of section) {
    if (value === "") {
      found.set(key, []);
      continue;
    }
    const inverted = INVERTIBLE.has(key) && value.startsWith("!");
    const words = WHOLE.has(key) ? [value] : split(inverted ? value.slice(1) : value);
    const list = WHOLE.has(key) ? [] : (found.get(key) ?? []);
    for (const word of words) list.push(inverted ? `!${word}` : word);
    found.set(key, list);
  }
  collected.set(section, found);
  return found;
}

function split(value: string): readonly string[] {
  return value.split(/[ \t]+/).flatMap((word) => {
    const plain = word.replace(/^(["'])(.*)\1$/, "$2");
    return plain === "" ? [] : [plain];
  });
}

const INVERTIBLE = new Set(["Name", "Path", "Driver", "Type", "Kind", "Property", "SSID"]);
/** Conditions hold one value; the last one counts. */
const WHOLE = new Set([
  "Host",
  "Virtualization",
  "KernelCommandLine",
  "KernelVersion",
  "Credential",
  "Architecture",
  "Firmware",
]);

type Test = (patterns: readonly string[], nic: Nic, context: MatchContext) => Answer;

const TESTS: Readonly<Record<string, Test>> = {
  Name: (patterns, { name, altNames }) =>
    yesNo([name, ...altNames].some((one) => matchesList(patterns, one))),
  MACAddress: address,
  PermanentMACAddress: address,
  Path: (patterns, { path }) => (path === "" ? unlessAll(patterns) : pathAnswer(patterns, path)),
  Driver: (patterns, { driver }) => yesNo(matchesList(patterns, driver)),
  Type: (patterns) => yesNo(matchesList(patterns, "ether")),
  Kind: (patterns) => yesNo(matchesList(patterns, undefined)),
  Property: (patterns) => unlessAll(patterns),
  WLANInterfaceType: () => "no",
  SSID: () => "no",
  BSSID: () => "no",
  Host: (patterns) => unlessAll(patterns),
  Virtualization: (patterns, nic) => negatable(patterns, (value) => virtualization(value, nic)),
  KernelCommandLine: (patterns, _nic, context) =>
    negatable(patterns, (value) => onCommandLine(value, context)),
  KernelVersion: (patterns, _nic, { kernelVersion }) =>
    negatable(patterns, (value) => isKernelVersion(value, kernelVersion)),
  Credential: (patterns) => negatable(patterns, () => "maybe"),
  Architecture: () => "maybe",
  Firmware: () => "maybe",
};

function yesNo(value: boolean): Answer {
  return value ? "yes" : "no";
}

/** A hardware address in a base image is hardly the instance's, except where it was written for it at boot. */
function address(patterns: readonly string[]): Answer {
  return patterns.includes(NIC_MAC) ? "yes" : "maybe";
}

function unlessAll(patterns: readonly string[]): Answer {
  return patterns.includes("*") ? "yes" : "maybe";
}

/** What stands in the sample is only an example of the bus address. */
function pathAnswer(patterns: readonly string[], path: string): Answer {
  if (matchesList(patterns, path)) return "yes";
  return patterns.every((pattern) => /^!?(platform|usb|ccw|virtio)-/.test(pattern)) ? "no" : "maybe";
}

function negatable([pattern = ""]: readonly string[], test: (value: string) => Answer): Answer {
  if (!pattern.startsWith("!")) return test(pattern);
  const answer = test(pattern.slice(1));
  return answer === "maybe" ? "maybe" : yesNo(answer === "no");
}

function virtualization(value: string, nic: Nic): Answer {
  const bool = parseBoolean(value);
  if (bool !== undefined) return yesNo(bool);
  if (value === "vm") return "yes";
  return yesNo(value === nic.virtualization);
}

function onCommandLine(value: string, { cmdline }: MatchContext): Answer {
  if (cmdline === undefined) return "maybe";
  const [name = "", wanted] = value.split(/=(.*)/s);
  return yesNo(
    kernelArguments(cmdline).some(
      (one) => isParameter(one, name) && (wanted === undefined || one.value === wanted),
    ),
  );
}

/** `!` on a pattern excludes; a list of exclusions only takes everything else. */
function matchesList(patterns: readonly string[], text: string | undefined): boolean {
  const positive = patterns.filter((one) => !one.startsWith("!"));
  const negative = patterns.filter((one) => one.startsWith("!")).map((one) => one.slice(1));
  const fits = (pattern: string): boolean => text !== undefined && matchesPattern(pattern, text);
  if (negative.some(fits)) return false;
  return positive.length === 0 || positive.some(fits);
}

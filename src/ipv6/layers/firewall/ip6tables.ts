import { type Line, lineEvidence } from "../../lines.ts";
import { all, entersBy, hasProtocol, isOwnAddress, isPort, isSender, not } from "./packet.ts";
import type { Chain, Packet, Rule, Table, Tri, Verdict } from "./ruleset.ts";

/** Why a file of rules cannot be followed, and where. */
export interface Refused {
  readonly why: string;
  readonly line: Line;
}

type Test = (packet: Packet) => Tri;

/** Targets that end nothing. */
const PASSING = new Set([
  "LOG",
  "NFLOG",
  "ULOG",
  "AUDIT",
  "MARK",
  "CONNMARK",
  "CT",
  "NOTRACK",
  "TCPMSS",
  "TRACE",
  "CLASSIFY",
  "CHECKSUM",
  "DSCP",
  "TOS",
  "HL",
  "SET",
  "SECMARK",
  "CONNSECMARK",
  "LED",
  "TEE",
]);
const HOOKS: Readonly<Record<string, "prerouting" | "input">> = { INPUT: "input", PREROUTING: "prerouting" };
const FILTERING = new Set(["filter", "mangle", "raw", "security"]);

/**
 * The tables of a file in the format of ip6tables-save: `*table`, `:CHAIN POLICY`, `-A CHAIN ...`, `COMMIT`. Only
 * committed tables count. Source: ip6tables-restore(8), ip6tables-extensions(8).
 */
export function parseIp6tables(lines: readonly Line[], locator: string): readonly Table[] | Refused {
  const tables: Table[] = [];
  let table: { readonly name: string; readonly chains: Table } | undefined;
  for (const line of lines) {
    const text = line.text.trim();
    if (text === "" || text.startsWith("#")) continue;
    if (text.startsWith("*")) {
      if (table) return { why: "a table begins before COMMIT", line };
      table = { name: text.slice(1).trim(), chains: new Map() };
    } else if (!table) return { why: "a rule outside a table", line };
    else if (text === "COMMIT") {
      if (FILTERING.has(table.name)) tables.push(table.chains);
      table = undefined;
    } else {
      const why = text.startsWith(":")
        ? declare(table.chains, line, locator)
        : command(table.chains, line, locator);
      if (why !== undefined) return { why, line };
    }
  }
  return tables;
}

function declare(chains: Table, line: Line, locator: string): string | undefined {
  const [name = "", policy = ""] = line.text.trim().slice(1).split(/\s+/);
  const chain = chainNamed(chains, name);
  const hook = HOOKS[name];
  if (!hook) return undefined;
  if (policy !== "ACCEPT" && policy !== "DROP") return policy === "-" ? undefined : `policy ${policy}`;
  chain.base = { hook, policy: policy === "DROP" ? "drop" : "accept", evidence: lineEvidence(locator, line) };
  return undefined;
}

function chainNamed(chains: Table, name: string): Chain {
  const known = chains.get(name);
  if (known) return known;
  const made: Chain = { rules: [] };
  chains.set(name, made);
  return made;
}

function command(chains: Table, line: Line, locator: string): string | undefined {
  const words = shellWords(line.text.trim().replace(/^\[\d+:\d+\]\s*/, ""));
  if (!words) return "a quotation without its end";
  const [verb = "", name = "", ...rest] = words;
  switch (verb) {
    case "-A":
    case "--append": {
      const rule = compile(rest, line, locator);
      if (typeof rule === "string") return rule;
      chainNamed(chains, name).rules.push(rule);
      return undefined;
    }
    case "-I":
    case "--insert": {
      const hasNumber = /^\d+$/.test(rest[0] ?? "");
      const rule = compile(hasNumber ? rest.slice(1) : rest, line, locator);
      if (typeof rule === "string") return rule;
      chainNamed(chains, name).rules.splice(hasNumber ? Math.max(0, Number(rest[0]) - 1) : 0, 0, rule);
      return undefined;
    }
    case "-P":
    case "--policy":
      return declare(chains, { ...line, text: `:${name} ${rest[0] ?? ""}` }, locator);
    case "-N":
    case "--new-chain":
      chainNamed(chains, name);
      return undefined;
    case "-F":
    case "--flush":
      for (const [key, chain] of chains) if (name === "" || key === name) chain.rules.length = 0;
      return undefined;
    case "-X":
    case "-Z":
      return undefined;
    default:
      return `${verb} is not understood`;
  }
}

/** Words as a shell would split them: quotes hold together. Undefined when one does not end. */
function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']+))/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const found = pattern.exec(text);
    if (!found) return undefined;
    words.push(found[1] ?? found[2] ?? found[3] ?? "");
  }
  return words;
}

function compile(words: readonly string[], line: Line, locator: string): Rule | string {
  const tests: Test[] = [];
  let verdict: Verdict = { do: "continue" };
  let negated = false;
  let module = "";
  for (let at = 0; at < words.length; ) {
    const word = words[at++] ?? "";
    if (word === "!") {
      negated = true;
      continue;
    }
    // `-i ! lo`, as it was written long ago.
    if (words[at] === "!") {
      negated = true;
      at++;
    }
    const value = words[at] ?? "";
    if (word === "-m" || word === "--match") {
      module = value;
      at++;
      continue;
    }
    if (word === "-j" || word === "--jump" || word === "-g" || word === "--goto") {
      at++;
      const found = target(value, word.endsWith("g") || word.endsWith("goto"));
      verdict = found;
      if (value === "REJECT" && words[at] === "--reject-with") {
        if (words[at + 1] === "tcp-reset") tests.push(({ protocol }) => (protocol === "tcp" ? "yes" : "no"));
        at += 2;
      }
      // What follows are options of the target.
      if (PASSING.has(value)) at = words.length;
      continue;
    }
    const { test, takes } = option(word, value, words[at + 1] ?? "", module);
    at += takes;
    const isNegated = negated;
    negated = false;
    if (test) tests.push(isNegated ? (packet) => not(test(packet)) : test);
  }
  return {
    branches: [{ test: (packet) => all(tests.map((one) => one(packet))), verdict }],
    evidence: lineEvidence(locator, line),
  };
}

function target(name: string, goto: boolean): Verdict {
  switch (name) {
    case "ACCEPT":
      return { do: "accept" };
    case "DROP":
    case "REJECT":
      return { do: "drop" };
    case "RETURN":
      return { do: "return" };
    case "QUEUE":
    case "NFQUEUE":
      return { do: "unknown", why: "a program in user space decides (NFQUEUE)" };
    default:
      return PASSING.has(name) ? { do: "continue" } : { do: goto ? "goto" : "jump", chain: name };
  }
}

const maybe: Test = () => "maybe";
const no: Test = () => "no";

/** The test of one option, and how many words it takes after its own. */
function option(
  word: string,
  value: string,
  second: string,
  module: string,
): { readonly test?: Test; readonly takes: number } {
  const one = (test?: Test): { readonly test?: Test; readonly takes: number } =>
    test ? { test, takes: 1 } : { takes: 1 };
  switch (word) {
    case "-p":
    case "--protocol":
    case "--proto":
      return one((packet) => (value === "all" || value === "0" ? "yes" : hasProtocol(packet, value)));
    case "-i":
    case "--in-interface":
      return one((packet) => entersBy(packet, value));
    case "-o":
    case "--out-interface":
      return one(no);
    case "-s":
    case "--source":
    case "--src":
      return one(() => anyOf(value.split(","), isSender));
    case "-d":
    case "--destination":
    case "--dst":
      return one(() => anyOf(value.split(","), isOwnAddress));
    case "--state":
    case "--ctstate":
      return one(() => (value.split(",").includes("NEW") ? "yes" : "no"));
    case "--dport":
    case "--destination-port":
    case "--sport":
    case "--source-port":
    case "--dports":
    case "--destination-ports":
    case "--sports":
    case "--source-ports":
    case "--ports":
      return one(() => anyOf(value.split(","), openEnded));
    case "--comment":
    case "--limit":
    case "--limit-burst":
    case "--hashlimit-name":
    case "--hashlimit-mode":
    case "--hashlimit-burst":
    case "--hashlimit-upto":
    case "--hashlimit-htable-expire":
    case "--hashlimit-srcmask":
    case "--connlimit-mask":
    case "--connlimit-upto":
      return one();
    case "--hashlimit-above":
    case "--connlimit-above":
      return one(no);
    case "--icmpv6-type":
      return one(no);
    case "--rt-type":
      return one(no);
    case "--rt-segsleft":
      return one(no);
    case "--pkt-type":
      return one(() => (value === "unicast" ? "yes" : "no"));
    case "--dst-type":
      return one(() => (value.split(",").includes("LOCAL") ? "yes" : "no"));
    case "--src-type":
      return one(() => (value.split(",").includes("UNICAST") ? "yes" : "no"));
    case "--syn":
      return { test: ({ protocol }) => (protocol === "tcp" ? "yes" : "no"), takes: 0 };
    case "--tcp-flags":
      return { test: () => flags(value.split(","), second.split(",")), takes: 2 };
    case "--invert":
      // `-m rpfilter --invert` takes what did not come the way it would be answered.
      return { test: module === "rpfilter" ? no : maybe, takes: 0 };
    case "--validmark":
    case "--loose":
    case "--accept-local":
      return { takes: 0 };
    case "--set":
    case "--rsource":
    case "--rdest":
      return { takes: 0 };
    case "--update":
    case "--rcheck":
      return { test: no, takes: 0 };
    case "--name":
    case "--seconds":
    case "--hitcount":
    case "--mask":
      return one();
    default:
      // Options of a module that is not known take what does not look like the next option.
      return word.startsWith("-")
        ? { test: maybe, takes: value === "" || value.startsWith("-") || value === "!" ? 0 : 1 }
        : { test: maybe, takes: 0 };
  }
}

function anyOf(values: readonly string[], test: (value: string) => Tri): Tri {
  const answers = values.map(test);
  return answers.includes("yes") ? "yes" : answers.includes("maybe") ? "maybe" : "no";
}

/** `1024:` and `:1023` are ranges, too. */
function openEnded(value: string): Tri {
  return isPort(value.replace(/:$/, ":65535").replace(/^:/, "0:"));
}

/** The first packet of a connection has SYN alone. */
function flags(mask: readonly string[], set: readonly string[]): Tri {
  const wanted = set.filter((one) => one !== "NONE");
  const seen = mask.includes("SYN") || mask.includes("ALL") ? ["SYN"] : [];
  if (wanted.includes("ALL")) return "no";
  return seen.length === wanted.length && seen.every((one) => wanted.includes(one)) ? "yes" : "no";
}

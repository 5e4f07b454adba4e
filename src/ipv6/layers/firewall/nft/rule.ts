import { all, not } from "../packet.ts";
import type { Packet, Rule, Tri, Verdict } from "../ruleset.ts";
import { dependency, matchesFlags, selectorLength } from "./expression.ts";
import { NotUnderstood, type Token } from "./lexer.ts";
import {
  comparePort,
  type Element,
  matchesElements,
  matchesKey,
  Reader,
  readElements,
  readSingle,
  readVerdict,
  type Sets,
} from "./values.ts";

/** Selectors whose values are few. */
const PROTOCOL =
  /^(\d+|tcp|udp|udplite|sctp|dccp|icmp|icmpv6|ipv6-icmp|igmp|esp|ah|comp|gre|ospf|vrrp|ipv6|ipencap)$/;
const FEW: Readonly<Record<string, RegExp>> = {
  "ct state": /^(invalid|established|related|new|untracked)$/,
  "meta nfproto": /^(ipv4|ipv6|\d+)$/,
  "meta l4proto": PROTOCOL,
  l4proto: PROTOCOL,
  "ip6 nexthdr": PROTOCOL,
  "ip protocol": PROTOCOL,
  "ip6 saddr": /:/,
  "ip6 daddr": /:/,
  "ip saddr": /\./,
  "ip daddr": /\./,
};

type Test = (packet: Packet) => Tri;

const OPERATORS: Readonly<Record<string, string>> = {
  eq: "==",
  ne: "!=",
  lt: "<",
  gt: ">",
  le: "<=",
  ge: ">=",
};
const LOG_OPTIONS = new Set(["prefix", "level", "group", "snaplen", "queue-threshold", "flags"]);

/**
 * One rule: tests from left to right, then what is done. Throws `NotUnderstood` for what this subset does not hold,
 * and for what nft itself refuses: from the outside these look the same. Source: nft(8), "STATEMENTS".
 */
export function compileRule(
  tokens: readonly Token[],
  sets: Sets,
  family: string,
  setsUsed: Set<string>,
): Rule {
  const [first] = tokens;
  if (!first) throw new Error("a rule of no tokens");
  const evidence = { locator: first.locator, line: first.line.number, text: first.line.text };
  const compiler = new Compiler(tokens, sets, family, setsUsed);
  compiler.run();
  return { branches: compiler.branches, evidence };
}

class Compiler {
  readonly setsUsed: Set<string>;
  readonly branches: { test: Test; verdict: Verdict }[] = [];
  readonly #reader: Reader;
  readonly #sets: Sets;
  readonly #tests: Test[] = [];
  /** The verdict has been read: nothing but a comment may follow. */
  #isOver = false;
  /** Layers that the rule's tests speak of so far: one of each kind. */
  readonly #layers = new Map<"network" | "transport", string>();

  constructor(tokens: readonly Token[], sets: Sets, family: string, setsUsed: Set<string>) {
    this.setsUsed = setsUsed;
    this.#reader = new Reader(tokens);
    this.#sets = sets;
    if (family === "ip6" || family === "ip") this.#layers.set("network", family);
  }

  run(): void {
    while (!this.#reader.done) {
      if (this.#isOver && this.#reader.peek()?.text !== "comment")
        throw new NotUnderstood("something behind the verdict: nft refuses the file", this.#reader.next());
      const verdict = readVerdict(this.#reader);
      if (verdict) this.#end(verdict);
      else if (!this.#statement() && !this.#match())
        throw new NotUnderstood("not understood", this.#reader.next());
    }
  }

  #end(verdict: Verdict): void {
    const tests = [...this.#tests];
    this.#isOver = true;
    this.branches.push({ test: (packet) => all(tests.map((test) => test(packet))), verdict });
  }

  #statement(): boolean {
    const reader = this.#reader;
    const [word = "", second = "", third = ""] = reader.texts(3);
    if (reader.peek()?.kind !== "word") return false;
    switch (word) {
      case "counter":
        reader.skip(1);
        if (reader.accept("name")) reader.next();
        else if (reader.accept("packets")) this.#expect(/^\d+$/, /^bytes$/, /^\d+$/);
        return true;
      case "comment":
        reader.skip(1);
        if (reader.next().kind !== "string")
          throw new NotUnderstood("a comment without quotes", reader.next());
        return true;
      case "notrack":
        reader.skip(1);
        return true;
      case "log":
        reader.skip(1);
        this.#logOptions();
        return true;
      case "limit":
        reader.skip(1);
        this.#limit();
        return true;
      case "reject":
        reader.skip(1);
        this.#reject();
        return true;
      case "queue":
        this.#end({ do: "unknown", why: "a program in user space decides (queue)" });
        reader.skip(Number.POSITIVE_INFINITY);
        return true;
      case "flow":
        reader.skip(3);
        return true;
      case "add":
      case "update":
      case "delete":
        return this.#setStatement();
      case "ct":
        if (second !== "count") break;
        reader.skip(third === "over" ? 4 : 3);
        this.#tests.push(() => (third === "over" ? "no" : "yes"));
        return true;
      default:
        break;
    }
    return false;
  }

  #expect(...patterns: readonly RegExp[]): void {
    for (const pattern of patterns) {
      const token = this.#reader.next();
      if (token.kind !== "word" || !pattern.test(token.text))
        throw new NotUnderstood(`unexpected ${token.text}`, token);
    }
  }

  #logOptions(): void {
    const reader = this.#reader;
    while (LOG_OPTIONS.has(reader.peek()?.text ?? "")) {
      const option = reader.next().text;
      if (option === "prefix") {
        if (reader.next().kind !== "string")
          throw new NotUnderstood("a prefix without quotes", reader.next());
      } else if (option === "level") this.#expect(/^(emerg|alert|crit|err|warn|notice|info|debug|audit)$/);
      else if (option === "flags") this.#expect(/^(tcp|ip|skuid|ether|all)$/);
      else this.#expect(/^\d+$/);
      if (option !== "flags") continue;
      if (/^(sequence|options)$/.test(reader.peek()?.text ?? "")) reader.next();
      while (reader.accept(",")) reader.next();
    }
  }

  /** A single packet is within every limit. */
  #limit(): void {
    const reader = this.#reader;
    if (reader.accept("name")) {
      reader.next();
      this.#tests.push(() => "maybe");
      return;
    }
    if (!reader.accept("rate")) throw new NotUnderstood("limit without a rate", reader.next());
    const over = reader.accept("over");
    const unit = /^[kmg]?bytes\/(second|minute|hour|day|week)$/;
    this.#expect(/^\d+(\/(second|minute|hour|day|week))?$/);
    if (unit.test(reader.peek()?.text ?? "")) reader.next();
    if (reader.accept("burst")) this.#expect(/^\d+$/, /^(packets|[kmg]?bytes)$/);
    this.#tests.push(() => (over ? "no" : "yes"));
  }

  /** With an answer of IPv4 or TCP it is for such packets only. */
  #reject(): void {
    const reader = this.#reader;
    if (reader.accept("with")) {
      const kind = reader.next().text;
      if (kind === "icmp") this.#tests.push(() => "no");
      if (kind === "tcp") this.#tests.push(({ protocol }) => (protocol === "tcp" ? "yes" : "no"));
      if (kind === "tcp") this.#expect(/^reset$/);
      else if (!/^icmp(v6|x)?$/.test(kind)) throw new NotUnderstood(`reject with ${kind}`, reader.next());
      else {
        if (!reader.accept("type")) reader.accept("code");
        this.#expect(
          /^(no-route|admin-prohibited|addr-unreachable|port-unreachable|host-unreachable|net-unreachable|prot-unreachable|net-prohibited|host-prohibited|policy-fail|reject-route)$/,
        );
      }
    }
    this.#end({ do: "drop" });
  }

  /** `add @seen { ip6 saddr limit rate over 5/minute }` holds when what stands in the braces does. */
  #setStatement(): boolean {
    const reader = this.#reader;
    if (reader.peek(1)?.kind !== "set") return false;
    reader.skip(2);
    if (!reader.accept("{")) throw new NotUnderstood("a set without elements", reader.next());
    const words: string[] = [];
    for (let depth = 1; depth > 0; ) {
      const { text, kind } = reader.next();
      if (kind === "mark") depth += text === "{" ? 1 : text === "}" ? -1 : 0;
      words.push(text);
    }
    const conditional = words.includes("limit") || words.includes("count");
    const over = words.includes("over");
    this.#tests.push(() => (conditional && over ? "no" : "yes"));
    return true;
  }

  #match(): boolean {
    const reader = this.#reader;
    const selectors: (readonly string[])[] = [];
    do {
      const length = reader.peek()?.kind === "word" ? selectorLength(reader.texts(8)) : 0;
      if (length === 0) return false;
      this.#contradicts();
      selectors.push(reader.texts(length));
      reader.skip(length);
    } while (reader.accept("."));
    const needs: Test = (packet) => all(selectors.map((selector) => dependency(selector, packet)));
    if (reader.accept("set")) {
      this.#skipValue();
      return true;
    }
    if (reader.accept("vmap")) {
      this.#verdictMap(selectors, needs);
      return true;
    }
    const compare = this.#comparison(selectors);
    this.#tests.push((packet) => (needs(packet) === "no" ? "no" : all([needs(packet), compare(packet)])));
    return true;
  }

  /** `ip saddr` in a table of family ip6, `tcp dport` beside `udp dport`: nft refuses what can never hold. */
  #contradicts(): void {
    const [first = "", second = "", third = ""] = this.#reader.texts(3);
    const value = second === "nfproto" ? third : second;
    const isFamily = first === "nfproto" || (first === "meta" && second === "nfproto");
    const network = isFamily
      ? ({ ipv4: "ip", ipv6: "ip6" }[value] ?? "")
      : /^(ip6?|arp)$/.test(first)
        ? first
        : "";
    const transport = /^(tcp|udp|udplite|sctp|dccp|icmp|icmpv6|igmp|ah|esp|comp)$/.test(first) ? first : "";
    for (const [layer, name] of [
      ["network", network],
      ["transport", transport],
    ] as const) {
      const known = this.#layers.get(layer);
      if (name === "") continue;
      const token = this.#reader.peek();
      if (known !== undefined && known !== name && token)
        throw new NotUnderstood(`${name} after ${known}: nft refuses the file`, token);
      this.#layers.set(layer, name);
    }
  }

  /** `meta mark set 1`: up to the next statement. */
  #skipValue(): void {
    const reader = this.#reader;
    while (
      !reader.done &&
      !/^(accept|drop|return|continue|jump|goto|counter|log|reject|comment)$/.test(reader.peek()?.text ?? "")
    )
      reader.skip(1);
  }

  #verdictMap(selectors: readonly (readonly string[])[], needs: Test): void {
    const reader = this.#reader;
    const named = reader.peek()?.kind === "set" ? reader.next().text : undefined;
    this.#isOver = true;
    if (named === undefined && !reader.accept("{"))
      throw new NotUnderstood("vmap without a map", reader.next());
    if (named !== undefined) this.setsUsed.add(named);
    const elements = named === undefined ? readElements(reader) : (this.#sets.get(named) ?? []);
    this.#known(selectors, elements, reader.peek(-1));
    const tests = [...this.#tests];
    for (const { key, verdict } of elements) {
      if (!verdict)
        throw new NotUnderstood("a map without verdicts", { line: { number: 0, text: "" }, locator: "" });
      const test: Test = (packet) =>
        all([...tests.map((one) => one(packet)), needs(packet), matchesKey(selectors, key, packet)]);
      this.branches.push({ test, verdict });
    }
  }

  #comparison(selectors: readonly (readonly string[])[]): Test {
    const reader = this.#reader;
    const [selector = []] = selectors;
    const isFlags = selector[0] === "tcp" && selector[1] === "flags";
    if (isFlags) return this.#flags();
    const token = reader.peek();
    const operator =
      token?.kind === "string" ? undefined : (OPERATORS[token?.text ?? ""] ?? token?.text ?? "");
    if (operator !== undefined && /^([<>]=?)$/.test(operator)) {
      reader.next();
      const value = readSingle(reader);
      if (!/^\d+$/.test(value)) throw new NotUnderstood(`comparison with ${value}`, reader.next());
      return selector[1] === "dport" ? () => comparePort(operator, value) : () => "maybe";
    }
    const negated = operator === "!=";
    if (negated || operator === "==") reader.next();
    const read = this.#elements(selectors);
    return (packet) => {
      const found = matchesElements(selectors, read(), packet);
      return negated ? not(found) : found;
    };
  }

  /** A set by name, braces, or a list of values. */
  #elements(selectors: readonly (readonly string[])[]): () => readonly Element[] {
    const reader = this.#reader;
    const token = reader.peek();
    if (token?.kind === "set") {
      reader.next();
      this.setsUsed.add(token.text);
      return () => this.#sets.get(token.text) ?? [];
    }
    if (reader.accept("{")) {
      const elements = readElements(reader);
      if (elements.some(({ verdict }) => verdict))
        throw new NotUnderstood("a map where a set should be", token ?? reader.next());
      this.#known(selectors, elements, token);
      return () => elements;
    }
    const elements: Element[] = [];
    do {
      const key: string[] = [];
      do key.push(readSingle(reader));
      while (reader.accept("."));
      elements.push({ key });
    } while (reader.accept(",") || reader.accept("|"));
    this.#known(selectors, elements, token);
    return () => elements;
  }

  /** Words that a selector of few values does not have: nft refuses the file. */
  #known(
    selectors: readonly (readonly string[])[],
    elements: readonly Element[],
    at: Token | undefined,
  ): void {
    for (const { key } of elements)
      for (const [i, value] of key.entries()) {
        const known = FEW[(selectors[i] ?? []).join(" ")];
        if (known && !known.test(value) && at)
          throw new NotUnderstood(`${value} is not among its values`, at);
      }
  }

  /** `tcp flags syn`, `tcp flags & (syn | ack) == syn`, `tcp flags syn / syn,ack`. */
  #flags(): Test {
    const reader = this.#reader;
    if (reader.accept("&")) {
      const mask = this.#flagList();
      const negated = reader.accept("!=");
      if (!negated && !reader.accept("==")) throw new NotUnderstood("a mask without a value", reader.next());
      const value = this.#flagList();
      return () => (negated ? not(matchesFlags(mask, value)) : matchesFlags(mask, value));
    }
    const negated = reader.accept("!=");
    const exact = !negated && reader.accept("==");
    const value = this.#flagList();
    const every = ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"];
    const mask = reader.accept("/") ? this.#flagList() : exact || negated ? every : undefined;
    return () => (negated ? not(matchesFlags(mask, value)) : matchesFlags(mask, value));
  }

  #flagList(): readonly string[] {
    const reader = this.#reader;
    const inParentheses = reader.accept("(");
    const inBraces = !inParentheses && reader.accept("{");
    const found: string[] = [];
    do found.push(reader.next().text);
    while (reader.accept("|") || reader.accept(","));
    if (inBraces) throw new NotUnderstood("a set of flags", reader.next());
    if (inParentheses && !reader.accept(")"))
      throw new NotUnderstood("a parenthesis is missing", reader.next());
    return found;
  }
}

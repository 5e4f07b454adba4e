import { all, not } from "../packet.ts";
import type { Packet, Rule, Tri, Verdict } from "../ruleset.ts";
import { dependency, matchesFlags, selectorLength } from "./expression.ts";
import { NotUnderstood, RefusedByNft, type Token } from "./lexer.ts";
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
 * One rule: tests from left to right, then what is done. Whatever is not understood makes the rule one that may
 * or may not hold. Source: nft(8), "STATEMENTS".
 */
export function compileRule(tokens: readonly Token[], sets: Sets, family: string): Rule {
  const [first] = tokens;
  if (!first) throw new Error("a rule of no tokens");
  const evidence = { locator: first.locator, line: first.line.number, text: first.line.text };
  const compiler = new Compiler(tokens, sets, family);
  try {
    compiler.run();
  } catch (error) {
    if (!(error instanceof NotUnderstood) || error instanceof RefusedByNft) throw error;
    compiler.giveUp();
  }
  return { branches: compiler.branches, evidence };
}

class Compiler {
  readonly branches: { test: Test; verdict: Verdict }[] = [];
  readonly #reader: Reader;
  readonly #sets: Sets;
  readonly #tests: Test[] = [];
  /** Layers that the rule's tests speak of so far: one of each kind. */
  readonly #layers = new Map<"network" | "transport", string>();

  constructor(tokens: readonly Token[], sets: Sets, family: string) {
    this.#reader = new Reader(tokens);
    this.#sets = sets;
    if (family === "ip6") this.#layers.set("network", "ip6");
  }

  run(): void {
    while (!this.#reader.done) {
      const verdict = readVerdict(this.#reader);
      if (verdict) this.#end(verdict);
      else if (!this.#statement() && !this.#match())
        throw new NotUnderstood("not understood", this.#reader.next());
    }
  }

  /** The rule may hold or not; its verdict is the last one that stands in it. */
  giveUp(): void {
    const words = this.#reader.rest();
    const at = words.findLastIndex(
      ({ kind, text }) => kind === "word" && /^(accept|drop|reject|return|jump|goto|continue)$/.test(text),
    );
    this.#tests.push(() => "maybe");
    if (at < 0) {
      this.#end({ do: "unknown", why: "a rule is not understood" });
      return;
    }
    const reader = new Reader(words.slice(at));
    this.#end(
      reader.accept("reject")
        ? { do: "drop" }
        : (readVerdict(reader) ?? { do: "unknown", why: "a rule is not understood" }),
    );
  }

  #end(verdict: Verdict): void {
    const tests = [...this.#tests];
    this.branches.push({ test: (packet) => all(tests.map((test) => test(packet))), verdict });
  }

  #statement(): boolean {
    const reader = this.#reader;
    const [word = "", second = "", third = ""] = reader.texts(3);
    if (reader.peek()?.kind !== "word") return false;
    switch (word) {
      case "counter":
        reader.skip(second === "name" ? 3 : second === "packets" ? 5 : 1);
        return true;
      case "comment":
        reader.skip(2);
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

  #logOptions(): void {
    const reader = this.#reader;
    while (LOG_OPTIONS.has(reader.peek()?.text ?? "")) {
      const option = reader.next().text;
      reader.next();
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
    reader.next();
    if (/^[kmg]?bytes\//.test(reader.peek()?.text ?? "")) reader.next();
    if (reader.accept("burst")) reader.skip(2);
    this.#tests.push(() => (over ? "no" : "yes"));
  }

  /** With an answer of IPv4 or TCP it is for such packets only. */
  #reject(): void {
    const reader = this.#reader;
    if (reader.accept("with")) {
      const kind = reader.next().text;
      if (kind === "icmp") this.#tests.push(() => "no");
      if (kind === "tcp") this.#tests.push(({ protocol }) => (protocol === "tcp" ? "yes" : "no"));
      if (kind === "tcp") reader.accept("reset");
      else {
        if (!reader.accept("type")) reader.accept("code");
        reader.next();
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
        throw new RefusedByNft(`${name} after ${known}: nft refuses the file`, token);
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
    if (named === undefined && !reader.accept("{"))
      throw new NotUnderstood("vmap without a map", reader.next());
    const elements = named === undefined ? readElements(reader) : (this.#sets.get(named) ?? []);
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
      return selector[1] === "dport" ? () => comparePort(operator, value) : () => "maybe";
    }
    const negated = operator === "!=";
    if (negated || operator === "==") reader.next();
    const read = this.#elements();
    return (packet) => {
      const found = matchesElements(selectors, read(), packet);
      return negated ? not(found) : found;
    };
  }

  /** A set by name, braces, or a list of values. */
  #elements(): () => readonly Element[] {
    const reader = this.#reader;
    const token = reader.peek();
    if (token?.kind === "set") {
      reader.next();
      return () => this.#sets.get(token.text) ?? [];
    }
    if (reader.accept("{")) {
      const elements = readElements(reader);
      return () => elements;
    }
    const elements: Element[] = [];
    do {
      const key: string[] = [];
      do key.push(readSingle(reader));
      while (reader.accept("."));
      elements.push({ key });
    } while (reader.accept(",") || reader.accept("|"));
    return () => elements;
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

import type { TextFile } from "../../../lines.ts";
import type { Chain, Table } from "../ruleset.ts";
import { NotUnderstood, type Token, tokenize } from "./lexer.ts";
import { compileRule } from "./rule.ts";
import { readSetBody } from "./sets.ts";
import { type Element, Reader, readElements } from "./values.ts";

/** What `nft -f` finds when it opens a file or a pattern of files. */
export interface NftFiles {
  open(path: string): TextFile;
  /** Paths that a pattern stands for, in order; undefined when it cannot be told. */
  expand(pattern: string): readonly string[] | undefined;
}

interface NftTable {
  readonly family: string;
  readonly chains: Table;
  readonly sets: Map<string, Element[]>;
  readonly setsUsed: Set<string>;
  dormant: boolean;
}

type Item = (token: Token, from: Reader) => void;

const FAMILIES = new Set(["ip", "ip6", "inet", "arp", "bridge", "netdev"]);
/** Objects of a table that neither accept nor drop. */
const PASSIVE = new Set(["counter", "quota", "limit", "secmark", "flowtable", "synproxy", "ct", "tunnel"]);
const TOKENS_MAX = 400_000;
const INCLUDES_MAX = 16;
const DEPTH_MAX = 64;

/**
 * Runs the commands of nft files as far as they shape what happens to packets on their way in. Throws
 * `NotUnderstood` for what it cannot follow: nft loads a file whole or not at all, so that one such command
 * leaves everything open. Source: nft(8).
 */
export class NftProgram {
  readonly #files: NftFiles;
  readonly #tables = new Map<string, NftTable>();
  readonly #variables = new Map<string, readonly Token[]>();
  #tokensLeft = TOKENS_MAX;
  /** `flush ruleset` was among the commands. */
  flushes = false;

  constructor(files: NftFiles) {
    this.#files = files;
  }

  /** Tables that IPv6 packets go through. */
  get tables(): readonly Table[] {
    return [...this.#tables.values()]
      .filter(
        ({ family, dormant }) => !dormant && (family === "inet" || family === "ip6" || family === "netdev"),
      )
      .map(({ chains }) => chains);
  }

  run(path: string, depth = 0): void {
    const reader = this.#read(path);
    while (!reader.done) this.#command(reader, depth);
  }

  /** What nft refuses when it has read everything: jumps and sets that lead nowhere. */
  finish(): void {
    const at = { line: { number: 0, text: "" }, locator: "" };
    for (const { chains, sets, setsUsed } of this.#tables.values()) {
      for (const name of setsUsed)
        if (!sets.has(name))
          throw new NotUnderstood(`there is no set ${name}, and nft then loads nothing`, at);
      for (const { verdict } of [...chains.values()].flatMap(({ rules }) =>
        rules.flatMap(({ branches }) => branches),
      ))
        if ((verdict.do === "jump" || verdict.do === "goto") && !chains.has(verdict.chain))
          throw new NotUnderstood(`there is no chain ${verdict.chain}, and nft then loads nothing`, at);
    }
  }

  #read(path: string): Reader {
    const file = this.#files.open(path);
    const at = { line: { number: 1, text: "" }, locator: file.locator };
    if (file.state === "absent")
      throw new NotUnderstood(`${path} is not there, and nft then loads nothing`, at);
    if (file.state === "unreadable") throw new NotUnderstood(`${path} could not be read: ${file.reason}`, at);
    if (file.truncated) throw new NotUnderstood(`only the head of ${path} was read`, at);
    return new Reader(this.#count(tokenize(file.lines, file.locator)));
  }

  #count(tokens: readonly Token[]): readonly Token[] {
    this.#tokensLeft -= tokens.length;
    const [first] = tokens;
    if (this.#tokensLeft < 0 && first) throw new NotUnderstood("the ruleset is too large to follow", first);
    return tokens;
  }

  #command(reader: Reader, depth: number): void {
    const token = reader.next();
    switch (token.text) {
      case "\n":
      case ";":
        return;
      case "include":
        this.#include(reader, depth, (path) => this.run(path, depth + 1));
        return;
      case "define":
      case "redefine":
        this.#define(reader);
        return;
      case "undefine":
        this.#variables.delete(reader.next().text);
        return;
      case "flush":
        this.#flush(this.#statement(reader), token);
        return;
      case "delete":
      case "destroy":
        this.#delete(this.#statement(reader), token);
        return;
      case "add":
      case "create":
        this.#add(reader.next(), reader, depth, false);
        return;
      case "insert":
        this.#add(reader.next(), reader, depth, true);
        return;
      case "table":
      case "chain":
      case "rule":
      case "element":
      case "set":
      case "map":
        this.#add(token, reader, depth, false);
        return;
      default:
        throw new NotUnderstood(`${token.text}: not a command that is understood`, token);
    }
  }

  #include(reader: Reader, depth: number, run: (path: string) => void): void {
    const token = reader.next();
    if (token.kind !== "string" || depth >= INCLUDES_MAX)
      throw new NotUnderstood("an include that cannot be followed", token);
    const path = token.text.startsWith("./")
      ? token.text.slice(1)
      : token.text.startsWith("/")
        ? token.text
        : `/etc/${token.text}`;
    if (!/[*?[]/.test(path)) {
      run(path);
      return;
    }
    const paths = this.#files.expand(path);
    if (!paths) throw new NotUnderstood(`include ${path}: it cannot be told which files these are`, token);
    for (const one of paths) run(one);
  }

  #define(reader: Reader): void {
    const name = reader.next();
    if (!reader.accept("=")) throw new NotUnderstood("define without a value", name);
    const value = this.#statement(reader);
    if (name.kind !== "word" || value.length === 0) throw new NotUnderstood("define without a value", name);
    const [first] = value;
    if (first?.kind === "word" && /^(accept|drop|return|continue|jump|goto)$/.test(first.text))
      throw new NotUnderstood("a verdict is no value: nft refuses the file", first);
    this.#variables.set(name.text, value);
  }

  /** Tokens up to the end of the statement, variables filled in; braces hold newlines together. */
  #statement(reader: Reader): readonly Token[] {
    const found: Token[] = [];
    for (let depth = 0; !reader.done; ) {
      const token = reader.peek();
      if (!token) break;
      if (depth === 0 && (token.kind === "end" || (token.kind === "mark" && token.text === "}"))) break;
      reader.next();
      if (token.kind === "mark") depth += token.text === "{" ? 1 : token.text === "}" ? -1 : 0;
      if (token.kind === "variable") for (const one of this.#value(token)) found.push(one);
      else if (token.kind !== "end") found.push(token);
    }
    return found;
  }

  #value(token: Token): readonly Token[] {
    const value = this.#variables.get(token.text);
    if (!value) throw new NotUnderstood(`$${token.text} is not defined, and nft then loads nothing`, token);
    this.#count(value);
    return value.map((one) => ({ ...one, line: token.line, locator: token.locator }));
  }

  #flush(words: readonly Token[], at: Token): void {
    const [object = "", ...rest] = words.map(({ text }) => text);
    if (object === "ruleset") {
      const [family] = rest;
      if (family === undefined) this.flushes = true;
      for (const [key, table] of this.#tables)
        if (family === undefined || table.family === family) this.#tables.delete(key);
      return;
    }
    const { table, name } = this.#named(rest);
    if (object === "table") for (const chain of table?.chains.values() ?? []) chain.rules.length = 0;
    else if (object === "chain") table?.chains.get(name ?? "")?.rules.splice(0);
    else if (object === "set" || object === "map") table?.sets.set(name ?? "", []);
    else throw new NotUnderstood(`flush ${object}`, at);
  }

  #delete(words: readonly Token[], at: Token): void {
    const [object = "", ...rest] = words.map(({ text }) => text);
    const { key, table, name } = this.#named(rest);
    if (object === "table") this.#tables.delete(key);
    else if (object === "chain") table?.chains.delete(name ?? "");
    else if (object !== "element" && object !== "set") throw new NotUnderstood(`delete ${object}`, at);
  }

  /** `[family] table [name] ...`. */
  #named(words: readonly string[]): {
    key: string;
    table: NftTable | undefined;
    name: string | undefined;
    used: number;
  } {
    const hasFamily = FAMILIES.has(words[0] ?? "");
    const family = hasFamily ? (words[0] ?? "") : "ip";
    const [table = "", name] = hasFamily ? words.slice(1) : words;
    const key = `${family} ${table}`;
    return { key, table: this.#tables.get(key), name, used: hasFamily ? 2 : 1 };
  }

  #table(reader: Reader): NftTable {
    const { key, table, used } = this.#named(reader.texts(2));
    const token = reader.peek(used - 1);
    if (token && !/^[A-Za-z_]/.test(token.text)) throw new NotUnderstood(`${token.text} is no name`, token);
    reader.skip(used);
    if (table) return table;
    const made: NftTable = {
      family: key.split(" ")[0] ?? "",
      chains: new Map(),
      sets: new Map(),
      setsUsed: new Set(),
      dormant: false,
    };
    this.#tables.set(key, made);
    return made;
  }

  #add(object: Token, reader: Reader, depth: number, first: boolean): void {
    const table = this.#table(reader);
    switch (object.text) {
      case "table":
        if (reader.accept("{")) this.#tableBlock(reader, table, depth);
        return;
      case "chain":
        this.#chain(reader, table, depth);
        return;
      case "rule": {
        const chain = this.#chainNamed(table, reader.next().text);
        const words = this.#statement(reader);
        if (/^(handle|position|index)$/.test(words[0]?.text ?? ""))
          throw new NotUnderstood("a rule placed by number", object);
        if (words.length === 0) return;
        const rule = compileRule(words, table.sets, table.family, table.setsUsed);
        if (first) chain.rules.unshift(rule);
        else chain.rules.push(rule);
        return;
      }
      case "element":
      case "set":
      case "map":
        this.#set(reader, table, object.text === "element");
        return;
      default:
        if (!PASSIVE.has(object.text)) throw new NotUnderstood(`add ${object.text}`, object);
        this.#statement(reader);
    }
  }

  #chainNamed(table: NftTable, name: string): Chain {
    const known = table.chains.get(name);
    if (known) return known;
    const made: Chain = { rules: [] };
    table.chains.set(name, made);
    return made;
  }

  #tableBlock(reader: Reader, table: NftTable, depth: number): void {
    this.#block(reader, depth, (token, from) => {
      if (token.text === "chain") {
        this.#chain(from, table, depth);
        if (from.peek()?.kind !== "end")
          throw new NotUnderstood("a chain without an end behind it: nft refuses the file", token);
      } else if (token.text === "set" || token.text === "map") this.#set(from, table, false);
      else if (token.text === "flags")
        table.dormant = this.#statement(from).some(({ text }) => text === "dormant");
      else if (token.text === "comment" || PASSIVE.has(token.text)) this.#statement(from);
      else throw new NotUnderstood(`${token.text} in a table`, token);
    });
  }

  /** Everything up to the closing brace; `item` gets the first token of each statement, and where to read on. */
  #block(reader: Reader, depth: number, item: Item): void {
    if (depth > DEPTH_MAX) throw new NotUnderstood("blocks in blocks", reader.next());
    for (;;) {
      const token = reader.next();
      if (token.kind === "mark" && token.text === "}") return;
      this.#item(token, reader, depth, item);
    }
  }

  #item(token: Token, reader: Reader, depth: number, item: Item): void {
    if (token.kind === "end") return;
    if (token.kind === "word" && token.text === "include")
      this.#include(reader, depth, (path) => {
        const inner = this.#read(path);
        while (!inner.done) this.#item(inner.next(), inner, depth + 1, item);
      });
    else if (token.kind === "word" && /^(re)?define$/.test(token.text)) this.#define(reader);
    else item(token, reader);
  }

  #chain(reader: Reader, table: NftTable, depth: number): void {
    const chain = this.#chainNamed(table, reader.next().text);
    if (!reader.accept("{")) return;
    const lines: Token[][] = [];
    this.#block(reader, depth + 1, (token, from) => {
      const rest = this.#statement(from);
      if (from.peek()?.kind !== "end")
        throw new NotUnderstood("a statement without its end: nft refuses the file", token);
      lines.push([...(token.kind === "variable" ? this.#value(token) : [token]), ...rest]);
    });
    const isType = ([first]: readonly Token[]): boolean => first?.text === "type";
    for (const words of [...lines.filter(isType), ...lines.filter((one) => !isType(one))])
      this.#chainLine(chain, table, words);
  }

  #chainLine(chain: Chain, table: NftTable, words: readonly Token[]): void {
    const [first] = words;
    if (!first) return;
    const texts = words.map(({ text }) => text);
    const evidence = { locator: first.locator, line: first.line.number, text: first.line.text };
    if (first.text === "type") {
      const found =
        /^type (filter|nat|route) hook ([a-z]+)( device \S+)? priority (raw|mangle|dstnat|filter|security|srcnat|out|-?\d+)( [+-] \d+)?$/.exec(
          texts.join(" "),
        );
      const [, type, hook = "", device] = found ?? [];
      if (!found || !/^(prerouting|input|forward|output|postrouting)$/.test(hook) || device)
        throw new NotUnderstood("a chain of a kind that is not followed", first);
      if (type === "filter" && (hook === "input" || hook === "prerouting"))
        chain.base = { hook, policy: chain.base?.policy ?? "accept", evidence };
      return;
    }
    if (first.text === "policy") {
      const policy = texts[1];
      if ((policy !== "accept" && policy !== "drop") || words.length !== 2)
        throw new NotUnderstood(`policy ${policy ?? ""}`, first);
      if (chain.base) chain.base = { ...chain.base, policy, evidence };
      return;
    }
    if (
      first.text === "comment" ||
      first.text === "flags" ||
      first.text === "devices" ||
      first.text === "device"
    )
      return;
    chain.rules.push(compileRule(words, table.sets, table.family, table.setsUsed));
  }

  #set(reader: Reader, table: NftTable, elementsOnly: boolean): void {
    const name = reader.next().text;
    const found = table.sets.get(name) ?? [];
    table.sets.set(name, found);
    const words = new Reader(this.#statement(reader));
    if (words.done) return;
    if (!words.accept("{")) throw new NotUnderstood("a set without braces", words.next());
    if (elementsOnly) {
      for (const one of readElements(words)) found.push(one);
      return;
    }
    readSetBody(words, found);
  }
}

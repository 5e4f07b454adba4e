import { corrupt, limitReached, type ScanError } from "../../../errors.ts";

// Source: LVM2 libdm/libdm-config.c, the grammar at the top of its parser.

export type Value = string | number | readonly Value[];

/** `name { ... }`: what it holds, by name, in order. */
export class Section {
  readonly label: string;
  readonly values: Map<string, Value> = new Map();
  readonly sections: Map<string, Section> = new Map();

  constructor(label: string) {
    this.label = label;
  }

  /** @throws corrupt when it is missing or no string */
  text(key: string): string {
    const value = this.values.get(key);
    if (typeof value !== "string") throw this.wrong(key, "string");
    return value;
  }

  /** A whole number from 0. @throws corrupt when it is missing or anything else */
  count(key: string): number {
    const value = this.values.get(key);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
      throw this.wrong(key, "whole number");
    return value;
  }

  /** A single value counts as a list of one, a missing one as an empty list. */
  list(key: string): readonly Value[] {
    const value = this.values.get(key);
    return value === undefined ? [] : typeof value === "object" ? value : [value];
  }

  /** An empty one when it is missing. */
  section(key: string): Section {
    return this.sections.get(key) ?? new Section(`${this.label}/${key}`);
  }

  wrong(key: string, wanted: string): ScanError {
    return corrupt(this.label, `metadata: ${key} is no ${wanted}`);
  }
}

const DEPTH_MAX = 16;
const ENTRIES_MAX = 500_000;
const PUNCTUATION = "{}[]=,";

/** Parses metadata text. `label` says in errors whose it is. @throws corrupt, limit */
export function parseText(text: string, label: string): Section {
  return new Parser(text, label).parse();
}

type Token = { readonly kind: "word" | "string" | "mark" | "end"; readonly text: string };

class Parser {
  readonly #text: string;
  readonly #label: string;
  #at = 0;
  #entries = 0;
  #next: Token;

  constructor(text: string, label: string) {
    this.#text = text;
    this.#label = label;
    this.#next = this.#token();
  }

  parse(): Section {
    const top = new Section(this.#label);
    this.#fill(top, 0);
    if (this.#next.kind !== "end") throw this.#unexpected();
    return top;
  }

  #fill(section: Section, depth: number): void {
    if (depth > DEPTH_MAX) throw limitReached(this.#label, `metadata nests deeper than ${DEPTH_MAX}`);
    while (this.#next.kind === "word" || this.#next.kind === "string") {
      this.#count();
      const { text } = this.#take();
      if (this.#accept("=")) section.values.set(text, this.#value(depth));
      else if (this.#accept("{")) {
        const inner = new Section(`${section.label}/${text}`);
        this.#fill(inner, depth + 1);
        this.#expect("}");
        section.sections.set(text, inner);
      } else throw this.#unexpected();
    }
  }

  #value(depth: number): Value {
    if (!this.#accept("[")) return this.#scalar();
    if (depth > DEPTH_MAX) throw limitReached(this.#label, `metadata nests deeper than ${DEPTH_MAX}`);
    const list: Value[] = [];
    while (!this.#accept("]")) {
      this.#count();
      list.push(this.#value(depth + 1));
      if (!this.#accept(",") && !this.#is("]")) throw this.#unexpected();
    }
    return list;
  }

  #scalar(): Value {
    const { kind, text } = this.#next;
    if (kind !== "string" && kind !== "word") throw this.#unexpected();
    if (kind === "word" && !/^[+-]?\d+(\.\d*)?$/.test(text)) throw this.#unexpected();
    this.#take();
    return kind === "string" ? text : Number(text);
  }

  #count(): void {
    if (++this.#entries > ENTRIES_MAX)
      throw limitReached(this.#label, `metadata of more than ${ENTRIES_MAX} entries`);
  }

  #is(mark: string): boolean {
    return this.#next.kind === "mark" && this.#next.text === mark;
  }

  #accept(mark: string): boolean {
    if (!this.#is(mark)) return false;
    this.#take();
    return true;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) throw this.#unexpected();
  }

  #take(): Token {
    const token = this.#next;
    this.#next = this.#token();
    return token;
  }

  #token(): Token {
    this.#skip();
    const start = this.#at;
    const first = this.#text.charAt(start);
    if (first === "") return { kind: "end", text: "" };
    if (first === '"' || first === "'") return { kind: "string", text: this.#quoted(first) };
    if (PUNCTUATION.includes(first)) {
      this.#at++;
      return { kind: "mark", text: first };
    }
    while (this.#at < this.#text.length && !isEnd(this.#text.charAt(this.#at))) this.#at++;
    return { kind: "word", text: this.#text.slice(start, this.#at) };
  }

  /** Blanks and comments. */
  #skip(): void {
    for (;;) {
      const char = this.#text.charAt(this.#at);
      if (char === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end < 0 ? this.#text.length : end;
      } else if (char !== "" && char <= " ") this.#at++;
      else return;
    }
  }

  #quoted(quote: string): string {
    const parts: string[] = [];
    for (let from = ++this.#at; ; this.#at++) {
      const char = this.#text.charAt(this.#at);
      if (char === "") throw corrupt(this.#label, "metadata: a string without an end");
      if (char !== quote && char !== "\\") continue;
      parts.push(this.#text.slice(from, this.#at));
      if (char === quote) {
        this.#at++;
        return parts.join("");
      }
      from = ++this.#at;
    }
  }

  #unexpected(): ScanError {
    const { kind, text } = this.#next;
    const shown = kind === "end" ? "its end" : JSON.stringify(text.slice(0, 40));
    return corrupt(this.#label, `metadata: ${shown} is not expected here`, this.#at);
  }
}

function isEnd(char: string): boolean {
  return char <= " " || char === "#" || char === '"' || PUNCTUATION.includes(char);
}

/**
 * Tokens of GRUB's script language. Source: GRUB manual, "Shell-like scripting" (quoting, variables,
 * comments), and the behaviour of grub-script-check.
 */
import type { Part, Word } from "./syntax.ts";

export type Token =
  | { readonly kind: "word"; readonly word: Word; readonly plain: string | undefined; readonly line: number }
  | { readonly kind: "newline" | "end" | "bad"; readonly line: number }
  /** `{` `}` `;` and those the grammar has no use for. */
  | { readonly kind: "mark"; readonly text: string; readonly line: number };

const MARKS = ["||", "&&", ";;", "|", "&", ";", "<", ">", "{", "}"];
const VARIABLE = /\$(?:([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?#*@])|\{([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?#*@])\})/y;
const PLAIN = /[^{}|&$;<> \t\n'"\\]+/y;
const QUOTED_TEXT = /[^"\\$]+/y;

export class Lexer {
  readonly #text: string;
  #at = 0;
  #line: number;

  constructor(text: string, firstLine = 1) {
    this.#text = text;
    this.#line = firstLine;
  }

  next(): Token {
    this.#skipBlanks();
    const line = this.#line;
    const char = this.#text[this.#at];
    if (char === undefined) return { kind: "end", line };
    if (char === "\n") {
      this.#at++;
      this.#line++;
      return { kind: "newline", line };
    }
    const mark = MARKS.find((text) => this.#text.startsWith(text, this.#at));
    if (mark !== undefined) {
      this.#at += mark.length;
      return { kind: "mark", text: mark, line };
    }
    return this.#word(line);
  }

  /** Everything up to and with the next line break, as GRUB does after a syntax error. */
  skipLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
    if (end !== -1) this.#line++;
  }

  #skipBlanks(): void {
    for (;;) {
      const char = this.#text[this.#at];
      if (char === " " || char === "\t") this.#at++;
      else if (char === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end === -1 ? this.#text.length : end;
      } else return;
    }
  }

  #word(line: number): Token {
    const parts: Part[] = [];
    let plain: string | undefined = "";
    for (;;) {
      const char = this.#text[this.#at];
      if (char === "'") {
        const end = this.#text.indexOf("'", this.#at + 1);
        if (end === -1) return this.#unended(line);
        parts.push({ kind: "text", text: this.#take(end + 1).slice(1, -1), literal: true });
        plain = undefined;
      } else if (char === '"' || (char === "$" && this.#text[this.#at + 1] === '"')) {
        if (char === "$") this.#at++;
        if (!this.#doubleQuoted(parts)) return { kind: "bad", line };
        plain = undefined;
      } else if (char === "\\") {
        const escaped = this.#text[this.#at + 1];
        if (escaped === undefined) return this.#unended(line);
        this.#take(this.#at + 2);
        if (escaped !== "\n") {
          parts.push({ kind: "text", text: escaped, literal: true });
          plain = undefined;
        }
      } else if (char === "$") {
        const name = this.#variable();
        if (name === undefined) return { kind: "bad", line };
        parts.push({ kind: "variable", name, quoted: false });
        plain = undefined;
      } else {
        const text = this.#match(PLAIN);
        if (text === undefined) return { kind: "word", word: parts, plain, line };
        parts.push({ kind: "text", text, literal: false });
        if (plain !== undefined) plain += text;
      }
    }
  }

  /** Appends the parts of a quoted string, the opening quote not yet taken; false when it is malformed. */
  #doubleQuoted(parts: Part[]): boolean {
    this.#at++;
    parts.push({ kind: "text", text: "", literal: true });
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined) return false;
      if (char === '"') {
        this.#at++;
        return true;
      }
      if (char === "$") {
        const name = this.#variable();
        if (name === undefined) return false;
        parts.push({ kind: "variable", name, quoted: true });
      } else if (char === "\\") {
        const escaped = this.#text[this.#at + 1] ?? "";
        const taken = this.#take(this.#at + 2);
        const text = escaped === "\n" ? "" : /[$\\"]/.test(escaped) ? escaped : taken;
        parts.push({ kind: "text", text, literal: true });
      } else {
        QUOTED_TEXT.lastIndex = this.#at;
        const end = QUOTED_TEXT.test(this.#text) ? QUOTED_TEXT.lastIndex : this.#at + 1;
        parts.push({ kind: "text", text: this.#take(end), literal: true });
      }
    }
  }

  #variable(): string | undefined {
    VARIABLE.lastIndex = this.#at;
    const found = VARIABLE.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found[1] ?? found[2];
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** Text up to `end`, line breaks in it counted. */
  #take(end: number): string {
    const text = this.#text.slice(this.#at, end);
    this.#at = Math.min(end, this.#text.length);
    for (const char of text) if (char === "\n") this.#line++;
    return text;
  }

  /** A quote or escape that the text's end cuts off: nothing of it can be parsed. */
  #unended(line: number): Token {
    this.#at = this.#text.length;
    return { kind: "bad", line };
  }
}

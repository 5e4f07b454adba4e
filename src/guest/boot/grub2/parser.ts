/**
 * Grammar of GRUB's script language. Source: GRUB manual, "Shell-like scripting"; what the grammar refuses
 * was seen with grub-script-check. GRUB takes the lines up to the end of a statement at once: after a syntax
 * error it drops all of them but for functions, and goes on with the next line; so does this.
 */
import { Lexer, type Token } from "./lexer.ts";
import type { Block, Source, Statement, Word } from "./syntax.ts";
import { Undecidable } from "./undecidable.ts";

const DEPTH_MAX = 60;
const ERRORS_MAX = 1000;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED = new Set(
  "case do done elif else esac fi for if in select then until while function [[ ]]".split(" "),
);
const ENDS = new Set(["then", "elif", "else", "fi", "do", "done"]);

export interface Script {
  readonly statements: Block;
  /** 1-based lines of syntax errors. */
  readonly errors: readonly number[];
}

/** Parses a whole script. What GRUB would refuse is left out, as GRUB does. */
export function parseScript(text: string, source: Source): Script {
  // GRUB drops carriage returns, and lines that begin with `#` even where a quote is open.
  const lines = text.replaceAll("\r", "").split("\n");
  const numbers = lines.flatMap((content, index) => (content.startsWith("#") ? [] : index + 1));
  const kept = lines.filter((content) => !content.startsWith("#")).join("\n");
  const lineOf = (line: number): number => numbers[line - 1] ?? line;
  const numbered: Source = { ...source, evidence: (line) => source.evidence(lineOf(line)) };
  const { statements, errors } = new Parser(kept, numbered).script();
  return { statements, errors: errors.map(lineOf) };
}

/** `grub.cfg line 3`. */
export function placeOf(source: Source, line: number): string {
  return `${source.name} line ${source.evidence(line).line ?? line}`;
}

class SyntaxFault extends Error {}
/** One for all: where it was thrown does not matter, and recording that is slow. */
const FAULT = new SyntaxFault("syntax error");

class Parser {
  readonly #lexer: Lexer;
  readonly #source: Source;
  #token: Token;
  #depth = 0;

  constructor(text: string, source: Source) {
    this.#lexer = new Lexer(text);
    this.#source = source;
    this.#token = this.#lexer.next();
  }

  script(): Script {
    const statements: Statement[] = [];
    const errors: number[] = [];
    let lines: Statement[] = []; // of the lines that are taken at once
    for (;;) {
      try {
        if (this.#lineEnded()) {
          statements.push(...lines);
          lines = [];
          if (this.#ended()) return { statements, errors };
          this.#newlines();
          continue;
        }
        lines.push(this.#is("function") ? this.#function() : this.#command());
        if (this.#isMark(";")) this.#advance();
        else if (!this.#lineEnded()) throw FAULT;
      } catch (error) {
        if (!(error instanceof SyntaxFault)) throw error;
        errors.push(this.#token.line);
        if (errors.length > ERRORS_MAX)
          throw new Undecidable(`${this.#source.name} has more than ${ERRORS_MAX} syntax errors`);
        statements.push(...lines.filter(({ kind }) => kind === "function"));
        lines = [];
        this.#depth = 0;
        if (!this.#lineEnded()) this.#lexer.skipLine();
        this.#advance();
      }
    }
  }

  #function(): Statement {
    this.#advance();
    const name = this.#name();
    this.#newlines();
    this.#mark("{");
    const body = this.#delimited();
    this.#mark("}");
    return { kind: "function", name, body };
  }

  #command(): Statement {
    this.#deeper();
    const statement = this.#compound() ?? this.#simple();
    this.#depth--;
    return statement;
  }

  #compound(): Statement | undefined {
    if (this.#is("if")) {
      this.#advance();
      const clause = this.#ifClause();
      this.#keyword("fi");
      return clause;
    }
    if (this.#is("for")) return this.#for();
    if (!this.#is("while") && !this.#is("until")) return undefined;
    const until = this.#is("until");
    this.#advance();
    const condition = this.#delimited();
    this.#keyword("do");
    const body = this.#delimited();
    this.#keyword("done");
    return { kind: "while", until, condition, body };
  }

  #ifClause(): Statement {
    this.#deeper();
    const condition = this.#delimited();
    this.#keyword("then");
    const whenTrue = this.#delimited();
    let whenFalse: Block = [];
    if (this.#is("elif")) {
      this.#advance();
      whenFalse = [this.#ifClause()];
    } else if (this.#is("else")) {
      this.#advance();
      whenFalse = this.#delimited();
    }
    this.#depth--;
    return { kind: "if", condition, whenTrue, whenFalse };
  }

  #for(): Statement {
    const { line } = this.#token;
    this.#advance();
    const name = this.#name();
    this.#keyword("in");
    const words = this.#words();
    this.#delimiters();
    this.#keyword("do");
    const body = this.#delimited();
    this.#keyword("done");
    return { kind: "for", name, words, body, line, source: this.#source };
  }

  #simple(): Statement {
    const first = this.#token;
    if (first.kind !== "word" || (first.plain !== undefined && RESERVED.has(first.plain))) throw FAULT;
    const words = this.#words();
    let block: Block | undefined;
    if (this.#isMark("{")) {
      this.#advance();
      block = this.#commands().block;
      this.#mark("}");
    }
    return { kind: "command", words, block, source: this.#source, line: first.line };
  }

  #words(): readonly Word[] {
    const words: Word[] = [];
    while (this.#token.kind === "word" && this.#token.plain !== "[[" && this.#token.plain !== "]]") {
      words.push(this.#token.word);
      this.#advance();
    }
    return words;
  }

  /** One or more commands, and whether a delimiter stood after the last one. */
  #commands(): { block: Block; delimited: boolean } {
    this.#newlines();
    const block: Statement[] = [];
    for (;;) {
      block.push(this.#command());
      if (!this.#isDelimiter()) return { block, delimited: false };
      this.#delimiters();
      if (this.#token.kind !== "word" || ENDS.has(this.#token.plain ?? "")) return { block, delimited: true };
    }
  }

  /** Commands of which the last is delimited too, as everywhere but in the block of a command. */
  #delimited(): Block {
    const { block, delimited } = this.#commands();
    if (!delimited) throw FAULT;
    return block;
  }

  /** `;` or a line break, then any number of line breaks. */
  #delimiters(): void {
    this.#delimiter();
    this.#newlines();
  }

  #delimiter(): void {
    if (!this.#isDelimiter()) throw FAULT;
    this.#advance();
  }

  #isDelimiter(): boolean {
    return this.#token.kind === "newline" || this.#isMark(";");
  }

  #newlines(): void {
    while (this.#token.kind === "newline") this.#advance();
  }

  #name(): string {
    const plain = this.#token.kind === "word" ? this.#token.plain : undefined;
    if (plain === undefined || !NAME.test(plain) || RESERVED.has(plain)) throw FAULT;
    this.#advance();
    return plain;
  }

  #keyword(word: string): void {
    if (!this.#is(word)) throw FAULT;
    this.#advance();
  }

  #mark(text: string): void {
    if (!this.#isMark(text)) throw FAULT;
    this.#advance();
  }

  #lineEnded(): boolean {
    return this.#token.kind === "newline" || this.#ended();
  }

  #ended(): boolean {
    return this.#token.kind === "end";
  }

  #is(word: string): boolean {
    return this.#token.kind === "word" && this.#token.plain === word;
  }

  #isMark(text: string): boolean {
    return this.#token.kind === "mark" && this.#token.text === text;
  }

  #deeper(): void {
    if (++this.#depth > DEPTH_MAX) throw new Undecidable(`${this.#source.name} nests too deeply`);
  }

  #advance(): void {
    this.#token = this.#lexer.next();
  }
}

import type { Line } from "../../../lines.ts";

export interface Token {
  /** `end` ends a statement: a newline or a semicolon. */
  readonly kind: "word" | "string" | "variable" | "set" | "mark" | "end";
  readonly text: string;
  readonly line: Line;
  readonly locator: string;
}

/** Thrown for what this subset does not hold; becomes "unknown". */
export class NotUnderstood extends Error {
  readonly at: Pick<Token, "line" | "locator">;
  constructor(message: string, at: Pick<Token, "line" | "locator">) {
    super(message);
    this.at = at;
  }
}

const SPACE = /[ \t\r]+/y;
/** IPv6 and MAC addresses: colons belong to them; elsewhere they separate. */
const ADDRESS = /(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F.]*)(?:\/[0-9a-fA-F:.]+)?/y;
const WORD = /[A-Za-z0-9_./\\*+-]+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_./\\-]*/y;
const MARK = /!=|==|<=|>=|<<|>>|[{}(),:=<>!&|^~?]/y;

/**
 * Tokens of nft's language. Comments run from `#` to the end of the line; a backslash at the end of a line joins
 * the next. Source: nft(8), "INPUT FILE FORMATS"; nftables src/scanner.l.
 */
export function tokenize(lines: readonly Line[], locator: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const line of lines) {
    const { text } = line;
    const add = (kind: Token["kind"], word: string): void =>
      void tokens.push({ kind, text: word, line, locator });
    let at = 0;
    let isJoined = false;
    const take = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      if (found !== undefined) at += found.length;
      return found;
    };
    while (at < text.length) {
      if (take(SPACE) !== undefined) continue;
      const character = text[at] ?? "";
      if (character === "#") break;
      if (character === "\\" && /^\\\s*$/.test(text.slice(at))) {
        isJoined = true;
        break;
      }
      if (character === ";") {
        at++;
        add("end", ";");
      } else if (character === '"' || character === "'") {
        const end = text.indexOf(character, at + 1);
        if (end < 0) throw new NotUnderstood("a string without its end", { line, locator });
        add("string", text.slice(at + 1, end));
        at = end + 1;
      } else if (character === "$" || character === "@") {
        at++;
        const name = take(NAME);
        if (name === undefined)
          throw new NotUnderstood(`a name is missing after ${character}`, { line, locator });
        add(character === "$" ? "variable" : "set", name);
      } else {
        const address = take(ADDRESS);
        const word = address ?? take(WORD);
        if (word !== undefined) add("word", word);
        else {
          const mark = take(MARK);
          if (mark === undefined)
            throw new NotUnderstood(`unexpected ${JSON.stringify(character)}`, { line, locator });
          add("mark", mark);
        }
      }
    }
    if (!isJoined) add("end", "\n");
  }
  return tokens;
}

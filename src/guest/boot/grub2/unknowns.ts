import { Undecidable } from "./undecidable.ts";

/** Private-use characters stand for what only the running machine knows; `BootFiles` keeps out an image's own. */
const FIRST = 0xf0000;
const COUNT_MAX = 0xfff0;
const ALTERNATIVES_MAX = 16;
const LENGTH_MAX = 4096;
const MARK = /[\u{F0000}-\u{FFFFF}]/u;
const MARKS = /[\u{F0000}-\u{FFFFF}]/gu;

interface Piece {
  /** Every value it can have, when they are known. */
  readonly alternatives: readonly string[] | undefined;
  /** It may be empty or hold white space: unquoted, it may add arguments or take one away. */
  readonly splits: boolean;
}

export function isKnown(text: string): boolean {
  return !MARK.test(text);
}

/** The known part of `text`. */
export function knownPart(text: string): string {
  return text.replace(MARKS, "");
}

/**
 * Values that cannot be told offline, as characters inside ordinary strings: they travel through
 * assignments and concatenations by themselves.
 */
export class Unknowns {
  readonly #pieces: Piece[] = [];

  /** Anything at all. */
  any(): string {
    return this.#add({ alternatives: undefined, splits: true });
  }

  /** One word: not empty, no white space (a UUID, a device). */
  word(): string {
    return this.#add({ alternatives: undefined, splits: false });
  }

  /** One of these. */
  oneOf(values: readonly string[]): string {
    const distinct = [...new Set(values)];
    const [only] = distinct;
    if (distinct.length === 1 && only !== undefined) return only;
    if (distinct.length > ALTERNATIVES_MAX) return this.any();
    return this.#add({
      alternatives: distinct,
      splits: distinct.some((value) => value === "" || /\s/.test(value)),
    });
  }

  /** Either text; each may itself be unknown. */
  either(a: string, b: string): string {
    if (a === b) return a;
    const all = [this.alternatives(a), this.alternatives(b)];
    const [left, right] = all;
    if (left !== undefined && right !== undefined) return this.oneOf([...left, ...right]);
    return this.splits(a) || this.splits(b) ? this.any() : this.word();
  }

  /** Every text that `text` can be, or undefined. A known text has one. */
  alternatives(text: string): readonly string[] | undefined {
    if (isKnown(text)) return [text];
    if (text.length > LENGTH_MAX) return undefined;
    let texts: readonly string[] = [""];
    for (const char of text) {
      const piece = this.#piece(char);
      const values = piece === undefined ? [char] : piece.alternatives;
      if (values === undefined) return undefined;
      texts = texts.flatMap((head) => values.map((value) => head + value));
      if (texts.length > ALTERNATIVES_MAX) return undefined;
    }
    return texts;
  }

  /** True when `text`, unquoted, could be any number of words. */
  splits(text: string): boolean {
    return Array.from(text.matchAll(MARKS)).some(([char]) => this.#piece(char)?.splits === true);
  }

  /** The same text inside double quotes: it can no longer split. */
  quoted(text: string): string {
    return text.replace(MARKS, (char) => {
      const piece = this.#piece(char);
      return piece?.splits === true ? this.#add({ ...piece, splits: false }) : char;
    });
  }

  /** Every mark replaced by its first alternative, or by `?`. */
  shown(text: string): string {
    return text.replace(MARKS, (char) => this.#piece(char)?.alternatives?.[0] ?? "?");
  }

  #piece(char: string): Piece | undefined {
    const code = char.codePointAt(0) ?? 0;
    return code < FIRST ? undefined : this.#pieces[code - FIRST];
  }

  #add(piece: Piece): string {
    if (this.#pieces.length >= COUNT_MAX) throw new Undecidable("too much depends on the running machine");
    this.#pieces.push(piece);
    return String.fromCodePoint(FIRST + this.#pieces.length - 1);
  }
}

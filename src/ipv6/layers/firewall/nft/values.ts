import { any, isPort } from "../packet.ts";
import type { Packet, Tri, Verdict } from "../ruleset.ts";
import { matchesJoined, matchesValue } from "./expression.ts";
import { NotUnderstood, type Token } from "./lexer.ts";

/** One element of a set (`22`, `lo . 22`) or map (`new : accept`). */
export interface Element {
  /** The parts between dots. */
  readonly key: readonly string[];
  readonly verdict?: Verdict;
}

export type Sets = ReadonlyMap<string, readonly Element[]>;

/** Reads tokens one by one. */
export class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }

  /** Texts of what comes, for looking ahead. */
  texts(count: number): readonly string[] {
    return this.#tokens.slice(this.#at, this.#at + count).map(({ text }) => text);
  }

  next(): Token {
    const token = this.#tokens[this.#at++];
    const last = token ?? this.#tokens.at(-1);
    if (!token) {
      if (!last) throw new Error("a reader of no tokens was asked for one");
      throw new NotUnderstood("something is missing at the end", last);
    }
    return token;
  }

  skip(count: number): void {
    this.#at = Math.min(this.#tokens.length, this.#at + count);
  }

  /** Takes the token when it is the mark or word `text`. */
  accept(text: string): boolean {
    const token = this.peek();
    if (!token || token.text !== text || token.kind === "string") return false;
    this.#at++;
    return true;
  }

  rest(): readonly Token[] {
    return this.#tokens.slice(this.#at);
  }
}

/** `accept`, `jump NAME`, ... or undefined when no verdict stands here. */
export function readVerdict(reader: Reader): Verdict | undefined {
  const token = reader.peek();
  if (token?.kind !== "word") return undefined;
  switch (token.text) {
    case "accept":
    case "drop":
    case "return":
    case "continue": {
      reader.next();
      return { do: token.text };
    }
    case "jump":
    case "goto": {
      reader.next();
      const name = reader.next();
      if (name.kind === "mark") throw new NotUnderstood("a chain without a name", name);
      return { do: token.text, chain: name.text };
    }
    default:
      return undefined;
  }
}

/** `{ a, b . c, { d }, e : accept }`, the opening brace taken already. Options of elements are passed over. */
export function readElements(reader: Reader): readonly Element[] {
  const elements: Element[] = [];
  // Commas stand between elements; one behind the last is allowed.
  let isDue = false;
  for (let depth = 1; ; ) {
    while (reader.peek()?.kind === "end") reader.next();
    if (reader.accept("}")) {
      depth--;
      if (depth === 0) return elements;
      isDue = true;
    } else if (reader.accept(",")) {
      if (!isDue) throw new NotUnderstood("a comma too many", reader.next());
      isDue = false;
    } else {
      if (isDue) throw new NotUnderstood("a comma is missing", reader.next());
      if (reader.accept("{")) depth++;
      else {
        elements.push(readElement(reader));
        isDue = true;
      }
    }
  }
}

function readElement(reader: Reader): Element {
  const key: string[] = [];
  do key.push(readSingle(reader));
  while (reader.accept("."));
  for (;;) {
    const token = reader.peek();
    if (!token || token.kind === "end") reader.next();
    else if (reader.accept(":")) {
      const verdict = readVerdict(reader);
      return verdict ? { key, verdict } : { key: [...key, ":", reader.next().text] };
    } else if (token.kind === "mark" && /[,}]/.test(token.text)) return { key };
    else if (token.text === "counter") reader.next();
    else if (/^(timeout|expires|comment)$/.test(token.text)) reader.skip(2);
    else throw new NotUnderstood(`unexpected ${token.text} in a set`, token);
  }
}

/** Words of the language: where a value should stand they mean that something is missing. */
const KEYWORDS = new Set(
  "accept drop reject return continue jump goto queue counter log limit rate burst packets bytes comment meta ct th fib rt type hook policy priority table chain rule set map vmap flags elements add with prefix level set l4proto nfproto iifname oifname iif oif dport sport saddr daddr state".split(
    " ",
  ),
);

/** Numbers, times, ranges, addresses, names: what starts with a digit is no name. */
const VALUE =
  /^(\d+([smhd]|-\d+)?|0x[0-9a-fA-F]+|[0-9a-fA-F]*[:.][0-9a-fA-F:.]*(\/\d+|-[0-9a-fA-F:.]+)?|\d+\.[\d.]+(\/\d+|-[\d.]+)?|[A-Za-z][A-Za-z0-9_.*+-]*)$/;

/** One value; a range may have blanks around its dash. */
export function readSingle(reader: Reader): string {
  const token = reader.next();
  if (token.kind === "word" && (KEYWORDS.has(token.text) || !VALUE.test(token.text)))
    throw new NotUnderstood(`${token.text} is no value`, token);
  if (token.kind !== "word" && token.kind !== "string")
    throw new NotUnderstood(`unexpected ${token.text}`, token);
  if (token.kind === "word" && reader.peek()?.text === "-") {
    reader.next();
    return `${token.text}-${reader.next().text}`;
  }
  return token.text;
}

/** Whether one of the elements is the packet's. */
export function matchesElements(
  selectors: readonly (readonly string[])[],
  elements: readonly Element[],
  packet: Packet,
): Tri {
  return any(elements.map(({ key }) => matchesKey(selectors, key, packet)));
}

export function matchesKey(
  selectors: readonly (readonly string[])[],
  key: readonly string[],
  packet: Packet,
): Tri {
  const [first, ...more] = selectors;
  if (!first) return "maybe";
  if (more.length > 0) return matchesJoined(selectors, key, packet);
  return key.length === 1 ? matchesValue(first, key[0] ?? "", packet) : "maybe";
}

/** `tcp dport > 1023`: as a range of ports. */
export function comparePort(operator: string, value: string): Tri {
  if (!/^\d+$/.test(value)) return "maybe";
  const number = Number(value);
  switch (operator) {
    case "<":
      return isPort(`0-${number - 1}`);
    case "<=":
      return isPort(`0-${number}`);
    case ">":
      return isPort(`${number + 1}-65535`);
    case ">=":
      return isPort(`${number}-65535`);
    default:
      return "maybe";
  }
}

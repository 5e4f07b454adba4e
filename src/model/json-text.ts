/* What a text of JSON is told by itself, before or beside JSON.parse. Nothing here recurses. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKETS = { openObject: 0x7b, closeObject: 0x7d, openList: 0x5b, closeList: 0x5d } as const;
const KEY = /[ \t\r\n]*:/y;

/** Nested deeper than it may be, or what else is wrong with a stranger's JSON. */
export interface RefusedJson {
  readonly problem: "depth" | "other";
  readonly reason: string;
}

/**
 * JSON of a stranger, in UTF-8 without a byte order mark. Keys that reach for prototypes are refused: libraries drop or
 * obey them, and what is checked would not be what is used. So are keys that stand twice.
 */
export function strangersJson(
  bytes: Uint8Array,
  depthMax: number,
): { readonly value: unknown } | RefusedJson {
  let reaches = false;
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (isDeeper(text, depthMax)) return { problem: "depth", reason: `nested more than ${depthMax} deep` };
    value = JSON.parse(text, (key, one: unknown) => {
      reaches ||= key === "__proto__";
      return one;
    });
  } catch (error) {
    return { problem: "other", reason: error instanceof Error ? error.message : String(error) };
  }
  if (reaches) return { problem: "other", reason: "it has a key __proto__" };
  const repeated = repeatedKey(text);
  return repeated === undefined
    ? { value }
    : { problem: "other", reason: `the key ${repeated} stands there twice` };
}

/** An object with the keys it had so far, or a list with how many items came before. */
interface Level {
  readonly keys?: Set<string>;
  at: string | number;
}

/**
 * Where a key stands twice in one object of a JSON text (or of several, one after the other): `results.0.verdict`.
 * Undefined where none does. RFC 8259, section 4, leaves it to readers which of the two they take; JSON.parse takes the
 * last, others the first, and what one of them checks is not what the other one shows. Takes what JSON.parse takes.
 */
export function repeatedKey(text: string): string | undefined {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1);
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        KEY.lastIndex = end + 1;
        if (level?.keys && KEY.test(text)) {
          const key = plainString(text.slice(at, end + 1));
          level.at = key;
          if (level.keys.has(key)) return levels.map((one) => String(one.at)).join(".");
          level.keys.add(key);
        }
        at = end;
        break;
      }
      case BRACKETS.openObject:
        levels.push({ keys: new Set(), at: "" });
        break;
      case BRACKETS.openList:
        levels.push({ at: 0 });
        break;
      case BRACKETS.closeObject:
      case BRACKETS.closeList:
        levels.pop();
        break;
      case COMMA:
        if (typeof level?.at === "number") level.at++;
    }
  }
  return undefined;
}

/**
 * Whether a JSON text nests lists and objects more than `max` deep. To be asked before a stranger's text is parsed: a
 * million brackets are a megabyte here, and fifty once they are objects. Takes any text.
 */
export function isDeeper(text: string, max: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case BRACKETS.openObject:
      case BRACKETS.openList:
        if (++depth > max) return true;
        break;
      case BRACKETS.closeObject:
      case BRACKETS.closeList:
        depth--;
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return text.length;
}

/** Two spellings of one key are the same key. */
function plainString(quoted: string): string {
  const value: unknown = quoted.includes("\\") ? JSON.parse(quoted) : quoted.slice(1, -1);
  return String(value);
}

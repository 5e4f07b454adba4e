import { escapeText } from "../escape.ts";

/**
 * What the fonts inside the Typst compiler can draw: Latin, Greek and Cyrillic letters and usual punctuation. PDF/UA
 * forbids a letter without a glyph, and a font of the host would make the document another one on each machine.
 */
const DRAWN =
  /[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9\u0410-\u044f\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u203a]/u;

const LONG_WORD = /\S{20,}/g;
/** Where a long word may go on in the next line (ZERO WIDTH SPACE): after what separates its parts, else anywhere. */
const BREAK_AFTER = /[/=:_.,;@|\\-](?=.)|[^/=:_.,;@|\\-]{24}(?=.)/g;

/** Text of an image as the document can show it: at most `max` characters, what hides or cannot be drawn as `\u65e5`. */
export function printable(text: string, max = 300): string {
  const whole = text.length <= max ? text : `${text.slice(0, max).toWellFormed()}`;
  const shown = Array.from(escapeText(whole.replace(/[\t ]+/g, " ").trim()), (point) =>
    DRAWN.test(point) ? point : `\\u{${(point.codePointAt(0) ?? 0).toString(16)}}`,
  ).join("");
  const wrapped = shown.replace(LONG_WORD, (word) => word.replace(BREAK_AFTER, "$&\u200b"));
  return whole === text ? wrapped : `${wrapped} … (cut: ${text.length} characters)`;
}

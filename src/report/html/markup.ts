import { escapeText } from "../escape.ts";

/** HTML that is safe to put into a page: made by {@link html} only. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | undefined | readonly Part[];

const SPECIAL = /[&<>"']/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template whose values are text unless they are markup: what hides or reorders text is shown, HTML is escaped. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let markup = texts[0] ?? "";
  for (const [at, part] of parts.entries()) markup += markupOf(part) + (texts[at + 1] ?? "");
  return { markup };
}

export const NOTHING: Markup = { markup: "" };

/** Trusted text of this program, never of an image: a style sheet, a script. */
export function raw(markup: string): Markup {
  return { markup };
}

function markupOf(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return escapeText(part).replace(SPECIAL, (found) => ENTITIES[found] ?? "");
  if ("markup" in part) return part.markup;
  return part.map(markupOf).join("");
}

/** Text of an image in a sentence: it keeps its direction of writing to itself. */
export function named(text: string, max = 300): Markup {
  return html`<bdi>${cut(text, max)}</bdi>`;
}

/** As `named`, for narrow columns: a path breaks after its separators rather than in its words. */
export function breakable(text: string, max = 300): Markup {
  const { markup } = named(text, max);
  return { markup: markup.replace(/(?<!<)[/\\]/g, (separator) => `${separator}<wbr>`) };
}

/** At most `max` characters, and a note of how many there were. The canonical JSON has all of it. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max).toWellFormed()} … (cut: ${text.length.toLocaleString("en")} characters)`;
}

import { escapeText } from "./escape.ts";

/** Text as people read it: nothing hidden, in one line, and no longer than a reader bears. */
export function plain(text: string, max = 1000): string {
  // Cut first: escaping a megabyte to throw it away costs more than the rest of the report.
  const cut = text.length > max ? `${text.slice(0, max).toWellFormed()}…` : text;
  return escapeText(cut.replace(/[\t\r\n ]+/g, " ").trim());
}

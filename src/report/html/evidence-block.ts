import type { Evidence } from "../../model/locator.ts";
import { chainOf, pathOf } from "../evidence.ts";
import { cut, html, type Markup, NOTHING, named } from "./markup.ts";

const LINE_MAX = 400;
const PATH_MAX = 300;
const LINES_MAX = 12;

/** Files with their lines, numbered: lines of one file stand together. */
export function evidenceBlocks(evidence: readonly Evidence[]): Markup {
  if (evidence.length === 0) return NOTHING;
  const shown = evidence.slice(0, LINES_MAX);
  const files = Map.groupBy(shown, ({ locator }) => locator);
  const more = evidence.length - shown.length;
  return html`${[...files].map(([locator, lines]) => fileBlock(locator, lines))}${more > 0 ? html`<p class="m">${more} more in the JSON</p>` : NOTHING}`;
}

function fileBlock(locator: string, lines: readonly Evidence[]): Markup {
  const told = lines.filter(({ text, line }) => text !== undefined || line !== undefined);
  return html`<div class="e"><p><code>${cut(pathOf(locator), PATH_MAX)}</code> <small>${insideOf(locator)}</small></p>${told.length > 0 ? html`<pre>${told.map(lineOf)}</pre>` : NOTHING}</div>`;
}

function lineOf({ line, text = "" }: Evidence): Markup {
  const folded = cut(text, LINE_MAX)
    .replace(/[\t ]+/g, " ")
    .trim();
  return html`<span>${line === undefined ? NOTHING : html`<b>${line}</b>`}<bdi>${folded}</bdi></span>`;
}

/** The way into the image, without the image itself, which stands in the title of its section. */
function insideOf(locator: string): Markup {
  const chain = chainOf(locator);
  const at = chain.indexOf(" > ");
  return at < 0 ? NOTHING : named(chain.slice(at + 3).replaceAll(" > ", " › "), PATH_MAX);
}

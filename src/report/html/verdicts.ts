import type { Verdict } from "../../model/report.ts";
import { html, type Markup, raw } from "./markup.ts";

/** What needs a person first stands first. */
export const BY_URGENCY: readonly Verdict[] = ["flagged", "unreadable", "review", "waived", "pass"];

/** One shape a verdict, so that none is told by its colour alone. */
const SHAPES: Readonly<Record<Verdict, string>> = {
  flagged: `<path d="M8 .8 15.6 14.6H.4Z"/><path class="k" d="M8 5.6v4.2M8 11.9v.4"/>`,
  unreadable: `<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="2"/><path class="k" d="m5 5 6 6m0-6-6 6"/>`,
  // Dots, not a question mark: that would look like the character for what cannot be shown.
  review: `<path d="M8 .5 15.5 8 8 15.5.5 8Z"/><path class="k" d="M4.800 8h.1M7.950 8h.1M11.100 8h.1"/>`,
  waived: `<rect x=".8" y="3.500" width="14.400" height="9" rx="4.500"/><path class="k" d="M4.600 8h6.800"/>`,
  pass: `<circle cx="8" cy="8" r="7.300"/><path class="k" d="m4.800 8.300 2.300 2.300 4.300-4.700"/>`,
};

/** Symbols that {@link badge} refers to: once a page. */
export function shapes(): Markup {
  const symbols = BY_URGENCY.map(
    (verdict) => `<symbol id="v-${verdict}" viewBox="0 0 16 16">${SHAPES[verdict]}</symbol>`,
  );
  return raw(`<svg class="defs" aria-hidden="true">${symbols.join("")}</svg>`);
}

export function shape(verdict: Verdict): Markup {
  return html`<svg class="s ${verdict}" aria-hidden="true"><use href="#v-${verdict}"/></svg>`;
}

export function badge(verdict: Verdict): Markup {
  return html`<span class="b ${verdict}">${shape(verdict)}${verdict}</span>`;
}

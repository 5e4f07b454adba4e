import type { ScanResult } from "../../model/report.ts";
import { briefSection, imageSection, nameSection } from "./image-section.ts";
import { html, type Markup, NOTHING } from "./markup.ts";

const byteLength = ({ markup }: Markup): number => Buffer.byteLength(markup);

/**
 * A section for each image, `bytesMax` in all: a page that no browser opens is of use to nobody. Where whole ones do
 * not fit, the first images (the most urgent) stay whole, later ones come in short, the last by name; and it is said.
 */
export function imageSections(results: readonly ScanResult[], bytesMax: number): Markup {
  const whole = fitting(results, imageSection, bytesMax);
  if (whole.length === results.length) return html`${whole}`;
  const names = results.map(nameSection);
  const brief = fitting(results, briefSection, bytesMax - sum(names), names);
  const reserved = sum(names.slice(brief.length)) + sum(brief);
  const kept = upgraded(brief, whole, bytesMax - reserved);
  const sections = [...whole.slice(0, kept), ...brief.slice(kept), ...names.slice(brief.length)];
  return html`${told(results.length, kept, brief.length)}${sections}`;
}

/** The first sections that fit together. `instead` is what they take the place of. */
function fitting(
  results: readonly ScanResult[],
  section: (result: ScanResult, at: number) => Markup,
  bytesMax: number,
  instead: readonly Markup[] = [],
): readonly Markup[] {
  const sections: Markup[] = [];
  let left = bytesMax;
  for (const [at, result] of results.entries()) {
    const one = section(result, at);
    left -= byteLength(one) - byteLength(instead[at] ?? NOTHING);
    if (left < 0) break;
    sections.push(one);
  }
  return sections;
}

/** How many of the first sections can be whole with `bytesMax` more. */
function upgraded(brief: readonly Markup[], whole: readonly Markup[], bytesMax: number): number {
  let left = bytesMax;
  for (const [at, one] of brief.entries()) {
    const better = whole[at];
    if (!better) return at;
    left -= byteLength(better) - byteLength(one);
    if (left < 0) return at;
  }
  return brief.length;
}

function sum(sections: readonly Markup[]): number {
  return sections.reduce((total, one) => total + byteLength(one), 0);
}

function told(all: number, whole: number, brief: number): Markup {
  const count = (number: number): string => number.toLocaleString("en");
  const rest = all - brief;
  return html`<p class="m">The first ${count(whole)} of ${count(all)} images, the most urgent ones, are here whole, ${count(brief - whole)} in short${rest > 0 ? `, ${count(rest)} by name` : ""}: more would make this page too large to open. The JSON has all of every image; a report of fewer images has all of them here.</p>`;
}

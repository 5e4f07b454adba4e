import type { Report, ScanResult, Verdict } from "../../model/report.ts";
import { tally } from "../tally.ts";
import { html, type Markup, NOTHING, named } from "./markup.ts";
import { BY_URGENCY, shape } from "./verdicts.ts";

const ROWS_MAX = 12;

/** The sum in words and numbers, and who has what: by provider and by family. */
export function summary(report: Report): Markup {
  const counts = tally(report);
  const total = report.results.length;
  const tiles = BY_URGENCY.map(
    (verdict) =>
      html`<li class="${verdict}">${shape(verdict)}<b>${counts[verdict]}</b> <span>${verdict}</span></li>`,
  );
  return html`<section aria-labelledby="summary"><h2 id="summary">Summary</h2>
<p class="lead">${headline(counts, total)}</p>
<ul class="tiles">${tiles}</ul>
<p class="key">Flagged: breaks a rule of its policy. Unreadable: could not be judged, which is never a pass. Review: a person has to decide. Waived: somebody decided to live with it, until a day.</p>
${total === 0 ? NOTHING : html`<div class="charts">${chart("By provider", report, (result) => result.image.provider)}${chart("By family", report, (result) => result.image.family)}</div>`}</section>`;
}

function headline(counts: Readonly<Record<Verdict, number>>, total: number): string {
  if (total === 0) return "No image was judged.";
  const images = total === 1 ? "the one image" : `${total} images`;
  if (counts.pass === total) return total === 1 ? "The one image passed." : `All ${total} images passed.`;
  const open = counts.flagged + counts.unreadable + counts.review;
  if (open === 0) return `Nothing is open: ${counts.pass} of ${images} passed, ${counts.waived} waived.`;
  const parts = [
    ...(counts.flagged > 0 ? [`${counts.flagged} flagged`] : []),
    ...(counts.unreadable > 0 ? [`${counts.unreadable} that could not be read`] : []),
    ...(counts.review > 0 ? [`${counts.review} for a person to review`] : []),
  ];
  return `${open} of ${images} ${open === 1 ? "needs" : "need"} attention: ${parts.join(", ")}.`;
}

interface Row {
  readonly name: string;
  readonly isRest?: boolean;
  readonly counts: Record<Verdict, number>;
  total: number;
}

function chart(title: string, { results }: Report, keyOf: (result: ScanResult) => string): Markup {
  const rows = new Map<string, Row>();
  for (const result of results) {
    const name = keyOf(result);
    const row = rows.get(name) ?? emptyRow(name);
    rows.set(name, row);
    row.counts[result.verdict]++;
    row.total++;
  }
  const sorted = [...rows.values()].toSorted(
    (a, b) => b.counts.flagged - a.counts.flagged || b.total - a.total || (a.name < b.name ? -1 : 1),
  );
  const shown = sorted.length > ROWS_MAX ? sorted.slice(0, ROWS_MAX - 1) : sorted;
  const rest = sorted.slice(shown.length);
  const all = rest.length > 0 ? [...shown, sumOf(rest)] : shown;
  const widest = Math.max(...all.map(({ total }) => total));
  return html`<div class="chart"><h3>${title}</h3><ul>${all.map((row) => bar(row, row.isRest === true ? Math.max(widest, row.total) : widest))}</ul></div>`;
}

function emptyRow(name: string): Row {
  return { name, counts: { pass: 0, flagged: 0, review: 0, unreadable: 0, waived: 0 }, total: 0 };
}

function sumOf(rest: readonly Row[]): Row {
  const sum: Row = { ...emptyRow(`${rest.length} more`), isRest: true };
  for (const { counts, total } of rest) {
    sum.total += total;
    for (const verdict of BY_URGENCY) sum.counts[verdict] += counts[verdict];
  }
  return sum;
}

/** The picture repeats the words below it: it is hidden from those who listen. */
function bar({ name, counts, total }: Row, widest: number): Markup {
  const there = BY_URGENCY.filter((verdict) => counts[verdict] > 0);
  let x = 0;
  const rects = there.map((verdict) => {
    const width = (counts[verdict] / widest) * 100;
    const gap = Math.min(0.6, width / 4);
    const rect = html`<rect class="${verdict}" x="${round(x)}" width="${round(width - gap)}" height="10"/>`;
    x += width;
    return rect;
  });
  const words = there.map((verdict) => html`<span>${shape(verdict)}${counts[verdict]} ${verdict}</span> `);
  return html`<li><span class="n">${named(name, 80)}</span> <span class="t">${total}</span><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${rects}</svg><span class="w">${words}</span></li>`;
}

function round(value: number): string {
  return String(Number(value.toFixed(2)));
}

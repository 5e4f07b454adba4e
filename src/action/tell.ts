import { driftLine } from "../cli/commands/watch/tell.ts";
import type { Round } from "../cli/round.ts";
import type { Entry } from "../ledger/ledger.ts";
import { escapeText } from "../report/escape.ts";
import { inert } from "../report/markdown/markdown.ts";
import { VERDICTS } from "../report/tally.ts";
import { annotate } from "./protocol.ts";

/** GitHub shows ten annotations of a level for a step. */
const ANNOTATIONS_MAX = 10;
const ROWS_MAX = 500;
const MARKS = { pass: "✅", flagged: "🚩", review: "👀", unreadable: "⚠️", waived: "📝" } as const;

/** The job's summary, in GitHub's Markdown. */
export function summaryMarkdown({ run, watched }: Round): string {
  const { enumerated, totals, verdicts, drift, open, openTotal } = watched;
  const { scanned, known, failed } = totals;
  const lines = [
    "## sixray: will these images speak IPv6?",
    "",
    `${enumerated} images: **${scanned}** scanned, **${known}** known, **${failed}** failed; **${drift.length}** drifted. Run \`${run}\`.`,
    "",
    "| verdict | images |",
    "| --- | ---: |",
    ...VERDICTS.filter((verdict) => verdicts.has(verdict)).map(
      (verdict) => `| ${MARKS[verdict]} ${verdict} | ${verdicts.get(verdict) ?? 0} |`,
    ),
  ];
  if (drift.length > 0) {
    lines.push("", "### What changed", "");
    for (const one of drift.slice(0, ROWS_MAX)) lines.push(`- ${inert(driftLine(one))}`);
    if (drift.length > ROWS_MAX) lines.push(`- ... and ${drift.length - ROWS_MAX} more`);
  }
  if (open.length > 0) {
    lines.push("", "### Open", "", "| | family | image | why |", "| --- | --- | --- | --- |");
    for (const { image, verdict, reason } of open.slice(0, ROWS_MAX))
      lines.push(
        `| ${MARKS[verdict]} ${verdict} | ${inert(image.family)} | ${inert(image.id)} | ${inert(reason)} |`,
      );
    if (openTotal > ROWS_MAX) lines.push("", `... and ${openTotal - ROWS_MAX} more: see the reports.`);
  }
  return `${lines.join("\n")}\n`;
}

/** One for each family, as many of a level as GitHub shows, the largest first; what does not fit is counted in the last. */
export function annotations({ watched: { open, drift } }: Round): string {
  const families = new Map<string, Pick<Entry, "image" | "verdict" | "reason">[]>();
  for (const one of open) {
    const key = `${one.verdict} ${one.image.provider} ${one.image.family}`;
    families.set(key, [...(families.get(key) ?? []), one]);
  }
  const errors: string[] = [];
  const warnings = drift.map((one) =>
    annotate("warning", `IPv6 drift: ${escapeText(one.image.family)}`, escapeText(driftLine(one))),
  );
  for (const [first, ...more] of [...families.values()].toSorted((a, b) => b.length - a.length)) {
    if (!first) continue;
    const { image, verdict, reason } = first;
    const also = more.length > 0 ? ` (and ${more.length} more of this family)` : "";
    const level = verdict === "flagged" ? "error" : "warning";
    (level === "error" ? errors : warnings).push(
      annotate(level, `${verdict}: ${escapeText(image.family)}`, escapeText(`${image.id}: ${reason}${also}`)),
    );
  }
  const shown = [errors, warnings].flatMap((some) => some.slice(0, ANNOTATIONS_MAX));
  const left = errors.length + warnings.length - shown.length;
  if (left > 0) shown.push(annotate("notice", "sixray", `${left} more families: see the summary`));
  return shown.join("");
}

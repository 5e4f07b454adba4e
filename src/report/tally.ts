import type { Report, Verdict } from "../model/report.ts";

/** In the order reports name them. */
export const VERDICTS: readonly Verdict[] = ["pass", "flagged", "review", "unreadable", "waived"];

/** How many images got which verdict: what an exit code is made from. */
export function tally(report: Report): Readonly<Record<Verdict, number>> {
  const counts: Record<Verdict, number> = { pass: 0, flagged: 0, review: 0, unreadable: 0, waived: 0 };
  for (const { verdict } of report.results) counts[verdict]++;
  return counts;
}

/** `5 images: 1 pass, 2 flagged, 1 review, 1 unreadable`. */
export function tallyLine(report: Report): string {
  const counts = tally(report);
  const total = report.results.length;
  const parts = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${counts[verdict]} ${verdict}`,
  );
  return `${total} ${total === 1 ? "image" : "images"}${parts.length > 0 ? `: ${parts.join(", ")}` : ""}`;
}

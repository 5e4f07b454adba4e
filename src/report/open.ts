import type { Finding } from "../model/finding.ts";
import type { ScanResult } from "../model/report.ts";

/** True for a finding that nobody has answered: it did not pass, does apply, and no waiver holds. */
export function isOpen({ outcome, waiver }: Finding): boolean {
  return outcome !== "pass" && outcome !== "not-applicable" && waiver?.state !== "applies";
}

export function isWaived({ waiver, outcome }: Finding): boolean {
  return waiver?.state === "applies" && outcome !== "pass" && outcome !== "not-applicable";
}

/** Findings of the same rules, whatever became of them. */
export function rulesOfResults(results: readonly ScanResult[]): readonly Finding[] {
  const byRule = new Map<string, Finding>();
  for (const finding of results.flatMap(({ findings }) => findings))
    if (!byRule.has(finding.rule)) byRule.set(finding.rule, finding);
  return [...byRule.values()].toSorted((a, b) => (a.rule < b.rule ? -1 : 1));
}

import { describe, expect, test } from "vitest";
import * as z from "zod";
import { passBySysctl, reviewWindows, unreadableLuks } from "../../test/golden/report-fixtures.ts";
import type { Report, ScanResult } from "../model/report.ts";
import { oscal } from "./oscal/oscal.ts";
import { sarif } from "./sarif/sarif.ts";

const PLAIN = { color: false, columns: 80 };
const reason = "Why it is so";
const [finding] = reviewWindows.findings;
if (!finding) throw new Error("the fixture has no finding");
const expired = { id: "W-1", state: "expired", reason: "r", approvedBy: "a", expires: "2020-01-01" } as const;

/** Images whose findings alone would look better than they are judged, and those that somebody answers for. */
const CASES: Readonly<Record<string, ScanResult>> = {
  unreadable: { ...unreadableLuks, reason },
  "of a system that nobody knows": { ...passBySysctl, verdict: "review", reason },
  "without any finding": { ...passBySysctl, findings: [], verdict: "review", reason },
  rejected: { ...reviewWindows, verdict: "flagged", reason },
  accepted: { ...reviewWindows, verdict: "waived", reason },
  "accepted after its waiver ran out": {
    ...reviewWindows,
    findings: [{ ...finding, waiver: expired }],
    verdict: "waived",
    reason,
  },
  passed: passBySysctl,
};

const reportOf = (result: ScanResult): Report => ({
  schemaVersion: 1,
  engine: "sixray 0.1.0",
  results: [result],
});

const sarifResults = z
  .object({
    runs: z.tuple([
      z.object({
        results: z.array(
          z.object({
            ruleId: z.string(),
            kind: z.string(),
            level: z.string(),
            suppressions: z.array(z.object({ justification: z.string() })).optional(),
          }),
        ),
      }),
    ]),
  })
  .transform(({ runs: [{ results }] }) => results);

const status = z.object({ state: z.string(), reason: z.string(), remarks: z.string().optional() });
const oscalFindings = z
  .object({
    "assessment-results": z.object({
      results: z.tuple([
        z.object({ findings: z.array(z.object({ target: z.object({ "target-id": z.string(), status }) })) }),
      ]),
    }),
  })
  .transform(({ "assessment-results": { results } }) => results[0].findings.map(({ target }) => target));

describe.each(Object.entries(CASES))("an image %s", (name, result) => {
  const open = sarifResults
    .parse(JSON.parse(sarif.render(reportOf(result), PLAIN)))
    .filter(({ suppressions }) => suppressions === undefined);
  const unmet = oscalFindings
    .parse(JSON.parse(oscal.render(reportOf(result), PLAIN)))
    .filter((target) => target.status.state === "not-satisfied");

  test("is told as no better than it is", () => {
    const bad = !["passed", "accepted", "accepted after its waiver ran out"].includes(name);
    expect(open.length > 0).toBe(bad);
    expect(open.some(({ kind, level }) => kind === "fail" && level === "error")).toBe(
      result.verdict === "flagged" || result.verdict === "unreadable",
    );
    expect(unmet.length > 0).toBe(name !== "passed");
  });

  test("is told who answers for it", () => {
    if (result.verdict !== "waived") return;
    expect(unmet.map((target) => target.status.remarks ?? "").join()).toMatch(
      /Why it is so|waiver W-1 expired/,
    );
    const all = sarifResults.parse(JSON.parse(sarif.render(reportOf(result), PLAIN)));
    expect(all.flatMap(({ suppressions = [] }) => suppressions)).toEqual([
      expect.objectContaining({ justification: reason }),
    ]);
  });
});

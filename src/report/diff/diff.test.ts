import { expect, test } from "vitest";
import { hostileReport, sampleReport } from "../../../test/support/sample-report.ts";
import type { ScanResult } from "../../model/report.ts";
import { compareReports } from "./compare.ts";
import { DIFF_FORMATS, renderDiff } from "./render.ts";

const of = (...results: readonly (ScanResult | undefined)[]) => ({
  ...sampleReport,
  results: results.filter((one) => one !== undefined),
});
const [pass, flagged] = sampleReport.results;

test("a run does not differ from itself", () => {
  expect(compareReports(sampleReport, structuredClone(sampleReport))).toEqual({
    schemaVersion: 1,
    compared: sampleReport.results.length,
    images: [],
  });
});

test("two images: the verdict, what it rests on, and the lines", () => {
  const { images } = compareReports(of(pass), of(flagged));
  expect(images).toHaveLength(1);
  const [{ verdict, changes } = { verdict: {}, changes: [] }] = images;
  expect(verdict).toEqual({ before: "pass", after: "flagged" });
  expect(changes).toContainEqual({ what: "disable_ipv6 of nic", before: "1", after: "0" });
  expect(changes).toContainEqual({ what: "rule disable-ipv6-interfaces", before: "pass", after: "fail" });
  expect(changes).toContainEqual({
    what: "line",
    after: "/etc/netplan/50-cloud-init.yaml:       dhcp4: true",
  });
});

test("versions of a family are a pair; what only one side has is added or removed", () => {
  const next = pass && { ...pass, image: { ...pass.image, id: "./images/next.qcow2" } };
  const diff = compareReports(of(pass, flagged), of(next, ...hostileReport().results.slice(0, 1)));
  expect(diff.compared).toBe(1);
  expect(diff.images.map(({ before, after }) => [before !== undefined, after !== undefined])).toEqual([
    [true, false],
    [false, true],
  ]);
});

test.each(DIFF_FORMATS)("%s holds nothing that a reader obeys", (format) => {
  const text = renderDiff(
    compareReports(of(pass), { ...sampleReport, results: hostileReport().results.slice(1, 2) }),
    format,
  );
  expect(text).not.toMatch(/(?![\n])[\p{Cc}\p{Cs}\p{Cf}]/u);
  if (format === "markdown") expect(text).not.toMatch(/<[a-z]|\]\(/i);
});

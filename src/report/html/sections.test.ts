import { expect, test } from "vitest";
import { HOSTILE_ALL, hostileReport, manyImages } from "../../../test/support/sample-report.ts";
import type { Report, ScanResult } from "../../model/report.ts";
import { html } from "./html.ts";

/** Images as talkative as those of a long boot: 10 to 15 KB of page each. */
function talkative(count: number): Report {
  const report = manyImages(count);
  const results = report.results.map((result): ScanResult => {
    const { prediction } = result;
    if (!prediction) return result;
    const steps = Array.from({ length: 4 }, () => prediction.steps).flat();
    return {
      ...result,
      prediction: { ...prediction, steps },
      findings: [...result.findings, ...result.findings],
    };
  });
  return { ...report, results };
}

function page(report: Report): string {
  return html.render(report, { color: false, columns: 80 });
}

test("a thousand talkative images stay below 5 MB: the urgent whole, the others in short, none left out", () => {
  const text = page(talkative(1000));
  process.stderr.write(`html: 1000 talkative images, ${Math.round(Buffer.byteLength(text) / 1000)} KB\n`);
  expect(Buffer.byteLength(text)).toBeLessThan(5_000_000);
  const [, whole = "0", , brief = "0"] =
    /The first (\d+) of ([\d,]+) images.*?, (\d+) in short/.exec(text) ?? [];
  expect(Number(whole)).toBeGreaterThan(100);
  expect(Number(whole) + Number(brief)).toBe(1000);
  const ids = new Set([...text.matchAll(/<article id="(i\d+)"/g)].map(([, id]) => id));
  expect(ids.size).toBe(1000);
  for (const [, id] of text.matchAll(/href="#(i\d+)"/g)) expect(ids).toContain(id);
  // A flagged one in short would still say why and how to mend it.
  const sections = text.split("<article ").slice(1);
  expect(sections.slice(0, Number(whole)).every((section) => section.includes("How it was read"))).toBe(true);
  expect(sections.at(-1)).not.toContain("How it was read");
});

test("what fits is whole, and nothing is said of shortening", () => {
  const text = page(manyImages(50));
  expect(text).not.toContain("in short");
  expect(text.match(/How it was read/g)).toHaveLength(50);
});

test("five thousand come by name at last", () => {
  const text = page(talkative(5000));
  expect(text).toMatch(
    /The first \d+ of 5,000 images, the most urgent ones, are here whole, [\d,]+ in short, [\d,]+ by name/,
  );
  expect(text.match(/<article /g)).toHaveLength(5000);
  expect(Buffer.byteLength(text)).toBeLessThan(8_000_000);
});

test("hostile images cannot make the page larger", () => {
  const { results, ...rest } = hostileReport();
  // A thousand lines of a megabyte each are more than a string can hold.
  const evidence = [{ locator: HOSTILE_ALL, line: 1, text: HOSTILE_ALL }];
  const short = results.map((result) => ({
    ...result,
    findings: result.findings.map((one) => ({
      ...one,
      evidence,
      checks: one.checks.map((check) => ({ ...check, evidence })),
    })),
  }));
  const text = page({
    ...rest,
    results: Array.from({ length: 1000 }, (_, at) => short[at % short.length] ?? short).flat(),
  });
  process.stderr.write(`html: 1000 hostile images, ${Math.round(Buffer.byteLength(text) / 1000)} KB\n`);
  expect(Buffer.byteLength(text)).toBeLessThan(8_000_000);
});

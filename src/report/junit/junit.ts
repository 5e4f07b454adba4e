/** JUnit XML as Jenkins' xUnit plugin describes it (junit-10.xsd): a suite a family, a test case an image. */
import type { Report, ScanResult, TextReporter } from "../../model/report.ts";
import { keyEvidence } from "../describe.ts";
import { evidenceText } from "../evidence.ts";
import { isOpen } from "../open.ts";
import { plain } from "../shorten.ts";
import { element } from "../xml.ts";

const EVIDENCE_MAX = 20;

export const junit: TextReporter = {
  id: "junit",
  mediaType: "application/xml",
  fileExtension: ".xml",
  render: (report) => `<?xml version="1.0" encoding="UTF-8"?>\n${suites(report)}\n`,
};

function suites({ engine, generatedAt, results }: Report): string {
  const families = Map.groupBy(
    results,
    ({ image }) => `${plain(image.provider)}: ${plain(image.family, 300)}`,
  );
  return element(
    "testsuites",
    {
      name: plain(engine),
      tests: results.length,
      failures: count(results, "flagged"),
      errors: count(results, "unreadable"),
    },
    [...families].map(([name, images]) =>
      element(
        "testsuite",
        {
          name,
          tests: images.length,
          failures: count(images, "flagged"),
          errors: count(images, "unreadable"),
          skipped: count(images, "review") + count(images, "waived"),
          timestamp: generatedAt?.replace(/(?:\.\d+)?Z$/, ""),
        },
        images.map(testCase),
      ),
    ),
  );
}

function count(results: readonly ScanResult[], verdict: ScanResult["verdict"]): number {
  return results.filter((result) => result.verdict === verdict).length;
}

function testCase(result: ScanResult): string {
  const { image, verdict, reason } = result;
  const message = plain(reason);
  const attributes = {
    name: plain(image.id),
    classname: `${plain(image.provider)}.${plain(image.family, 300)}`,
  };
  const told = { type: verdict, message: `${verdict}: ${message}` };
  switch (verdict) {
    case "pass":
      return element("testcase", attributes);
    case "flagged":
      return element("testcase", attributes, [element("failure", told, details(result))]);
    case "unreadable":
      return element("testcase", attributes, [element("error", told, details(result))]);
    case "review":
    case "waived":
      return element("testcase", attributes, [element("skipped", told, details(result))]);
  }
}

function details(result: ScanResult): string {
  const open = result.findings.filter(isOpen);
  return [
    plain(result.reason),
    ...open.map(({ title, message }) => plain(`${title}: ${message}`)),
    ...keyEvidence(result).slice(0, EVIDENCE_MAX).map(evidenceText),
    ...new Set(open.flatMap(({ remedy }) => (remedy === "" ? [] : [`fix: ${plain(remedy)}`]))),
    ...result.unread.map(({ what, reason }) => plain(`not read: ${what}: ${reason}`)),
  ].join("\n");
}

/** An in-toto statement (v1) with a test result (predicate test-result v0.1), to be signed as it is. */
import { createHash } from "node:crypto";
import type { Report, ScanResult, TextReporter, Verdict } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { json } from "../json.ts";
import { plain } from "../shorten.ts";

const PASSED: readonly Verdict[] = ["pass", "waived"];
const FAILED: readonly Verdict[] = ["flagged", "unreadable"];

/** Its subject is the canonical JSON of the same report: whoever has that can check the rest. */
export const intoto: TextReporter = {
  id: "intoto",
  mediaType: "application/vnd.in-toto+json",
  fileExtension: ".intoto.json",
  render: (report, options) => {
    const sha256 = createHash("sha256").update(json.render(report, options)).digest("hex");
    return `${escapeJson(JSON.stringify(statement(report, sha256), null, 2))}\n`;
  },
};

function statement({ engine, generatedAt, policies = [], results }: Report, sha256: string): object {
  const named = (verdicts: readonly Verdict[]): readonly string[] =>
    results.filter(({ verdict }) => verdicts.includes(verdict)).map(nameOf);
  const failed = named(FAILED);
  const warned = named(["review"]);
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "sixray-report.json", digest: { sha256 } }],
    predicateType: "https://in-toto.io/attestation/test-result/v0.1",
    predicate: {
      // Nothing judged is nothing passed.
      result: failed.length > 0 || results.length === 0 ? "FAILED" : warned.length > 0 ? "WARNED" : "PASSED",
      configuration: [
        { name: plain(engine), mediaType: "application/vnd.sixray.engine" },
        ...policies.map(({ id, digest }) => ({
          name: plain(id),
          digest: { sha256: digest.replace(/^sha256:/, "") },
        })),
      ],
      passedTests: named(PASSED),
      warnedTests: warned,
      failedTests: failed,
      ...(generatedAt === undefined ? {} : { generatedAt }),
    },
  };
}

function nameOf({ image, verdict }: ScanResult): string {
  return plain(`${image.provider}:${image.id} (${verdict})`);
}

import type { TextReporter } from "../model/report.ts";
import { canonicalResult } from "./canonical.ts";
import { escapeJson } from "./escape.ts";

/** One result a line, the same objects as in the canonical document, so that results can be streamed and joined. */
export const ndjson: TextReporter = {
  id: "ndjson",
  mediaType: "application/x-ndjson",
  fileExtension: ".ndjson",
  render: (report) =>
    report.results.map((result) => `${escapeJson(JSON.stringify(canonicalResult(result)))}\n`).join(""),
};

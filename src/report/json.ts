import type { TextReporter } from "../model/report.ts";
import { canonicalReport } from "./canonical.ts";
import { escapeJson } from "./escape.ts";

/** The canonical document. Text from images is raw data; a lone surrogate stands as `\udcXX` (RFC 8259, section 8.2). */
export const json: TextReporter = {
  id: "json",
  mediaType: "application/json",
  fileExtension: ".json",
  render: (report) => `${escapeJson(JSON.stringify(canonicalReport(report), null, 2))}\n`,
};

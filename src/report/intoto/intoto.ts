/** An in-toto statement (v1) with a test result (predicate test-result v0.1), to be signed as it is. */
import { createHash } from "node:crypto";
import type { TextReporter } from "../../model/report.ts";
import { escapeJson } from "../escape.ts";
import { json } from "../json.ts";
import { statementOn } from "./statement.ts";

/** Its subject is the canonical JSON of the same report: whoever has that can check the rest. */
export const intoto: TextReporter = {
  id: "intoto",
  mediaType: "application/vnd.in-toto+json",
  fileExtension: ".intoto.json",
  render: (report, options) => {
    const sha256 = createHash("sha256").update(json.render(report, options)).digest("hex");
    const statement = statementOn(report, [{ name: "sixray-report.json", digest: { sha256 } }]);
    return `${escapeJson(JSON.stringify(statement, null, 2))}\n`;
  },
};

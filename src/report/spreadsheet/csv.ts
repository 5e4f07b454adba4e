import type { TextReporter } from "../../model/report.ts";
import { rowsOf, TITLES } from "./rows.ts";

/** CSV (RFC 4180): UTF-8 with CRLF, every cell quoted, no cell a formula. */
export const csv: TextReporter = {
  id: "csv",
  mediaType: "text/csv; charset=utf-8",
  fileExtension: ".csv",
  render: (report) =>
    [TITLES, ...rowsOf(report)]
      .map((cells) => `${cells.map((cell) => `"${cell.replace(/"/g, '""')}"`).join(",")}\r\n`)
      .join(""),
};

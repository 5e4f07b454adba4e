import type { Report, Reporter } from "../../model/report.ts";
import { rowsOf, TITLES, WIDTHS } from "./rows.ts";
import { withoutTimes } from "./zip-times.ts";

/** A workbook (ECMA-376) with a row an image. Every cell is a string: none is a formula, a link or a number. */
export const xlsx: Reporter = {
  id: "xlsx",
  mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  fileExtension: ".xlsx",
  render: workbook,
};

async function workbook(report: Report): Promise<Uint8Array> {
  const { default: write } = await import("write-excel-file/node");
  const titles = TITLES.map((value) => ({ value, type: String, fontWeight: "bold" as const }));
  const rows = rowsOf(report).map((cells) => cells.map((value) => ({ value, type: String })));
  const file = write([titles, ...rows], {
    sheet: "images",
    columns: WIDTHS.map((width) => ({ width })),
    stickyRowsCount: 1,
  });
  return withoutTimes(new Uint8Array(await file.toBuffer()));
}

import type { styleText } from "node:util";
import type { RenderOptions, Verdict } from "../model/report.ts";

type Format = Parameters<typeof styleText>[0];

/** Paints text, or leaves it alone. Widths are counted before painting. */
export type Paint = (format: Format, text: string) => string;

export function painter({ color }: Pick<RenderOptions, "color">): Paint {
  // The caller has asked the terminal already; asking it again would not be pure.
  if (!color) return (_, text) => text;
  // Not imported: it brings threads and argument parsers with it, for files and pipes that want no paint.
  const util = process.getBuiltinModule("node:util");
  return (format, text) => util.styleText(format, text, { validateStream: false });
}

export const VERDICT_FORMAT: Readonly<Record<Verdict, Format>> = {
  pass: "green",
  flagged: ["bold", "red"],
  review: "yellow",
  unreadable: "magenta",
  waived: "cyan",
};

const COLUMNS_MIN = 60;
const COLUMNS_MAX = 400;

/** Columns to lay out in: what was asked for, within what can be laid out. */
export function columnsOf({ columns }: Pick<RenderOptions, "columns">): number {
  return Number.isFinite(columns) ? Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, Math.floor(columns))) : 80;
}

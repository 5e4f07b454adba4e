import { escapeJson } from "../escape.ts";
import { inert } from "../markdown/markdown.ts";
import { plain } from "../shorten.ts";
import type { Change, ImageDiff, ReportDiff } from "./compare.ts";

export const DIFF_FORMATS = ["text", "markdown", "json"] as const;
export type DiffFormat = (typeof DIFF_FORMATS)[number];

export function renderDiff(diff: ReportDiff, format: DiffFormat): string {
  switch (format) {
    case "json":
      return `${escapeJson(JSON.stringify(diff, null, 2))}\n`;
    case "markdown":
      return `## What changed\n\n${summary(diff)}\n${diff.images.map(markdownOf).join("")}`;
    case "text":
      return `${[...diff.images.map(textOf), summary(diff)].join("\n")}\n`;
  }
}

function summary({ compared, images }: ReportDiff): string {
  const added = images.filter(({ before }) => before === undefined).length;
  const removed = images.filter(({ after }) => after === undefined).length;
  const changed = images.length - added - removed;
  const verdicts = images.filter(
    ({ verdict }) =>
      verdict.before !== undefined && verdict.after !== undefined && verdict.before !== verdict.after,
  ).length;
  return `${compared} compared: ${changed} changed, ${verdicts} with another verdict; ${added} added, ${removed} removed`;
}

function titleOf({ before, after, verdict }: ImageDiff): string {
  if (before === undefined) return `added ${plain(after ?? "", 300)}: ${verdict.after ?? ""}`;
  if (after === undefined) return `removed ${plain(before, 300)}: was ${verdict.before ?? ""}`;
  const name = before === after ? plain(after, 300) : `${plain(before, 300)} -> ${plain(after, 300)}`;
  return `${name}: ${verdict.before === verdict.after ? `${verdict.after ?? ""}, as before` : `${verdict.before ?? ""} -> ${verdict.after ?? ""}`}`;
}

function textOf(image: ImageDiff): string {
  return `${[titleOf(image), ...image.changes.flatMap(linesOf)].join("\n")}\n`;
}

function linesOf({ what, before, after }: Change): readonly string[] {
  const name = plain(what, 300);
  if (before !== undefined && after !== undefined)
    return [`  ${name}`, `    - ${plain(before)}`, `    + ${plain(after)}`];
  return [before === undefined ? `  + ${name}: ${plain(after ?? "")}` : `  - ${name}: ${plain(before)}`];
}

function markdownOf(image: ImageDiff): string {
  const cell = (text: string | undefined): string => (text === undefined ? "" : inert(text, 400));
  const rows = image.changes.map(
    ({ what, before, after }) => `| ${cell(what)} | ${cell(before)} | ${cell(after)} |\n`,
  );
  const table = rows.length === 0 ? "" : `\n| | Before | After |\n| --- | --- | --- |\n${rows.join("")}`;
  return `\n### ${inert(titleOf(image), 700)}\n${table}`;
}

import type { Report, ScanResult } from "../../model/report.ts";
import { keyEvidence, osLabel } from "../describe.ts";
import { evidenceText } from "../evidence.ts";
import { isOpen } from "../open.ts";
import { plain } from "../shorten.ts";

/** What a cell of Excel holds at most is 32,767; what a person reads in one is far less. */
const CELL_MAX = 2000;
const EVIDENCE_MAX = 5;

type Column = readonly [title: string, width: number, value: (result: ScanResult) => string];

/** A row an image, the columns that CSV and XLSX share. */
const COLUMNS: readonly Column[] = [
  ["verdict", 11, ({ verdict }) => verdict],
  ["ipv6", 9, ({ prediction }) => prediction?.state ?? "unknown"],
  ["provider", 9, ({ image }) => image.provider],
  ["family", 24, ({ image }) => image.family],
  ["image", 44, ({ image }) => image.id],
  ["name", 34, ({ image }) => image.name],
  ["date", 11, ({ image }) => image.date ?? ""],
  ["region", 12, ({ image }) => image.region ?? ""],
  ["arch", 8, ({ image }) => image.arch ?? ""],
  ["os", 18, ({ image }) => osLabel(image.os)],
  ["reason", 60, ({ reason }) => reason],
  ["addressing", 11, ({ prediction }) => prediction?.addressing ?? "unknown"],
  ["nic disable_ipv6", 9, ({ prediction }) => String(prediction?.disableIpv6.nic ?? "unknown")],
  ["firewall", 12, ({ prediction }) => prediction?.firewall.kind ?? "unknown"],
  ["confidence", 11, ({ prediction }) => prediction?.confidence ?? "none"],
  ["policy", 22, ({ policy }) => policy],
  [
    "open rules",
    30,
    ({ findings }) =>
      findings
        .filter(isOpen)
        .map(({ rule }) => rule)
        .join(" "),
  ],
  [
    "waivers",
    14,
    ({ findings }) =>
      findings.flatMap(({ waiver }) => (waiver?.state === "applies" ? [waiver.id] : [])).join(" "),
  ],
  ["evidence", 60, (result) => keyEvidence(result).slice(0, EVIDENCE_MAX).map(evidenceText).join(" | ")],
  [
    "fix",
    60,
    ({ findings }) => [...new Set(findings.filter(isOpen).map(({ remedy }) => remedy))].join(" ").trim(),
  ],
  ["not read", 40, ({ unread }) => unread.map(({ what, reason }) => `${what}: ${reason}`).join(" | ")],
];

export const WIDTHS: readonly number[] = COLUMNS.map(([, width]) => width);
export const TITLES: readonly string[] = COLUMNS.map(([title]) => title);

export function rowsOf({ results }: Report): readonly (readonly string[])[] {
  return results.map((result) => COLUMNS.map(([, , value]) => inertCell(value(result))));
}

/**
 * A cell that no spreadsheet takes for a formula: what starts with one of `= + - @`, or what looks like them once
 * it is normalised, gets an apostrophe in front (OWASP, "CSV Injection"). Blanks, tabs and line breaks are folded before.
 */
export function inertCell(text: string): string {
  const cell = plain(text, CELL_MAX);
  return /^[\s"']*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/u.test(cell) ? `'${cell}` : cell;
}

import type { Report, ScanResult, TextReporter } from "../model/report.ts";
import { cloudCostLine } from "./cloud-cost.ts";
import { displayWidth, padEnd, truncateEnd, truncateMiddle, wrap } from "./columns.ts";
import { decidingLine, keyEvidence, osLabel } from "./describe.ts";
import { escapeText } from "./escape.ts";
import { evidenceLine } from "./evidence.ts";
import { labelled } from "./labelled.ts";
import { plain } from "./shorten.ts";
import { columnsOf, type Paint, painter, VERDICT_FORMAT } from "./style.ts";
import { tallyLine } from "./tally.ts";
import { toldErrors, unreadLines, withoutTold } from "./unread.ts";

const OS_WIDTH_MAX = 20;
const IMAGE_WIDTH_MAX = 60;
const DECIDED_WIDTH_ENOUGH = 60;
const LABEL_WIDTH = 8;
const EVIDENCE_MAX = 6;
/** A note is told in two or three lines at most, the first few of them. */
const NOTE_MAX = 200;
const NOTES_MAX = 3;

/** The report for people: a table, what to know about each image that did not pass, and a sum. */
export const text: TextReporter = {
  id: "text",
  mediaType: "text/plain",
  fileExtension: ".txt",
  render(report, options) {
    const paint = painter(options);
    const columns = columnsOf(options);
    const blocks = report.results.map((result) => block(result, columns, paint));
    const cost = cloudCostLine(report);
    const sums = [
      ...(cost === undefined ? [] : wrap(cost, columns).map((line) => paint("dim", line))),
      paint("bold", tallyLine(report)),
    ];
    const parts = [table(report, columns, paint), ...blocks, sums];
    return `${parts
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.map((line) => line.trimEnd()).join("\n"))
      .join("\n\n")}\n`;
  },
};

interface Row {
  readonly result: ScanResult;
  readonly state: string;
  readonly os: string;
  readonly image: string;
}

function table({ results }: Report, columns: number, paint: Paint): readonly string[] {
  if (results.length === 0) return [];
  const rows = results.map(
    (result): Row => ({
      result,
      state: result.prediction?.state ?? "-",
      os: truncateEnd(osLabel(result.image.os), OS_WIDTH_MAX),
      image: escapeText(result.image.id),
    }),
  );
  const verdictWidth = widest("VERDICT", ...rows.map(({ result }) => result.verdict));
  const stateWidth = widest("IPV6", ...rows.map(({ state }) => state));
  const osWidth = widest("OS", ...rows.map(({ os }) => os));
  const left = verdictWidth + stateWidth + osWidth + 6;
  const imageWidth = Math.min(IMAGE_WIDTH_MAX, widest("IMAGE", ...rows.map(({ image }) => image)));
  const decidedWidth = columns - left - imageWidth - 2;
  const isWide =
    decidedWidth >= DECIDED_WIDTH_ENOUGH ||
    rows.every(({ result }) => decidingLine(result, decidedWidth) === decidingLine(result, columns * 2));
  const lines = rows.flatMap(({ result, state, os, image }) => {
    const verdict = paint(VERDICT_FORMAT[result.verdict], padEnd(result.verdict, verdictWidth));
    const start = `${verdict}  ${padEnd(state, stateWidth)}  ${padEnd(os, osWidth)}  `;
    if (isWide) {
      const name = padEnd(truncateMiddle(image, imageWidth), imageWidth);
      return [`${start}${name}  ${paint("dim", decidingLine(result, decidedWidth))}`];
    }
    // Too narrow for a fifth column: what decides goes below its row.
    const indent = " ".repeat(verdictWidth + 2);
    return [
      start + truncateMiddle(image, columns - left),
      indent + paint("dim", decidingLine(result, columns - indent.length)),
    ];
  });
  const titles = [padEnd("VERDICT", verdictWidth), padEnd("IPV6", stateWidth), padEnd("OS", osWidth)];
  const rest = isWide ? [padEnd("IMAGE", imageWidth), "DECIDED BY"] : ["IMAGE"];
  return [paint("bold", [...titles, ...rest].join("  ").trimEnd()), ...lines];
}

/** More on one image: why, where it stands, how to fix it, what was not read, notes. Nothing for a plain pass. */
function block(result: ScanResult, columns: number, paint: Paint): readonly string[] {
  const { image, verdict, findings } = result;
  const isOpen = verdict !== "pass" && verdict !== "waived";
  const told = toldErrors(result);
  const unread = unreadLines(result);
  const notes = noteLines(result);
  if (!isOpen && unread.length === 0 && notes.length === 0) return [];
  const layout = { columns, paint, labelWidth: LABEL_WIDTH };
  const open = findings.filter(
    ({ outcome, waiver }) =>
      outcome !== "pass" && outcome !== "not-applicable" && waiver?.state !== "applies",
  );
  const others = open.filter(({ message }) => message !== result.reason);
  const evidence = keyEvidence(result);
  const remedies = [...new Set(open.map(({ remedy }) => remedy).filter((remedy) => remedy !== ""))];
  const heading = wrap(`${verdict}  ${escapeText(image.id)}`, columns);
  return [
    ...heading.map((line, i) =>
      i === 0
        ? paint(VERDICT_FORMAT[verdict], verdict) + paint("bold", line.slice(verdict.length))
        : paint("bold", line),
    ),
    ...(isOpen ? labelled("why", [escapeText(result.reason)], layout) : []),
    ...labelled(
      "rules",
      isOpen ? others.map(({ title, message }) => escapeText(`${title}: ${withoutTold(message, told)}`)) : [],
      layout,
    ),
    ...(isOpen ? evidenceLines(evidence, columns, paint) : []),
    ...labelled("fix", isOpen ? remedies.map(escapeText) : [], layout),
    ...labelled("unread", unread.map(escapeText), layout),
    ...labelled("note", notes, layout),
  ];
}

/** What a reviewer should know of how it was read, in short; places without the image, which stands above. */
function noteLines({ notes, image }: ScanResult): readonly string[] {
  const more = notes.length - NOTES_MAX;
  return [
    ...notes.slice(0, NOTES_MAX).map((note) => plain(note.replaceAll(`${image.id} > `, ""), NOTE_MAX)),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

function evidenceLines(
  evidence: ReturnType<typeof keyEvidence>,
  columns: number,
  paint: Paint,
): readonly string[] {
  const indent = LABEL_WIDTH + 2;
  const shown = evidence.slice(0, EVIDENCE_MAX).map((one) => evidenceLine(one, columns - indent));
  const more = evidence.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].map(
    (line, i) => `  ${paint("dim", padEnd(i === 0 ? "where" : "", LABEL_WIDTH))}${line}`,
  );
}

function widest(...texts: readonly string[]): number {
  return texts.reduce((width, one) => Math.max(width, displayWidth(one)), 0);
}

/** GitHub Flavored Markdown, for step summaries and pull requests. */
import type { Report, ScanResult, TextReporter } from "../../model/report.ts";
import { keyEvidence, osLabel } from "../describe.ts";
import { evidenceText } from "../evidence.ts";
import { isOpen } from "../open.ts";
import { plain } from "../shorten.ts";
import { tallyLine } from "../tally.ts";

/** What GitHub takes for a step summary, less what the last line needs. */
const BUDGET_BYTES = (1 << 20) - 1024;
const EVIDENCE_MAX = 10;

/** What needs a person first: the end is what is left out when there is too much. */
const ORDER: readonly ScanResult["verdict"][] = ["flagged", "unreadable", "review", "waived", "pass"];

export const markdown: TextReporter = {
  id: "markdown",
  mediaType: "text/markdown; charset=utf-8",
  fileExtension: ".md",
  render: document,
};

function document(report: Report): string {
  const ordered = ORDER.flatMap((verdict) => report.results.filter((result) => result.verdict === verdict));
  const page = new Page();
  page.add(`## IPv6 of base images\n\n${inert(tallyLine(report))}\n\n`);
  page.add("| Verdict | IPv6 | Image | System | Why |\n| --- | --- | --- | --- | --- |\n");
  // Half for the table, so that something is told of those that need it.
  const rows = page.addWhile(ordered.map(row), BUDGET_BYTES / 2);
  const needing = ordered.filter(
    ({ verdict, unread }) => !["pass", "waived"].includes(verdict) || unread.length > 0,
  );
  const told = page.addWhile(needing.map(section), BUDGET_BYTES);
  const left = [
    ...(rows < ordered.length ? [`${ordered.length - rows} of ${ordered.length} images in the table`] : []),
    ...(told < needing.length ? [`${needing.length - told} of ${needing.length} sections`] : []),
  ];
  const notice =
    left.length > 0
      ? `**Left out, to stay below 1 MiB: ${left.join("; ")}.** The JSON report has all of it.\n\n`
      : "";
  return `${page.text}\n${notice}${footer(report)}`;
}

class Page {
  text = "";
  #bytes = 0;

  add(part: string): void {
    this.text += part;
    this.#bytes += Buffer.byteLength(part);
  }

  /** Adds parts until one does not fit; returns how many did. */
  addWhile(parts: readonly string[], budgetBytes: number): number {
    for (const [at, part] of parts.entries()) {
      if (this.#bytes + Buffer.byteLength(part) > budgetBytes) return at;
      this.add(part);
    }
    return parts.length;
  }
}

function row({ verdict, prediction, image, reason }: ScanResult): string {
  const cells = [
    verdict,
    prediction?.state ?? "unknown",
    code(image.id, 200),
    inert(osLabel(image.os)),
    inert(reason, 300),
  ];
  return `| ${cells.join(" | ")} |\n`;
}

function section(result: ScanResult): string {
  const { image, verdict, reason, findings, unread } = result;
  const open = findings.filter(isOpen);
  const lines = keyEvidence(result).slice(0, EVIDENCE_MAX);
  const fixes = [...new Set(open.map(({ remedy }) => remedy).filter((remedy) => remedy !== ""))];
  const list = (title: string, items: readonly string[]): string =>
    items.length === 0 ? "" : `\n${title}:\n\n${items.map((item) => `- ${item}\n`).join("")}`;
  return [
    `\n<details><summary>${inert(`${verdict}: ${plain(image.id, 200)}`)}</summary>\n\n${inert(reason)}\n`,
    list(
      "Rules",
      open.map(({ title, message }) => inert(`${title}: ${message}`)),
    ),
    list(
      "Where",
      lines.map((line) => code(evidenceText(line), 400)),
    ),
    list(
      "Fix",
      fixes.map((fix) => inert(fix)),
    ),
    list(
      "Not read",
      unread.map(({ what, reason: why }) => inert(`${what}: ${why}`)),
    ),
    "\n</details>\n",
  ].join("");
}

function footer({ engine, day, policies = [] }: Report): string {
  const parts = [engine, ...(day === undefined ? [] : [day]), ...policies.map(({ id }) => `policy ${id}`)];
  return `${inert(parts.join(", "))}\n`;
}

/**
 * Text in which nothing is markup: what Markdown, HTML or GitHub obeys (mentions, references, autolinks, a workflow
 * command) stands as a character reference, which GFM (0.29, section 6.2) takes for the letter and no more.
 */
export function inert(text: string, max?: number): string {
  return plain(text, max).replace(
    /[&<>"'`*_~[\]()|\\#@!$:{}+]|(?<![\w])[-=]|(?<=\bwww|\d)\./g,
    (letter) => `&#${letter.charCodeAt(0)};`,
  );
}

/** The same in the letters of a program: backquotes would need a fence of their own, in a table not even that holds. */
function code(text: string, max?: number): string {
  return `<code>${inert(text, max)}</code>`;
}

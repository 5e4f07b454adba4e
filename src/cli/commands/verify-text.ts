import type { Difference } from "../../attest/compare.ts";
import type { Verification } from "../../attest/verify.ts";
import { escapeText } from "../../report/escape.ts";

/** A line for each place in which the evidence says something else than the report. */
export function differenceLines(differences: readonly Difference[]): readonly string[] {
  return differences.map(
    ({ field, reported, again }) =>
      `${field}: the report says ${reported ?? "nothing"}, its evidence ${again ?? "nothing"}`,
  );
}

const LINES_MAX = 40;

/** What was checked, line by line, and the outcome last. */
export function verificationText(report: string, verification: Verification, allowMissing: boolean): string {
  const { signer, result, signersWord, verdicts, images, problems, warnings } = verification;
  const lines: string[] = [];
  if (signer)
    lines.push(
      signer.kind === "key"
        ? `signature  holds: ${signer.algorithm}, key SHA256:${signer.hint}`
        : `signature  holds: ${signer.identity}, vouched for by ${signer.issuer}`,
    );
  if (result !== undefined)
    lines.push(`says       test result ${result}${verdicts ? `: ${counted(verdicts)}` : ""}`);
  if (signersWord) {
    const { engine, day, generatedAt, part } = signersWord;
    const facts = [
      engine && `judged by ${engine}`,
      day && `as of ${day}`,
      generatedAt && `written ${generatedAt}`,
      part && `part ${part.index} of ${part.count} of a run`,
    ].filter(Boolean);
    if (facts.length > 0) lines.push(`by word    of the signer alone: ${facts.join(", ")}`);
  }
  if (images.total > 0)
    lines.push(`evidence   ${images.reproduced} of ${images.total} images judged again with the same result`);
  lines.push(...warnings.map((warning) => `warning    ${warning}`));
  const missing = images.missing.map(
    (image) =>
      `${allowMissing ? "warning    " : "missing    "}no bundle for ${image}: its evidence was not looked at`,
  );
  lines.push(...cut(missing, "images without a bundle"));
  const refusals = problems.flatMap(({ file, image, message, differences = [] }) => {
    const place = image === undefined ? file : `${file}: ${image}`;
    return [
      `refused    ${place}: ${message}`,
      ...differenceLines(differences).map((line) => `             ${line}`),
    ];
  });
  lines.push(...cut(refusals, "lines: --json has all of them"));
  lines.push(closing(report, verification));
  return lines.map((line) => `${escapeText(line)}\n`).join("");
}

function counted(verdicts: NonNullable<Verification["verdicts"]>): string {
  const some = Object.entries(verdicts).filter(([, count]) => count > 0);
  return some.length === 0 ? "no image" : some.map(([verdict, count]) => `${count} ${verdict}`).join(", ");
}

function closing(report: string, { outcome, images: { missing } }: Verification): string {
  if (outcome === "refused") return `refused: ${report}`;
  if (outcome === "incomplete")
    return `incomplete: ${report} is what was signed, but the evidence of ${missing.length} ${missing.length === 1 ? "image" : "images"} is not here (--allow-missing-bundles takes the signer's word)`;
  const evidence =
    missing.length > 0 ? "the evidence that is here says the same" : "its evidence says the same";
  return `verified: ${report} is what was signed, and ${evidence}`;
}

function cut(lines: readonly string[], what: string): readonly string[] {
  return lines.length <= LINES_MAX
    ? lines
    : [...lines.slice(0, LINES_MAX), `           and ${lines.length - LINES_MAX} more ${what}`];
}

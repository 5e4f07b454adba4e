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
  const { signer, result, images, problems, warnings, outcome } = verification;
  const lines: string[] = [];
  if (signer)
    lines.push(
      signer.kind === "key"
        ? `signature  holds: ${signer.algorithm}, SHA-256 of the key ${signer.hint}`
        : `signature  holds: ${signer.identity}, vouched for by ${signer.issuer}`,
    );
  if (result !== undefined) lines.push(`statement  in-toto test result: ${result}`);
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
  lines.push(`${outcome}: ${report}`);
  return lines.map((line) => `${escapeText(line)}\n`).join("");
}

function cut(lines: readonly string[], what: string): readonly string[] {
  return lines.length <= LINES_MAX
    ? lines
    : [...lines.slice(0, LINES_MAX), `           and ${lines.length - LINES_MAX} more ${what}`];
}

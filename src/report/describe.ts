import type { OsInfo } from "../model/image.ts";
import type { Evidence } from "../model/locator.ts";
import type { ScanResult } from "../model/report.ts";
import { truncateEnd } from "./columns.ts";
import { escapeText } from "./escape.ts";
import { evidenceLine, placeOf } from "./evidence.ts";
import { isOpen } from "./open.ts";

/** `debian 12`; for Windows its product name. */
export function osLabel(os: OsInfo): string {
  if (os.type === "unknown") return "unknown";
  return escapeText(os.type === "windows" ? os.name : `${os.id} ${os.version}`.trim());
}

/** The one line that decides an image, in at most `width` columns. */
export function decidingLine(result: ScanResult, width: number): string {
  const { prediction, verdict, image } = result;
  const told = truncateEnd(escapeText(result.reason), width);
  if (verdict === "unreadable" || prediction === undefined) {
    const [first] = result.unread;
    return first === undefined ? told : truncateEnd(escapeText(`${first.what}: ${first.reason}`), width);
  }
  const step = prediction.deciding.at(-1);
  if (verdict === "flagged") {
    const failed = result.findings.find((one) => one.outcome === "fail" && isOpen(one));
    const decides = step?.evidence[0];
    // A rule may be about something else than what decides whether IPv6 comes up.
    if (!failed || !step || !decides || !failed.evidence.some((one) => isSame(one, decides))) {
      const [first] = failed?.evidence ?? [];
      return first?.text === undefined ? told : evidenceLine(first, width);
    }
    return toldLine(step, width);
  }
  if (prediction.state === "unknown") {
    const spot = prediction.blindSpots.find(({ decisive }) => decisive);
    return spot === undefined ? told : toldLine(spot, width);
  }
  if (verdict === "waived") return told;
  if (verdict === "review" && image.os.type !== "windows") return told;
  return step === undefined ? told : toldLine(step, width);
}

function toldLine(
  { text, evidence }: { readonly text: string; readonly evidence: readonly Evidence[] },
  width: number,
): string {
  const [first] = evidence;
  if (first === undefined) return truncateEnd(escapeText(text), width);
  if (first.text !== undefined) return evidenceLine(first, width);
  return truncateEnd(`${placeOf(first)}: ${escapeText(text)}`, width);
}

/** The evidence that a reader needs first: of what did not pass, else of what decides. Each line once. */
export function keyEvidence(result: ScanResult): readonly Evidence[] {
  const open = result.findings.filter(isOpen);
  const all =
    open.length > 0
      ? open.flatMap(({ evidence }) => evidence)
      : (result.prediction?.deciding ?? []).flatMap(({ evidence }) => evidence);
  return uniqueEvidence(all);
}

function uniqueEvidence(all: readonly Evidence[]): readonly Evidence[] {
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

function isSame(one: Evidence, other: Evidence): boolean {
  return keyOf(one) === keyOf(other);
}

function keyOf({ locator, line, text }: Evidence): string {
  return JSON.stringify([locator, line, text]);
}

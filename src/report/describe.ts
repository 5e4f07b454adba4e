import type { OsInfo } from "../model/image.ts";
import type { Evidence } from "../model/locator.ts";
import type { ScanResult } from "../model/report.ts";
import { truncateEnd } from "./columns.ts";
import { escapeText } from "./escape.ts";
import { evidenceLine, placeOf } from "./evidence.ts";

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
  if (prediction.state === "unknown") {
    const spot = prediction.blindSpots.find(({ decisive }) => decisive);
    return spot === undefined ? told : toldLine(spot, width);
  }
  if (verdict === "waived") return told;
  if (verdict === "review" && image.os.type !== "windows") return told;
  const step = prediction.deciding.at(-1);
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
  const open = result.findings.filter(
    ({ outcome, waiver }) =>
      outcome !== "pass" && outcome !== "not-applicable" && waiver?.state !== "applies",
  );
  const all =
    open.length > 0
      ? open.flatMap(({ evidence }) => evidence)
      : (result.prediction?.deciding ?? []).flatMap(({ evidence }) => evidence);
  return uniqueEvidence(all);
}

function uniqueEvidence(all: readonly Evidence[]): readonly Evidence[] {
  return [...new Map(all.map((one) => [JSON.stringify([one.locator, one.line, one.text]), one])).values()];
}

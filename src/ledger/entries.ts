import { errorLine, isReadError } from "../errors.ts";
import type { ImageRef } from "../model/image.ts";
import type { ScanResult } from "../model/report.ts";
import { type Decisions, decided, mayMatter } from "../scan/conclude.ts";
import { evidenceDigest } from "../scan/evidence-digest.ts";
import type { Listed } from "../scan/scan-all.ts";
import { contentId, contentOfEvidence } from "./content.ts";
import type { Entry, KnownScan, Ledger, ScanKey, WaiverUsed } from "./ledger.ts";

/** An image, and what tells its content from another, or why that cannot be told. */
export interface Marked {
  readonly listed: Listed;
  readonly content?: string;
  readonly failure?: string;
}

/** Asks the source which content lies under an id now. */
export async function mark(listed: Listed): Promise<Marked> {
  const { image } = listed;
  if (!listed.mark) return { listed, content: contentId(image, undefined) };
  try {
    const found = await listed.mark();
    return found === undefined ? { listed } : { listed, content: contentId(image, found) };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { listed, failure: errorLine(error) };
  }
}

/** Which of these contents need no scan. */
export async function knownScans(
  ledger: Ledger,
  contents: readonly string[],
  key: ScanKey,
): Promise<ReadonlyMap<string, KnownScan>> {
  const found = await ledger.known(contents, key);
  return new Map([...found].filter(([, { again }]) => !again));
}

/** An image that was scanned before, with what people decided since. */
export async function knownEntry(
  ledger: Ledger,
  key: ScanKey,
  image: ImageRef,
  scan: KnownScan,
  decisions: Decisions,
): Promise<Entry> {
  const { content, evidence } = scan;
  if (scan.verdict === "pass" || !mayMatter(image, scan.os, decisions))
    return { image, outcome: "known", content, evidence, verdict: scan.verdict, reason: scan.reason };
  const raw = await ledger.result(content, key);
  const result = raw && (await decided(raw, decisions));
  const { verdict, reason } = result ?? scan;
  const waivers = result ? waiversOf(result) : [];
  return { image, outcome: "known", content, evidence, verdict, reason, waivers };
}

/** A fresh result (judged without waivers and reviews); `content` is undefined where only the evidence can tell. */
export async function entryOf(
  result: ScanResult,
  mark: string | undefined,
  decisions: Decisions,
): Promise<Entry> {
  const { os: _, ...image } = result.image;
  const away = outOfReach(result);
  if (away !== undefined) return { image, outcome: "failed", verdict: "unreadable", reason: away };
  const evidence = evidenceDigest(result);
  const content = mark ?? contentOfEvidence(image, evidence);
  const now = await decided(result, decisions);
  const { verdict, reason } = now;
  const waivers = waiversOf(now);
  return { image, outcome: "scanned", content, result, evidence, verdict, reason, waivers };
}

/**
 * Why another try may see more, or undefined: an answer that a broken connection or a bug of ours gave is not kept.
 */
function outOfReach({ unread }: ScanResult): string | undefined {
  return unread.find(({ reason }) => /^(?:access|transient|bug): /.test(reason))?.reason;
}

function waiversOf({ findings }: ScanResult): readonly WaiverUsed[] {
  return findings.flatMap(({ rule, waiver }) => {
    if (!waiver) return [];
    const { id, state, reason, approvedBy, expires } = waiver;
    return [{ rule, waiver: id, state, reason, approvedBy, expires }];
  });
}

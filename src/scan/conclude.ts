import type { Finding } from "../model/finding.ts";
import type { OsInfo } from "../model/image.ts";
import type { Prediction } from "../model/prediction.ts";
import type { ScanResult } from "../model/report.ts";
import { rejudge } from "../policy/judge.ts";
import { applyReviews, type Review } from "../policy/review.ts";
import { fits, type Waiver } from "../policy/waivers.ts";
import { couldNotLook } from "./could-not-look.ts";

/** What people decided, and the day it is held against. */
export interface Decisions {
  readonly waivers?: readonly Waiver[] | undefined;
  readonly reviews?: readonly Review[] | undefined;
  /** The day in UTC: `2026-11-24`. Without it nothing holds. */
  readonly today?: string | undefined;
}

/** The verdict once it is asked what could not be looked at, and what reviewers said. */
export async function concluded(
  judged: Omit<ScanResult, "verdict" | "reason"> & { readonly prediction: Prediction },
  { verdict, reason }: Pick<ScanResult, "verdict" | "reason">,
  { reviews, today }: Decisions,
): Promise<ScanResult> {
  const { image, prediction, unread } = judged;
  // A waiver is for what was found out, or cannot be: not for what lies there and could not be read.
  const isUnsure = verdict === "review" || (verdict === "waived" && judged.findings.some(isUnknown));
  const missed = isUnsure ? couldNotLook(image.os, prediction, unread) : undefined;
  if (missed !== undefined) return { ...judged, verdict: "unreadable", reason: missed };
  if (verdict !== "review" || !reviews || reviews.length === 0) return { ...judged, verdict, reason };
  const { evidenceDigest } = await import("./evidence-digest.ts");
  const reviewed = applyReviews(reviews, { image, evidence: evidenceDigest(judged), today, reason });
  return { ...judged, verdict, reason, ...reviewed };
}

function isUnknown({ outcome }: Finding): boolean {
  return outcome === "unknown";
}

/** A result that was judged without waivers and reviews, with these. */
export async function decided(result: ScanResult, decisions: Decisions): Promise<ScanResult> {
  const { prediction, image, verdict: _, reason: __, ...rest } = result;
  const { waivers = [], today } = decisions;
  if (!prediction || !mayMatter(image, image.os.id, decisions)) return result;
  const { findings, verdict, reason } = rejudge(result.findings, { image, os: image.os, today }, waivers);
  return concluded({ ...rest, image, prediction, findings }, { verdict, reason }, decisions);
}

/** Whether anything was decided that could be for this image, so that its result has to be looked at. */
export function mayMatter(
  image: ScanResult["image"] | Omit<ScanResult["image"], "os">,
  os: string,
  { waivers = [], reviews = [] }: Decisions,
): boolean {
  const system: OsInfo = { id: os, version: "", name: "", type: "unknown", like: [] };
  return (
    waivers.some((one) => fits(one, image, system)) ||
    reviews.some(({ image: { provider, id } }) => provider === image.provider && id === image.id)
  );
}

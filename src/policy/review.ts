import type { ImageRef } from "../model/image.ts";

/** What a person decided about one image after a review, on the evidence of that day. */
export interface Review {
  readonly image: Pick<ImageRef, "provider" | "id">;
  /** `sha256:…` of what decided: when that changes, the review is void. */
  readonly evidence: string;
  readonly by: string;
  /** The day in UTC: `2026-11-24`. */
  readonly at: string;
  /** The last day it holds, in UTC. */
  readonly expires: string;
  readonly result: "accepted" | "rejected";
  readonly note: string;
}

/** What a review makes of an image that a person has to judge. */
export interface Reviewed {
  readonly verdict: "waived" | "flagged" | "review";
  /** Added to, or instead of, the reason there was. */
  readonly reason: string;
}

/**
 * The verdict once reviews are looked at, or undefined when none is for this image. Of those on the evidence there is the
 * last signed counts and replaces the others, also once it has run out: an acceptance does not come back because the
 * rejection after it did. Of two of one day the rejection counts. Without a date none holds.
 */
export function applyReviews(
  reviews: readonly Review[],
  subject: {
    readonly image: ImageRef;
    readonly evidence: string;
    readonly today: string | undefined;
    readonly reason: string;
  },
): Reviewed | undefined {
  const { image, today, evidence, reason } = subject;
  const mine = reviews
    .filter((one) => one.image.provider === image.provider && one.image.id === image.id)
    .toSorted((a, b) => compare(b.at, a.at) || rank(a) - rank(b));
  const newest = mine.find((one) => one.evidence === evidence) ?? mine[0];
  if (!newest) return undefined;
  if (newest.evidence === evidence && today !== undefined && today <= newest.expires) {
    const { by, at, expires, result, note } = newest;
    return {
      verdict: result === "accepted" ? "waived" : "flagged",
      reason: `Reviewed by ${by} on ${at}, ${result} until ${expires}: ${note}`,
    };
  }
  const why =
    newest.evidence !== evidence
      ? "the evidence has changed since"
      : today === undefined
        ? "it cannot be applied without a date"
        : `it expired on ${newest.expires}`;
  return {
    verdict: "review",
    reason: `${reason} (the review by ${newest.by} on ${newest.at} is void: ${why})`,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank({ result }: Review): number {
  return result === "rejected" ? 0 : 1;
}

import type { Evidence } from "../model/locator.ts";
import type { BlindSpot, Prediction } from "../model/prediction.ts";

/** What could turn the answer about IPv6 around and cannot be followed offline. */
export function decisiveSpots(prediction: Prediction): readonly BlindSpot[] {
  return prediction.blindSpots.filter(({ decisive }) => decisive);
}

/** Each line of evidence once. */
export function uniqueEvidence(all: readonly Evidence[]): readonly Evidence[] {
  return [...new Map(all.map((one) => [JSON.stringify([one.locator, one.line, one.text]), one])).values()];
}

import type { BlindSpot, Prediction } from "../../../model/prediction.ts";

/** What could turn the answer around and cannot be followed offline. */
export function decisiveSpots(prediction: Prediction): readonly BlindSpot[] {
  return prediction.blindSpots.filter(({ decisive }) => decisive);
}

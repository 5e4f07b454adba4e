import type { Doubt } from "../model/extract.ts";
import type { BlindSpot, Prediction } from "../model/prediction.ts";

/**
 * The prediction when its files are in doubt: an "on" stays (it is the safe side), with less confidence; everything
 * that looks better is not to be told. Nothing is when they may not be of the system that boots.
 */
export function inDoubt(prediction: Prediction, doubts: readonly Doubt[]): Prediction {
  const [first] = doubts;
  if (!first) return prediction;
  const other = doubts.find(({ ofSystem }) => ofSystem);
  const on = prediction.state === "on" && !other;
  const spots = doubts.map(
    ({ locator, why, ofSystem }): BlindSpot => ({
      layer: ofSystem ? "system" : "files",
      text: why,
      evidence: [{ locator }],
      decisive: !on,
    }),
  );
  const blindSpots = [...prediction.blindSpots, ...spots];
  if (on)
    return {
      ...prediction,
      confidence: prediction.confidence === "certain" ? "likely" : prediction.confidence,
      blindSpots,
    };
  return {
    ...prediction,
    state: "unknown",
    addressing: "unknown",
    confidence: "none",
    reason: other?.why ?? `it looks ${prediction.state}, but a mount may show other files: ${first.why}`,
    blindSpots,
  };
}

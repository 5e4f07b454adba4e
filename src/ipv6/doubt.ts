import type { Doubt } from "../model/extract.ts";
import type { Addressing, BlindSpot, Firewall, Prediction } from "../model/prediction.ts";

/**
 * The prediction when its files are in doubt: an "on" stays (it is the safe side), with less confidence; everything
 * that looks better (off, a firewall that filters, an interface that ignores routers) is not to be told. Nothing is
 * when they may not be of the system that boots.
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
  const firewall = doubted(prediction.firewall);
  if (on)
    return {
      ...prediction,
      addressing: LISTENS.includes(prediction.addressing) ? prediction.addressing : "unknown",
      firewall,
      confidence: prediction.confidence === "certain" ? "likely" : prediction.confidence,
      blindSpots,
    };
  return {
    ...prediction,
    state: "unknown",
    disableIpv6: unsure(prediction.disableIpv6),
    addressing: "unknown",
    firewall,
    confidence: "none",
    reason:
      other?.why ??
      `it looks ${prediction.state}, but the machine may see other files than were read: ${first.why}`,
    blindSpots,
  };
}

/** Ways to an address that take what any router on the link says: other files could only make it better. */
const LISTENS: readonly Addressing[] = ["slaac", "dhcpv6"];

/** An absent switch is as little to be told as one that is set. */
function unsure(values: Prediction["disableIpv6"]): Prediction["disableIpv6"] {
  const names = Object.keys(values).map((name) => [name, "unknown"] as const);
  return { ...values, ...Object.fromEntries(names) };
}

function doubted(firewall: Firewall): Firewall {
  return firewall.filtersIpv6 === true ? { ...firewall, filtersIpv6: "unknown" } : firewall;
}

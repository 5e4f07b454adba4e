import { bootEntry } from "../guest/boot/index.ts";
import { osRelease } from "../guest/os-release.ts";
import { ipv6 } from "../ipv6/predict.ts";
import type { Asks } from "../model/snapshot.ts";
import { rules } from "../policy/rules/index.ts";

/** Everything that is asked of an image, in one list, so that it is fetched together. */
export const ASKS: readonly Asks[] = [
  osRelease,
  bootEntry,
  {
    wants: ipv6.wants,
    early: ipv6.early,
    follow: (observations) => ipv6.follow(observations, bootEntry.read(observations)),
  },
  ...Object.values(rules),
];

export const THOROUGH_ASKS: readonly Asks[] = [...ASKS, { wants: ipv6.thorough }];

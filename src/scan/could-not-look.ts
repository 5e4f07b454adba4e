import type { OsInfo } from "../model/image.ts";
import type { Prediction } from "../model/prediction.ts";
import type { Unread } from "../model/report.ts";

const OS_RELEASE = /\/os-release$/;

/**
 * Why an image that nobody could judge is unreadable rather than a matter for a person: something that decides
 * is there and could not be read. Undefined when all that decides was seen.
 */
export function couldNotLook(
  os: OsInfo,
  prediction: Prediction,
  unread: readonly Unread[],
): string | undefined {
  const named = os.type === "unknown" ? unread.find(({ what }) => OS_RELEASE.test(what)) : undefined;
  if (named) return `the operating system is not known: ${named.reason}`;
  const unreadPlaces = new Set(unread.map(({ what }) => what));
  const spot = prediction.blindSpots.find(
    ({ decisive, evidence }) => decisive && evidence.some(({ locator }) => unreadPlaces.has(locator)),
  );
  return spot?.text;
}

/**
 * What GitHub code scanning takes ("SARIF results exceed one or more limits"): a file that has more is refused whole, and
 * then nothing is shown of any image.
 */
import { gzipSync } from "node:zlib";

/** Of a run; more are refused. */
const RESULTS_MAX = 25_000;
/** Of a run; GitHub keeps so many of them. Which ones is for it to say, so the worst come first. */
const RESULTS_KEPT = 5_000;
/** Of a file, packed: 10 MB, less what packing it otherwise may cost. */
const PACKED_BYTES_MAX = 9_500_000;
/** No limit of GitHub's, but every file that could not be read is one. */
const NOTIFICATIONS_MAX = 5_000;

/** As much of a SARIF result as it takes to say which of two is worse. */
export interface Ranked {
  readonly kind: string;
  readonly level: string;
  readonly suppressions?: readonly object[];
}

/** The text with as many of the results as fit, the worst first where not all of them are shown. */
export function withinLimits<T extends Ranked>(
  results: readonly T[],
  render: (kept: readonly T[], leftOut: number) => string,
): string {
  const worstFirst = results.toSorted((a, b) => rank(a) - rank(b));
  for (let count = Math.min(results.length, RESULTS_MAX); ; ) {
    const all = count === results.length && count <= RESULTS_KEPT;
    const text = render(all ? results : worstFirst.slice(0, count), results.length - count);
    if (count === 0 || text.length <= PACKED_BYTES_MAX) return text;
    const packed = gzipSync(text).length;
    if (packed <= PACKED_BYTES_MAX) return text;
    count = Math.floor(count * Math.min(0.9, (PACKED_BYTES_MAX / packed) * 0.95));
  }
}

/** The same for notifications, errors first; how many are left out is the caller's to say. */
export function mostUrgent<T extends Pick<Ranked, "level">>(notifications: readonly T[]): readonly T[] {
  if (notifications.length <= NOTIFICATIONS_MAX) return notifications;
  return notifications
    .toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
    .slice(0, NOTIFICATIONS_MAX);
}

/** From the worst; `none` is what a person has to look at. */
const LEVELS: readonly string[] = ["error", "warning", "none", "note"];

/** What somebody answered comes after all that is open. */
function rank({ level, suppressions = [] }: Ranked): number {
  return LEVELS.indexOf(level) + (suppressions.length > 0 ? LEVELS.length : 0);
}

import type { Rate } from "./api/pace.ts";

/** Kinds of requests that AWS counts apart. */
export type ApiKind = "get-block" | "list-blocks" | "look" | "change";

export interface Settings {
  /** For one account in one region. */
  readonly rates: Readonly<Record<ApiKind, Rate>>;
  /** How long throttling is sat out, for each request. */
  readonly patienceMs: number;
  /** How often what fails in passing is tried, in all. */
  readonly attemptsMax: number;
  /** First pause before another try; it doubles. */
  readonly backOffMs: number;
  /** No answer for this long counts as none. */
  readonly idleMs: number;
  readonly requestMs: number;
  /** First pause between two looks at what is being made; it grows. */
  readonly pollMs: number;
  /** How long a copy or an instance may take. */
  readonly deadlineMs: number;
  /** How long things that stand in a removal's way are waited for. */
  readonly removalMs: number;
  /** Blocks fetched for one image, at most: a budget. */
  readonly blocksMax: number;
  readonly socketsMax: number;
  /** Copies under way at once, in one account and region. AWS allows 20 [K]; others may be at work, too. */
  readonly copiesMax: number;
  /** Region that copies are made in, where not in the image's own. */
  readonly copyRegion: string | undefined;
}

/**
 * Rates stay below the default quotas of an account in a region: 1,000 GetSnapshotBlock and 50 ListSnapshotBlocks
 * requests a second, 20 describing requests a second after a burst of 100, 5 changing ones after 50.
 */
export const DEFAULTS: Settings = {
  rates: {
    "get-block": { perSecond: 900, burst: 200 },
    "list-blocks": { perSecond: 45, burst: 45 },
    look: { perSecond: 18, burst: 50 },
    change: { perSecond: 4, burst: 20 },
  },
  patienceMs: 180_000,
  attemptsMax: 4,
  backOffMs: 200,
  idleMs: 20_000,
  requestMs: 60_000,
  pollMs: 3000,
  deadlineMs: 45 * 60_000,
  removalMs: 5 * 60_000,
  blocksMax: 4000,
  socketsMax: 64,
  copiesMax: 10,
  copyRegion: undefined,
};

import type { ImageRef } from "./image.ts";
import type { Access, ReadCost, Unread } from "./report.ts";
import type { Snapshot } from "./snapshot.ts";

/** Why the files that a prediction rests on may not be what the machine will see. */
export interface Doubt {
  /** The file system concerned, as in evidence. */
  readonly locator: string;
  readonly why: string;
}

/**
 * All that was seen of an image, as plain data: what a scan judges, and what an evidence bundle holds. The same
 * evidence always gives the same result under the same policy and day.
 */
export interface ImageEvidence {
  readonly image: ImageRef;
  /** Absent when no operating system could be read; then `failure` says why. */
  readonly snapshot?: Snapshot;
  readonly failure?: string;
  readonly notes: readonly string[];
  readonly unread: readonly Unread[];
  readonly doubts: readonly Doubt[];
  readonly cost: ReadCost;
  readonly access?: Access;
}

import type { ImageRef } from "./image.ts";
import type { Access, ReadCost, Unread } from "./report.ts";
import type { Snapshot } from "./snapshot.ts";

/** Why the files that a prediction rests on may not be what the machine will see. */
export interface Doubt {
  /** The file system concerned, as in evidence. */
  readonly locator: string;
  readonly why: string;
  /** Even an "on" falls: what was read may not be of the system that boots. */
  readonly ofSystem?: true;
}

/**
 * All that was taken from an image, as plain data: what the extractor leaves and the evaluator needs. The same extract
 * always gets the same answer, so that it can be kept, sent and judged again without the image.
 */
export type Extract = ReadExtract | FailedExtract;

interface Taken {
  readonly image: ImageRef;
  readonly unread: readonly Unread[];
  readonly cost: ReadCost;
  readonly access?: Access;
}

export interface ReadExtract extends Taken {
  readonly state: "read";
  /** The files that matter, what is absent, and what could not be read. */
  readonly snapshot: Snapshot;
  /** What a reviewer should know about how it was read. */
  readonly notes: readonly string[];
  readonly doubts: readonly Doubt[];
}

/** Nothing could be told from the image. */
export interface FailedExtract extends Taken {
  readonly state: "failed";
  /** In one line. */
  readonly reason: string;
}

import type { ColumnType } from "kysely";

/**
 * The tables, all in a schema of their own (`sixray`), so that a database may be shared with something else. Keys are
 * text: `bigint` comes back as different types from different drivers. Days are text (`2026-11-24`) for the same reason.
 */
export interface Tables {
  images: ImageTable;
  versions: VersionTable;
  scans: ScanTable;
  policies: PolicyTable;
  runs: RunTable;
  run_images: RunImageTable;
  waivers_used: WaiverUsedTable;
}

/** Reads as Date, is written as Date or ISO text. */
type Moment = ColumnType<Date, Date | string, Date | string>;
/** `bigint`: comes as text from one driver and as a number from the other. */
type Big = ColumnType<string | number | bigint, number, number>;

/** What a provider calls an image. */
export interface ImageTable {
  /** Digest of provider and id. */
  image: string;
  provider: string;
  id: string;
  family: string;
  arch: string;
  first_seen: Moment;
  last_seen: Moment;
}

/** What lay under that id: one row for each content. */
export interface VersionTable {
  /** The content id: see `content.ts`. */
  content: string;
  image: string;
  family: string;
  provider: string;
  arch: string;
  name: string;
  /** The provider's date, or an empty text. */
  date: string;
  /** The ImageRef as JSON. */
  ref: string;
  first_seen: Moment;
}

/** What sixray said of a version, before waivers and reviews: these are put on when the answer is used. */
export interface ScanTable {
  content: string;
  policy_digest: string;
  engine: string;
  verdict: string;
  /** `off`, `on`, `partial`, `unknown`, or empty when nothing could be predicted. */
  state: string;
  os: string;
  reason: string;
  /** Digest of the evidence that decided. */
  evidence: string;
  /** The whole ScanResult as JSON. */
  result: string;
  bytes: Big;
  run: string;
  at: Moment;
  /** Another try may see more: what failed had to do with an option or a machine. */
  again: boolean;
}

export interface PolicyTable {
  digest: string;
  id: string;
  /** JSON of what the digest is over. */
  document: string;
  first_seen: Moment;
}

export interface RunTable {
  id: string;
  started_at: Moment;
  finished_at: Moment | null;
  engine: string;
  policy_digest: string;
  policy: string;
  /** What the run was told to look at, for people. */
  source: string;
  host: string;
  /** `2/5`, or empty. */
  shard: string;
  enumerated: number;
  scanned: number;
  known: number;
  failed: number;
  exit_code: number | null;
}

/** Every image of a run, once. */
export interface RunImageTable {
  run: string;
  image: string;
  /** Empty when it could not even be told what the image is. */
  content: string;
  outcome: "scanned" | "known" | "failed";
  /** With waivers and reviews, on the day of the run. */
  verdict: string;
  reason: string;
  /** Digest of the evidence that the run had of it; empty where it had none, or is older than this column. */
  evidence: string;
}

export interface WaiverUsedTable {
  run: string;
  content: string;
  rule: string;
  waiver: string;
  state: string;
  reason: string;
  approved_by: string;
  expires: string;
}

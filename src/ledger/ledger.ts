import type { ImageRef } from "../model/image.ts";
import type { ScanResult } from "../model/report.ts";

/** What a scan is good for: the same three, the same answer. */
export interface ScanKey {
  readonly policyDigest: string;
  /** Release and digest of what judges: `sixray 0.1.0+4f2a9c31`. */
  readonly engine: string;
}

/** Why an image that is expected counts as failed: nobody has looked at it yet. */
export const WAITING = "waiting in the queue";

export interface Standing {
  /** Of those that are not waiting. */
  readonly verdicts: ReadonlyMap<ScanResult["verdict"], number>;
  readonly waiting: number;
  /** Failed for a reason of their own. */
  readonly failed: number;
}

export interface NewRun extends ScanKey {
  readonly id: string;
  readonly startedAt: Date;
  /** Id of the policy, or `automatic`. */
  readonly policy: string;
  /** JSON of what the digest is over. */
  readonly policyDocument: string;
  /** What it was told to look at, for people. */
  readonly source: string;
  readonly host: string;
  /** Which part of the images it looked at, `2/5`; empty where it was all of them. */
  readonly shard: string;
}

export interface Totals {
  readonly enumerated: number;
  readonly scanned: number;
  readonly known: number;
  readonly failed: number;
}

export interface Run extends NewRun, Totals {
  readonly finishedAt: Date | undefined;
  readonly exitCode: number | undefined;
}

/** What is known of a content without looking at its whole result. */
export interface KnownScan {
  readonly content: string;
  /** Before waivers and reviews. */
  readonly verdict: ScanResult["verdict"];
  /** `off`, `on`, `partial`, `unknown`; empty when nothing could be predicted. */
  readonly state: string;
  /** os-release `ID`. */
  readonly os: string;
  readonly reason: string;
  readonly evidence: string;
  /** Another try may see more: an option that is there now, or another machine. */
  readonly again: boolean;
}

/** A waiver that counted in a run, or would have if it had not run out. */
export interface WaiverUsed {
  readonly rule: string;
  readonly waiver: string;
  readonly state: "applies" | "expired";
  readonly reason: string;
  readonly approvedBy: string;
  readonly expires: string;
}

/** How one image of a run ended. */
export type Entry = {
  readonly image: ImageRef;
  /** As the run has it: with waivers and reviews. */
  readonly verdict: ScanResult["verdict"];
  readonly reason: string;
  readonly waivers?: readonly WaiverUsed[];
} & (
  | {
      readonly outcome: "scanned";
      readonly content: string;
      /** Before waivers and reviews. */
      readonly result: ScanResult;
      readonly evidence: string;
    }
  | { readonly outcome: "known"; readonly content: string; readonly evidence: string }
  /** Could not be reached: nothing is known of it, and the next run tries again. */
  | { readonly outcome: "failed"; readonly content?: string }
);

/** One version of a family, and the newest that was said of it. */
export interface Version {
  readonly content: string;
  readonly image: ImageRef;
  readonly firstSeen: Date;
  readonly scan?: KnownScan & ScanKey & { readonly at: Date };
}

export interface RunImage {
  readonly image: ImageRef;
  readonly content: string;
  readonly outcome: Entry["outcome"];
  readonly verdict: ScanResult["verdict"];
  readonly reason: string;
  /** Before waivers and reviews; absent for what failed. */
  readonly result?: ScanResult;
  /** It was scanned again since, and looked otherwise: the result is of that scan, the verdict is the run's. */
  readonly isOther?: true;
}

/**
 * What was scanned before, and what was said. Every call that writes resolves once the rows are committed, and may be
 * made again: the keys keep a row from being there twice.
 */
export interface Ledger {
  /** For people: the folder, or the database without its password. */
  readonly where: string;
  startRun(run: NewRun): Promise<void>;
  /** A run that was finished is not any more: there is more to do for it. */
  reopenRun(id: string): Promise<void>;
  /** Which of these contents have a scan under this key. */
  known(contents: readonly string[], key: ScanKey): Promise<ReadonlyMap<string, KnownScan>>;
  /**
   * Which of these contents stood in a run that came to its end: what was new about them has been told. A run that was
   * killed told nothing.
   */
  told(contents: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * What these images had under their ids in the run that came to its end last, by `imageKey`; only of those that have
   * had more than one content.
   */
  lastContents(images: readonly Pick<ImageRef, "provider" | "id">[]): Promise<ReadonlyMap<string, string>>;
  /** In one transaction. */
  record(run: Pick<NewRun, "id" | keyof ScanKey>, entries: readonly Entry[]): Promise<void>;
  /**
   * Images that are going to be scanned: each stands in the run as `failed` with the reason `WAITING` until something
   * else is recorded, so that none can get lost. What was recorded already stays.
   */
  expect(run: string, images: readonly ImageRef[]): Promise<void>;
  /** Takes a failure out of a run: what it stood for has been done since. */
  forget(run: string, image: ImageRef): Promise<void>;
  /** Counts what was recorded; `enumerated` and the exit code are the caller's. */
  finishRun(id: string, end: { readonly enumerated: number; readonly exitCode: number }): Promise<Totals>;
  totals(id: string): Promise<Omit<Totals, "enumerated">>;
  /** How the images of a run stand. */
  standing(id: string): Promise<Standing>;
  /** Newest first. */
  runs(limit: number): Promise<readonly Run[]>;
  run(id: string): Promise<Run | undefined>;
  /** Which of these runs have no end. */
  unfinished(ids: readonly string[]): Promise<readonly string[]>;
  /** In a stable order, a page at a time: memory does not grow with the run. */
  imagesOf(run: string): AsyncIterable<RunImage>;
  result(content: string, key: ScanKey): Promise<ScanResult | undefined>;
  /**
   * The versions of a family, newest first, each with its last scan. Families of the same name at two providers, or for
   * two architectures, are two families.
   */
  history(family: string, limit: number, within?: FamilyScope): Promise<readonly Version[]>;
  /** Families that there are, by name. */
  families(): Promise<
    readonly { readonly provider: string; readonly family: string; readonly versions: number }[]
  >;
  /** Every row as one JSON object a line, parents before children. */
  export(): AsyncIterable<string>;
  import(lines: AsyncIterable<string>): Promise<Imported>;
  close(): Promise<void>;
}

export interface FamilyScope {
  readonly provider: string;
  readonly arch: string;
}

export interface Imported {
  /** Rows that were not there before. */
  readonly added: number;
  readonly there: number;
  /** Rows whose parent is neither here nor in the file. */
  readonly orphans: number;
}

import type { Observations } from "./observations.ts";
import type { RegistrySnapshot } from "./registry.ts";

/**
 * The few files of a machine that matter, as plain data: what the extractor writes and the evaluator reads.
 * The same snapshot always gives the same answer. Paths are absolute, `/`-separated, without `.` or `..`;
 * entries stand at their real path, symlinks are entries of their own.
 */
export type SnapshotEntry =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly locator: string;
      readonly bytes: Uint8Array;
      readonly sizeBytes: number;
      /** True when `bytes` is only the head of the file (a want's `maxBytes`). */
      readonly truncated: boolean;
      readonly mode?: number;
      readonly uid?: number;
    }
  /** A file that was seen but whose content nobody wanted. */
  | {
      readonly kind: "seen";
      readonly path: string;
      readonly locator: string;
      readonly type: SnapshotNodeType;
      readonly mode?: number;
      readonly sizeBytes?: number;
    }
  | { readonly kind: "symlink"; readonly path: string; readonly locator: string; readonly target: string }
  /** A directory and all its names (complete). */
  | {
      readonly kind: "directory";
      readonly path: string;
      readonly locator: string;
      readonly names: readonly string[];
    }
  | { readonly kind: "absent"; readonly path: string; readonly locator: string }
  | { readonly kind: "unreadable"; readonly path: string; readonly locator: string; readonly reason: string };

export type SnapshotNodeType = "file" | "directory" | "symlink" | "other";

export interface Snapshot {
  readonly entries: ReadonlyMap<string, SnapshotEntry>;
  /** Windows: the keys that were wanted, as plain data. */
  readonly registry?: RegistrySnapshot;
}

/** A file or files that a layer wants to see. */
export interface Want {
  /**
   * Absolute path; `*` and `?` match within one component (never a leading dot unless the pattern has one).
   * A directory that a pattern lists is recorded complete; a path without a pattern that turns out to be a
   * directory is listed too.
   */
  readonly path: string;
  /**
   * `content` (the default) reads files. `names` lists directories and sees types and link targets. `list` lists
   * directories and no more: the cheapest, when the names alone tell.
   */
  readonly what?: "content" | "names" | "list";
  /** Read at most this many bytes of each file (default 1 MiB); a longer file is `truncated`. */
  readonly maxBytes?: number;
  /**
   * Stop early: the file is read in growing heads until each group has a line that starts with one of its
   * prefixes. What was read is then `truncated`, unless it was the whole file.
   */
  readonly until?: readonly (readonly string[])[];
}

/** Anything that asks for files: a boot-loader reader, a layer, a rule. */
export interface Asks {
  /** Fixed before anything is read, so that the extractor fetches the union in few round trips. */
  readonly wants: readonly Want[];
  /**
   * What can be told to be wanted from a part of what was seen: asked after every round, while the rest is still
   * being fetched, so that it costs no rounds of its own. What is left out here `follow` asks for. Pure and cheap.
   */
  early?(observations: Observations): readonly Want[];
  /**
   * What else is wanted now that these were seen (a file that another one names). Asked again after each
   * fetch until nothing new comes; pure, and bounded by the extractor.
   */
  follow?(observations: Observations): readonly Want[];
}

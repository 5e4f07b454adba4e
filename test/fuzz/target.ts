import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";

/** One valid image that mutants are made of; small, so that many fit a second. */
export interface FuzzSeed {
  /** What it is: `xfs v5, node directories`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where its metadata lies; hit most often. Empty: everywhere alike. */
  readonly hot?: readonly (readonly [start: number, end: number])[];
}

/** One format under fuzz: what `npm run fuzz` and the format's own mutation test share. */
export interface FuzzTarget {
  /** The format's name: `xfs`, `vhdx`. */
  readonly name: string;
  /** Programs (or `root`) that making the seeds takes; without them the target is skipped by name. */
  readonly needs: readonly string[];
  seeds(): Promise<readonly FuzzSeed[]>;
  /** Opens a mutant and reads everything that can be reached. Resolves, or rejects with a ScanError. */
  read(source: ByteSource): Promise<void>;
  /** More reads of one mutant count as a hang. Default 20,000. */
  readonly readsMax?: number;
}

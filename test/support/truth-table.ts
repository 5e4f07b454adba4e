import { describe, expect, test } from "vitest";
import { type FlatFiles, predictFiles } from "./machine.ts";

/**
 * A machine of these files, what it comes up with, and where that is known from: a program's source or manual.
 * `mode` is that of every file: private and executable, as scripts and key files are.
 */
export type Cells = readonly [name: string, files: FlatFiles, state: string, source: string, mode?: number];

/** One test for each row; `usual` is the mode where a row gives none, `thorough` as in `scan --thorough`. */
export function truthTable(
  group: string,
  rows: readonly Cells[],
  usual: number = 0o700,
  thorough: boolean = false,
): void {
  describe(group, () => {
    for (const [name, files, state, source, mode = usual] of rows)
      test(name, async () => {
        const prediction = await predictFiles(files, { mode, thorough });
        expect({ state: prediction.state, reason: prediction.reason, source }).toEqual({
          state,
          reason: prediction.reason,
          source,
        });
      });
  });
}

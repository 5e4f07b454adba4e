import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { sarif } from "../../src/report/sarif/sarif.ts";
import { hostileReport, manyImages, sampleReport } from "../support/sample-report.ts";

/** Microsoft's validator, with the rules of the standard and those of GitHub's code scanning. Its own name in npm is a script. */
const MULTITOOL = fileURLToPath(
  new URL("../../node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool", import.meta.url),
);

function complaints(text: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "sixray-sarif-"));
  try {
    const path = join(folder, "report.sarif");
    writeFileSync(path, text);
    const args = ["validate", path, "--rule-kind", "Sarif;Gh;Ghas", "--level", "Error;Warning"];
    const { stdout, stderr, error } = spawnSync(MULTITOOL, args, { maxBuffer: 1 << 28 });
    if (error) throw error;
    const told = stdout.toString() + stderr.toString();
    expect(told).toContain("1 files scanned");
    return [...told.matchAll(/(?:error|warning) [A-Z]+\d+: .*/g)].map(([line]) => line.slice(0, 300));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.skipIf(!existsSync(MULTITOOL))(
  "the SARIF multitool has nothing to say against ours",
  { timeout: 120_000 },
  () => {
    // npm leaves scripts of packages alone, and this one would have set the bit.
    chmodSync(MULTITOOL, 0o755);
    for (const report of [sampleReport, hostileReport(), manyImages(1000)])
      expect(complaints(sarif.render(report, { color: false, columns: 80 }))).toEqual([]);
    const broken = sarif.render(sampleReport, { color: false, columns: 80 }).replace(/"startLine": 1,/g, "");
    expect(complaints(broken)).not.toEqual([]);
  },
);

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

/** The tool leaves these off, whatever kinds of rules it is asked for, and says nothing about it. */
const GITHUB_RULES = [
  "GH1001.ProvideRequiredLocationProperties",
  "GH1002.InlineThreadFlowLocations",
  "GH1003.ProvideRequiredRegionProperties",
  "GH1004.ReviewArraysThatExceedConfigurableDefaults",
  "GH1005.LocationsMustBeRelativeUrisOrFilePaths",
  "GH1006.ProvideCheckoutPath",
  "GH1007.ProvideFullyFormattedMessageStrings",
];
const CONFIGURATION = `<?xml version="1.0" encoding="utf-8"?>
<Properties>
${GITHUB_RULES.map((rule) => `<Properties Key="${rule}.Options"><Property Key="RuleEnabled" Value="Error" /></Properties>`).join("\n")}
</Properties>
`;

function complaints(text: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "sixray-sarif-"));
  try {
    const path = join(folder, "report.sarif");
    writeFileSync(path, text);
    const configuration = join(folder, "rules.xml");
    writeFileSync(configuration, CONFIGURATION);
    const args = [
      "validate",
      path,
      "--config",
      configuration,
      "--rule-kind",
      "Sarif;Gh;Ghas",
      "--level",
      "Error;Warning",
    ];
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
    // That it looks at all: the rules of both kinds find what is put there for them.
    const plain = sarif.render(sampleReport, { color: false, columns: 80 });
    const broken = plain
      .replace(/"startLine": 1,/g, "")
      .replaceAll('"uri": "images/', '"uri": "https://example.org/');
    const found = complaints(broken).join("\n");
    for (const rule of ["SARIF2017", "GH1003", "GH1005"]) expect(found).toContain(rule);
  },
);

import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { exfat } from "../../src/disk/filesystems/exfat/index.ts";
import { fileSystemConformance, writeConformanceFiles } from "../conformance/file-system.ts";
import { target } from "../fuzz/exfat.ts";
import { type Digests, digestFolder, digestTree } from "../support/digests.ts";
import { EXFAT_NEEDS, makeExfat } from "../support/exfat.ts";
import { missing } from "../support/images.ts";
import { tryMutants } from "../support/mutate.ts";

const why = missing(...EXFAT_NEEDS);

/** Crowded folders, long names, files in pieces, and one whose end was never written. */
async function fill(folder: string): Promise<void> {
  await writeConformanceFiles(folder, false);
  mkdirSync(join(folder, "crowd"));
  for (let i = 0; i < 800; i++)
    writeFileSync(join(folder, "crowd", `${"n".repeat(i % 200)}-${i}`), `${i}`.repeat(i % 50));
  for (let i = 0; i < 60; i++) writeFileSync(join(folder, `piece-${i}`), Buffer.alloc(9000, i));
  for (let i = 0; i < 60; i += 2) rmSync(join(folder, `piece-${i}`));
  writeFileSync(join(folder, "in-pieces"), Buffer.from(Array.from({ length: 200_000 }, (_, i) => i * 7)));
  for (const name of ["x".repeat(255), "ä".repeat(120), "漢字", "😀", "a.b.c"])
    writeFileSync(join(folder, name), name);
  writeFileSync(join(folder, "grown"), "start");
  truncateSync(join(folder, "grown"), 50_000);
}

describe.skipIf(why)("against mkfs.exfat and exfat-fuse", () => {
  test.each([
    ["512-byte clusters", ["-c", "512"]],
    ["4 KiB clusters", ["-c", "4096"]],
    ["32 KiB clusters, a label", ["-c", "32768", "-L", "CLOUD"]],
  ])("%s: every file and folder is the same", async (name, options) => {
    let truth: Digests = {};
    const image = await makeExfat(48 << 20, options, async (folder) => {
      await fill(folder);
      truth = digestFolder(folder);
    });
    const source = memorySource(readFileSync(image), "x");
    expect(await exfat.probe(source)).toBe(true);
    const fs = await exfat.open(source);
    expect(fs.label).toBe(name.endsWith("label") ? "CLOUD" : "");
    expect(await digestTree(fs)).toEqual(truth);
    expect((await (await fs.root()).lookup("PIECE-1"))?.sizeBytes).toBe(9000);
  });
});

if (!why) {
  const image = await makeExfat(8 << 20, [], (folder) => writeConformanceFiles(folder, false));
  fileSystemConformance("exfat", {
    open: () => exfat.open(memorySource(readFileSync(image), "x")),
    links: false,
  });
}

test.skipIf(why)(
  "a folder of 6,000 names is listed and looked through in seconds",
  async () => {
    const image = await makeExfat(32 << 20, [], (folder) => {
      for (let i = 0; i < 6000; i++) writeFileSync(join(folder, `file number ${i} of this folder`), "");
    });
    const fs = await exfat.open(memorySource(readFileSync(image), "x"));
    const started = performance.now();
    expect(Object.keys(await digestTree(fs))).toHaveLength(6000);
    expect(performance.now() - started).toBeLessThan(10_000);
  },
  120_000,
);

test.skipIf(why)("mutants give an answer or a ScanError", async () => {
  for (const { bytes, hot = [] } of await target.seeds()) {
    await target.read(memorySource(bytes, "seed"));
    const count = await tryMutants(bytes, (source) => target.read(source), { count: 300, hot });
    console.log(`exfat: ${count.mutants} mutants, ${count.refused} refused`);
    expect(count.refused).toBeGreaterThan(0);
  }
});

/**
 * Prints what a scan costs: reads, bytes and rounds against the bars, and wall time and memory as ratios to an
 * empty Node process and to the peers that are installed, all in one run.
 *
 *   npm run bench                     a small image of the same shape, built now (needs mke2fs, sfdisk, qemu-img)
 *   npm run bench -- FOLDER           images by the names of the table (deb-ext4.raw, deb-ext4.qcow2, ...)
 *   npm run bench -- FOLDER --runs 15
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildShapeImage } from "../test/support/shape-image.ts";
import { peakMemoryMib, scanFigures, wallTimes } from "./measure.ts";
import { installedPeers } from "./peers.ts";

/** Bars on a 10 GiB Debian image: reads, KiB, rounds. */
const BARS: Readonly<Record<string, readonly [number, number, number]>> = {
  "deb-ext4.raw": [31, 200, 12],
  "deb-ext4.qcow2": [39, 260, 15],
  "deb-ext4.c.qcow2": [50, 230, 15],
  "deb-ext4.zstd.qcow2": [50, 230, 15],
  "deb-ext4.stream.vmdk": [50, 200, 15],
};
const MEMORY_MAX_MIB = 60;
const RATIO_MAX = 2;
const ROOT_OFFSET = 125 << 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "9" } },
});
const runs = Math.max(1, Number(values.runs) || 9);
const [given] = positionals;
const folder = given ?? mkdtempSync(join(tmpdir(), "sixray-bench-"));
try {
  if (given === undefined) buildShapeImage(folder);
  bench(folder);
} finally {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
}

function bench(from: string): void {
  const images = Object.keys(BARS).filter((name) => existsSync(join(from, name)));
  if (images.length === 0) throw new Error(`none of ${Object.keys(BARS).join(", ")} lies in ${from}`);
  console.log("image                 reads (bar)   KiB (bar)    rounds (bar)  verdict");
  for (const name of images) console.log(costLine(name, join(from, name)));

  const scans = images.map((name) => ["bin/sixray.js", "scan", "--quiet", join(from, name)]);
  const peers = installedPeers().flatMap((peer) => {
    const name = images.find((one) => peer.command(join(from, one), ROOT_OFFSET));
    const command = name && peer.command(join(from, name), ROOT_OFFSET);
    return command ? [{ label: `${peer.name} ${name}`, command }] : [];
  });
  const rows = [
    { label: "node -e 0", command: [process.execPath, "-e", "0"] as const },
    ...scans.map((args, at) => ({
      label: `sixray ${images[at] ?? ""}`,
      command: [process.execPath, ...args] as const,
    })),
    ...peers,
  ];
  const times = wallTimes(
    rows.map(({ command }) => command),
    runs,
  );
  const empty = times[0]?.median ?? 1;
  console.log(
    `\nwhole process, median (min-max) of ${runs} runs in turns; bar for sixray: <= ${RATIO_MAX.toFixed(1)}x`,
  );
  for (const [at, { label }] of rows.entries()) {
    const time = times[at];
    if (!time) continue;
    const { median, min, max } = time;
    console.log(
      `${label.padEnd(30)} ${median.toFixed(0).padStart(6)} ms (${min.toFixed(0)}-${max.toFixed(0)})  ${(median / empty).toFixed(2)}x`,
    );
  }
  console.log(`\npeak memory; bar: <= ${MEMORY_MAX_MIB} MiB`);
  console.log(`${"node -e 0".padEnd(30)} ${peakMemoryMib(["-e", "0"])} MiB`);
  for (const [at, args] of scans.entries())
    console.log(`${`sixray ${images[at] ?? ""}`.padEnd(30)} ${peakMemoryMib(args)} MiB`);
}

function costLine(name: string, path: string): string {
  const figures = scanFigures(path);
  if (typeof figures === "string") return `${name.padEnd(20)}  ${figures}`;
  const [reads = 0, kib = 0, rounds = 0] = BARS[name] ?? [];
  const cell = (value: number, bar: number): string =>
    `${value} (${bar})${value > bar ? " OVER" : ""}`.padEnd(13);
  return `${name.padEnd(20)}  ${cell(figures.reads, reads)} ${cell(figures.kib, kib)} ${cell(figures.rounds, rounds)} ${figures.verdict}`;
}

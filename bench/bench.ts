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
import { httpFigures } from "./http.ts";
import { peakMemoryMib, scanFigures, wallTimes } from "./measure.ts";
import { installedPeers } from "./peers.ts";

/** Bars on 10 GiB images: reads, KiB, rounds. Of the others there are none: they are shown. */
const BARS: Readonly<Record<string, readonly [number, number, number] | undefined>> = {
  "deb-ext4.raw": [31, 200, 12],
  "deb-ext4.qcow2": [39, 260, 15],
  "deb-ext4.c.qcow2": [50, 230, 15],
  "deb-ext4.zstd.qcow2": [50, 230, 15],
  "deb-ext4.stream.vmdk": [50, 200, 15],
  "deb-ext4.sparse.vmdk": undefined,
  "deb-ext4.vhdx": undefined,
  "deb-ext4.dyn.vhd": undefined,
  "deb-ext4.fixed.vhd": undefined,
  "rhel-xfs.raw": [35, 190, 9],
  "rhel-xfs.qcow2": undefined,
  "rhel-xfs.c.qcow2": undefined,
  "rhel-xfs.stream.vmdk": undefined,
  "fed-btrfs.raw": [25, 375, 12],
  "fed-btrfs.qcow2": undefined,
  "fed-btrfs.c.qcow2": undefined,
  "fed-btrfs.dyn.vhd": undefined,
  "fed-btrfs.stream.vmdk": undefined,
  "win-ntfs.raw": [30, 190, Number.POSITIVE_INFINITY],
  "win-ntfs.qcow2": undefined,
  "win-ntfs.c.qcow2": undefined,
  "win-ntfs.dyn.vhd": undefined,
  "win-ntfs.stream.vmdk": undefined,
};
/** Of a scan over HTTP with this latency: seconds of the whole process, and KiB. */
const HTTP_LATENCY_MS = 20;
const HTTP_BARS = { image: "deb-ext4.raw", seconds: 0.35, kib: 300 };
const MEMORY_MAX_MIB = 60;
const RATIO_MAX = 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "9" } },
});
const runs = Math.max(1, Number(values.runs) || 9);
const [given] = positionals;
const folder = given ?? mkdtempSync(join(tmpdir(), "sixray-bench-"));
try {
  if (given === undefined) buildShapeImage(folder);
  await bench(folder);
} finally {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
}

async function bench(from: string): Promise<void> {
  const images = Object.keys(BARS).filter((name) => existsSync(join(from, name)));
  if (images.length === 0) throw new Error(`none of ${Object.keys(BARS).join(", ")} lies in ${from}`);
  console.log("image                 reads (bar)   KiB (bar)     rounds (bar)  verdict");
  for (const name of images) console.log(costLine(name, join(from, name)));
  await benchHttp(from);

  const scans = images.map((name) => ["bin/sixray.js", "scan", "--quiet", join(from, name)]);
  const peers = installedPeers().flatMap((peer) => {
    const name = images.find((one) => peer.command(join(from, one)));
    const command = name && peer.command(join(from, name));
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

async function benchHttp(from: string): Promise<void> {
  const { image, seconds, kib } = HTTP_BARS;
  if (!existsSync(join(from, image))) return;
  const done = await httpFigures(join(from, image), HTTP_LATENCY_MS);
  console.log(
    `\n${image} over HTTP, ${HTTP_LATENCY_MS} ms a request: ${done.seconds.toFixed(2)} s (${seconds}), ${done.requests} requests, ${done.kib} KiB (${kib})`,
  );
}

function costLine(name: string, path: string): string {
  const figures = scanFigures(path);
  if (typeof figures === "string") return `${name.padEnd(20)}  ${figures}`;
  const [reads, kib, rounds] = BARS[name] ?? [];
  const cell = (value: number, bar = Number.POSITIVE_INFINITY): string =>
    `${value} (${Number.isFinite(bar) ? bar : "-"})${value > bar ? " OVER" : ""}`.padEnd(13);
  return `${name.padEnd(20)}  ${cell(figures.reads, reads)} ${cell(figures.kib, kib)} ${cell(figures.rounds, rounds)} ${figures.verdict}`;
}

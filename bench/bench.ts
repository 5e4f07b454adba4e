/**
 * Prints what a scan costs: reads, bytes and rounds against the bars, also over HTTP and through EBS direct, and wall
 * time and memory as ratios to an empty Node process and to the peers that are installed, all in one run.
 *
 *   npm run bench                     a small image of the same shape, built now (needs mke2fs, sfdisk, qemu-img)
 *   npm run bench -- FOLDER           images by the names of the table (deb-ext4.raw, deb-ext4.qcow2, ...)
 *   npm run bench -- FOLDER --runs 15
 *   npm run bench -- --fleet          the fleet's curve instead (needs Postgres); with --sizes 100,1000,10000 more of it;
 *                                     --workers 1,2,4; --limited 10000 --limit 100: images, requests a second at most
 *
 * Writes bench/results.json, which keeps what other runs wrote, and the fleet's chart bench/fleet.svg.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildShapeImage } from "../test/support/shape-image.ts";
import { fleetChart } from "./chart.ts";
import { type EbsFigures, ebsScan } from "./ebs.ts";
import { type FleetFigures, fleetCurve, fleetLine, withEarlier } from "./fleet.ts";
import { type HttpFigures, httpFigures } from "./http.ts";
import { type Figures, peakMemoryMib, scanFigures, wallTimes } from "./measure.ts";
import { installedPeers } from "./peers.ts";
import { keepResults, keptFleet } from "./results.ts";
import { startUps } from "./start-up.ts";

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
/** Of scans over the network: each request is answered after this long. */
const LATENCY_MS = 20;
/** Over HTTP: seconds of the whole process, and KiB. */
const HTTP_BARS = { image: "deb-ext4.raw", seconds: 0.35, kib: 300 };
/** Through EBS direct: blocks of 512 KiB, rounds, and seconds of the whole process. */
const EBS_BARS = { image: "deb-ext4.raw", blocks: 18, rounds: 9, seconds: 1 };
const MEMORY_MAX_MIB = 60;
const RATIO_MAX = 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "9" },
    fleet: { type: "boolean", default: false },
    sizes: { type: "string", default: "100" },
    workers: { type: "string", default: "1,2,4" },
    limit: { type: "string", default: "100" },
    limited: { type: "string", default: "300" },
  },
});
const runs = Math.max(1, Number(values.runs) || 9);
const [given] = positionals;
if (values.fleet) await benchFleet();
else {
  const folder = given ?? mkdtempSync(join(tmpdir(), "sixray-bench-"));
  try {
    if (given === undefined) buildShapeImage(folder);
    await bench(folder);
  } finally {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function benchFleet(): Promise<void> {
  const numbers = (text: string): readonly number[] =>
    text
      .split(",")
      .map(Number)
      .filter((one) => one > 0);
  const limited = { images: Number(values.limited), ratePerSecond: Number(values.limit) };
  const earlier = keptFleet();
  const done: FleetFigures[] = [];
  // A long run that is stopped has written what it found out so far.
  const keep = (figures: FleetFigures): void => {
    console.log(fleetLine(figures));
    done.push(figures);
    const all = withEarlier(done, earlier);
    writeFileSync("bench/fleet.svg", fleetChart(all));
    keepResults({ fleet: all });
  };
  await fleetCurve(numbers(values.sizes), numbers(values.workers), limited, keep);
  const free = withEarlier(done, earlier).filter(({ ratePerSecond }) => ratePerSecond === undefined);
  for (const images of new Set(free.map((one) => one.images))) {
    const rate = (workers: number): number | undefined =>
      free.find((one) => one.images === images && one.workers === workers)?.imagesPerSecond;
    const alone = rate(1);
    if (alone === undefined) continue;
    const times = [2, 4].flatMap((workers) => {
      const many = rate(workers);
      return many === undefined ? [] : [`${workers} workers do ${(many / alone).toFixed(2)}x`];
    });
    console.log(`${images} images: of one worker, ${times.join(", ")}`);
  }
}

async function bench(from: string): Promise<void> {
  const images = Object.keys(BARS).filter((name) => existsSync(join(from, name)));
  if (images.length === 0) throw new Error(`none of ${Object.keys(BARS).join(", ")} lies in ${from}`);
  console.log("image                 reads (bar)   KiB (bar)     rounds (bar)  verdict");
  const costs = images.map((name) => ({ name, figures: scanFigures(join(from, name)) }));
  for (const { name, figures } of costs) console.log(costLine(name, figures));
  const overHttp = await benchHttp(from);
  const overEbs = await benchEbs(from);

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
  const memory = scans.map((args, at) => ({ name: images[at] ?? "", mib: peakMemoryMib(args) }));
  for (const { name, mib } of memory) console.log(`${`sixray ${name}`.padEnd(30)} ${mib} MiB`);
  const starts = startUps(runs);
  console.log(`\nstart-up by command; bar: <= ${RATIO_MAX.toFixed(1)}x of an empty Node process`);
  for (const { command, ms, ratio } of starts)
    console.log(`${command.padEnd(30)} ${ms.toFixed(0).padStart(6)} ms  ${ratio.toFixed(2)}x`);
  const wall = rows.map(({ label }, at) => ({ label, ...times[at] }));
  keepResults({ costs, overHttp, overEbs, wall, memory, starts });
}

async function benchHttp(from: string): Promise<HttpFigures | undefined> {
  const { image, seconds, kib } = HTTP_BARS;
  if (!existsSync(join(from, image))) return undefined;
  const done = await httpFigures(join(from, image), LATENCY_MS);
  console.log(
    `\n${image} over HTTP, ${LATENCY_MS} ms a request: ${done.seconds.toFixed(2)} s (${seconds}), ${done.requests} requests, ${done.kib} KiB (${kib})`,
  );
  return done;
}

async function benchEbs(from: string): Promise<EbsFigures | undefined> {
  const { image, ...bars } = EBS_BARS;
  if (!existsSync(join(from, image))) return undefined;
  const { blocks, rounds, requests, seconds } = await ebsScan(join(from, image), LATENCY_MS);
  const figures = [
    `${blocks} blocks of 512 KiB (${bars.blocks})${over(blocks, bars.blocks)}`,
    `${rounds} rounds (${bars.rounds})${over(rounds, bars.rounds)}`,
    `${requests} requests`,
    `${seconds.toFixed(2)} s (${bars.seconds})${over(seconds, bars.seconds)}`,
  ];
  console.log(`${image} through EBS direct, ${LATENCY_MS} ms a request: ${figures.join(", ")}`);
  return { seconds, requests, blocks, rounds };
}

function over(value: number, bar: number): string {
  return value > bar ? " OVER" : "";
}

function costLine(name: string, figures: Figures | string): string {
  if (typeof figures === "string") return `${name.padEnd(20)}  ${figures}`;
  const [reads, kib, rounds] = BARS[name] ?? [];
  const cell = (value: number, bar = Number.POSITIVE_INFINITY): string =>
    `${value} (${Number.isFinite(bar) ? bar : "-"})${over(value, bar)}`.padEnd(13);
  return `${name.padEnd(20)}  ${cell(figures.reads, reads)} ${cell(figures.kib, kib)} ${cell(figures.rounds, rounds)} ${figures.verdict}`;
}

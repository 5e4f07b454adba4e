import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { askNamespace, type Told } from "./ask.ts";

/**
 * `npm run oracle [-- --sysctl 20000 --modprobe 5000 --seed 1 --jobs 2 --only REGEXP]`: generated configurations
 * against the real programs of this machine and of every root in $SIXRAY_ROOTS (`test/oracle/make-roots.sh`). Prints
 * a table; exit 1 when an answer is wrong or 5 % and more are not told. Needs root, gcc, depmod, iproute2.
 */
const { values } = parseArgs({
  options: {
    sysctl: { type: "string", default: "20000" },
    modprobe: { type: "string", default: "5000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    only: { type: "string", default: "" },
  },
});

interface Job {
  readonly name: string;
  readonly run: () => Promise<Told>;
}

const roots = process.env.SIXRAY_ROOTS ?? join(tmpdir(), "sixray-roots");
const suites = existsSync(roots) ? readdirSync(roots).filter((name) => !name.endsWith(".part")) : [];
const places: readonly (readonly [name: string, path: string])[] = [
  ["this machine", "/"],
  ...suites.toSorted().map((suite) => [suite, join(roots, suite)] as const),
];
const busybox = places.filter(([, path]) => existsSync(join(path, "bin/busybox")));
const share = (total: string, count: number): string => String(Math.ceil(Number(total) / Math.max(1, count)));
const jobs: readonly Job[] = [
  ...places.flatMap(([name, path], index) =>
    ["systemd", "procps"].map((program) =>
      job(`sysctl ${program}, ${name}`, path, "sysctl", [
        program,
        seed(index),
        share(values.sysctl, places.length),
      ]),
    ),
  ),
  ...busybox
    .slice(0, 1)
    .map(([name, path]) =>
      job(`sysctl busybox, ${name}`, path, "sysctl", ["busybox", seed(0), share(values.sysctl, 10)]),
    ),
  ...places.map(([name, path], index) =>
    job(`modprobe, ${name}`, path, "modprobe", [seed(index), share(values.modprobe, places.length)]),
  ),
].filter(({ name }) => new RegExp(values.only).test(name));

function seed(index: number): string {
  return String(Number(values.seed) * 1000 + index);
}

function job(name: string, path: string, layer: string, args: readonly string[]): Job {
  return { name, run: () => askNamespace(path, layer, args) };
}

const queue = [...jobs];
const told: { readonly name: string; readonly told: Told }[] = [];
async function work(): Promise<void> {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const result = await next.run();
    told.push({ name: next.name, told: result });
    const { cases, wrong, unknown, seconds, disagreements } = result;
    const rate = (cases / seconds).toFixed(0);
    console.log(
      `${next.name.padEnd(32)} ${cases} cases, ${wrong} wrong, ${unknown} not told, ${rate} cases/s`,
    );
    for (const one of disagreements) console.log(`  ${JSON.stringify(one)}`);
    for (const [reason, count] of Object.entries(result.reasons))
      console.log(`  not told ${count}: ${reason}`);
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work));

const sum = (pick: (one: Told) => number): number => told.reduce((total, one) => total + pick(one.told), 0);
const cases = sum((one) => one.cases);
const wrong = sum((one) => one.wrong);
const unknown = sum((one) => one.unknown);
console.log(
  `together: ${cases} cases, ${wrong} wrong, ${unknown} not told (${((100 * unknown) / cases).toFixed(2)} %)`,
);
if (wrong > 0 || unknown >= cases * 0.05) process.exitCode = 1;

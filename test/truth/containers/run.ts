import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { folderFileSystem } from "../../../providers/file/folder.ts";
import { bootEntry } from "../../../src/guest/boot/index.ts";
import { examineFiles } from "../../../src/guest/machine.ts";
import { inDoubt } from "../../../src/ipv6/doubt.ts";
import { predict } from "../../../src/ipv6/predict.ts";
import { observe } from "../../../src/model/observations.ts";
import type { Prediction } from "../../../src/model/prediction.ts";
import { ASKS } from "../../../src/scan/asks.ts";
import { ABOVE, bootContainer, NIC, overlay, RENAMED, type Switches } from "./container.ts";
import { machineOf, type RandomMachine, randomMachine } from "./random-machine.ts";
import { TABLES } from "./tables/index.ts";

/**
 * `npm run truth:containers [-- --count 50 --seed 1 --jobs 2 --suites trixie,noble --only SEED --state off --all --show COMMAND | --table NAME]`: machines made by dice,
 * predicted, booted in a container with their own systemd, and compared. Exit 1 when a prediction was wrong. Needs root,
 * systemd-nspawn and the roots of `test/oracle/make-roots.sh`; some three seconds a machine.
 * --table makes them of the rows of a table instead, each a seed of its own from 0 on: what is to be known of every one
 * of them. --state boots those only of which sixray says that; --all prints the right ones, too; --show runs a command in each machine once it is up.
 */
const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    suites: { type: "string", default: "bookworm,trixie,jammy,noble" },
    only: { type: "string" },
    state: { type: "string" },
    table: { type: "string" },
    all: { type: "boolean", default: false },
    show: { type: "string" },
  },
});

const roots = process.env.SIXRAY_ROOTS ?? join(tmpdir(), "sixray-roots");
const suites = options.suites.split(",").filter((suite) => existsSync(join(roots, suite, "etc/os-release")));
if (suites.length === 0) throw new Error(`no roots in ${roots}: run test/oracle/make-roots.sh`);
const rows = options.table === undefined ? undefined : TABLES.get(options.table);
if (options.table !== undefined && rows === undefined)
  throw new Error(`--table is one of ${[...TABLES.keys()].join(", ")}`);
const first = Number(options.only ?? (rows ? 0 : options.seed));
const seeds = Array.from(
  { length: options.only === undefined ? (rows?.length ?? Number(options.count)) : 1 },
  (_, index) => first + index,
);
const scratch = mkdtempSync(join(tmpdir(), "sixray-containers-"));
const count = { equal: 0, unknown: 0, wrong: 0, "no boot": 0 };
let passedOver = 0;
let wrongValues = 0;

async function work(seed: number): Promise<void> {
  const suite = suites[seed % suites.length] ?? "";
  const row = rows?.[seed];
  const machine = row
    ? machineOf(row)
    : randomMachine(seed, (path) =>
        [path, path.replace(/^\/usr/, "")].some((one) => existsSync(join(roots, suite, one))),
      );
  const lain = overlay(join(roots, suite), machine.files, join(scratch, String(seed)), machine.without);
  try {
    executable(lain.folder, machine);
    const prediction = await predicted(lain.folder);
    if (options.state !== undefined && prediction.state !== options.state) {
      passedOver++;
      return;
    }
    const real = await bootContainer(lain.folder, `sixray-${process.pid}-${seed}`, {
      command: options.show,
      waitsForDevices: Object.values(machine.files).some(
        (one) => typeof one === "string" && /allow-hotplug|SYSTEMD_WANTS/.test(one),
      ),
    });
    const verdict = compare(prediction, real, machine);
    count[verdict]++;
    const values = wrongOf(prediction, real);
    if (values.length > 0) {
      wrongValues++;
      console.log(`values: seed ${seed}, ${suite}: ${values.join(", ")}\n  ${machine.name}`);
    }
    if (verdict === "wrong" || verdict === "no boot" || options.all || options.only !== undefined)
      console.log(
        `${verdict}: seed ${seed}, ${suite}: said ${prediction.state}, is ${JSON.stringify(real)}\n  ${machine.name}\n  ${prediction.reason}`,
      );
  } finally {
    lain.remove();
  }
}

/** As a person would leave them: scripts may be run, key files are private. */
function executable(folder: string, { files }: RandomMachine): void {
  for (const [path, content] of Object.entries(files)) {
    if (path.endsWith(".nmconnection") || path.startsWith("/var/spool/cron/"))
      chmodSync(join(folder, path), 0o600);
    if (typeof content === "string" && content.startsWith("#!")) chmodSync(join(folder, path), 0o755);
  }
}

async function predicted(folder: string): Promise<Prediction> {
  const examined = await examineFiles(folderFileSystem(folder), folder, ASKS);
  if (!examined) throw new Error(`${folder} is no machine`);
  const observations = observe(examined.snapshot);
  return inDoubt(predict(observations, bootEntry.read(observations)), examined.doubts ?? []);
}

function compare(
  { state }: Prediction,
  real: Switches | undefined,
  { name }: RandomMachine,
): keyof typeof count {
  if (real === undefined) return "no boot";
  if (state === "unknown") return "unknown";
  // Partly: of a further card that the container does not have, perhaps.
  if (state === "partial") return "equal";
  // Without a card that it reaches, a bridge speaks to nobody.
  const cards = name.includes("eth7") ? [NIC, RENAMED] : [NIC, RENAMED, ABOVE];
  const isOn = cards.some((card) => real[card] === 0);
  return isOn === (state === "on") ? "equal" : "wrong";
}

/** What the report shows of the other switches, where it is sure of them. */
function wrongOf({ disableIpv6 }: Prediction, real: Switches | undefined): readonly string[] {
  return (["all", "default", "lo"] as const).flatMap((name) => {
    const told = disableIpv6[name];
    const found = real?.[name];
    const isSure = told === 0 || told === 1;
    return isSure && found !== undefined && (found === 0) !== (told === 0)
      ? [`${name} said ${told}, is ${found}`]
      : [];
  });
}

const queue = [...seeds];
// What runs is taken away as usual.
process.once("SIGINT", () => queue.splice(0));
try {
  await Promise.all(
    Array.from({ length: Number(options.jobs) }, async () => {
      for (let seed = queue.shift(); seed !== undefined; seed = queue.shift()) await work(seed);
    }),
  );
} finally {
  for (const left of readdirSync(scratch)) console.error(`left behind: ${join(scratch, left)}`);
  rmSync(scratch, { recursive: true, force: true });
}
console.log(
  `${count.equal} equal, ${count.unknown} unknown, ${count.wrong} wrong, ${count["no boot"]} did not boot; ${wrongValues} with a wrong value of all, default or lo${passedOver > 0 ? `; ${passedOver} of another state, not booted` : ""}`,
);
if (count.wrong + wrongValues > 0) process.exitCode = 1;

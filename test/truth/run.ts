import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Prediction } from "../../src/model/prediction.ts";
import { plant } from "../oracle/plant.ts";
import { run } from "../support/images.ts";
import { bootImage, prepareKernel, type Reality } from "./boot.ts";
import { CASES, idOf, type Manager, type TruthCase } from "./cases.ts";
import { compare, printTable, type Row } from "./table.ts";

/**
 * `npm run truth [-- --only REGEXP --jobs 1 --again --predict]`: builds an image for each case, has sixray predict it,
 * boots the very same image in qemu, and compares. What booted is kept in out/truth.json and not booted again unless
 * `--again`; `--predict` asks sixray anew and boots nothing. Exit 1 when a prediction was wrong. Needs root,
 * qemu-system-x86, e2fsprogs, fdisk, linux-image-cloud-amd64 and the roots of `test/oracle/make-roots.sh`.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    jobs: { type: "string", default: "1" },
    again: { type: "boolean", default: false },
    predict: { type: "boolean", default: false },
  },
});

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const roots = process.env.SIXRAY_ROOTS ?? join(tmpdir(), "sixray-roots");
const store = here("../../out/truth.json");
const saved = z.record(
  z.string(),
  z.object({
    disableIpv6: z.record(z.string(), z.number()).optional(),
    nic: z.string().optional(),
    addresses: z.array(z.string()),
    cmdline: z.string(),
  }),
);

const SERVICES: Readonly<Record<Manager, readonly string[]>> = {
  none: [],
  ifupdown: ["networking"],
  networkd: ["systemd-networkd"],
  NetworkManager: ["NetworkManager"],
  netplan: ["systemd-networkd"],
};
const ARGUMENTS = "root=/dev/vda1 rw console=ttyS0 quiet systemd.show_status=0";

function grubConfig(kernel: string, cmdline: string): string {
  const version = kernel.replace(/.*vmlinuz-/, "");
  return `set default="0"
menuentry 'Linux' {
	linux	/boot/vmlinuz-${version} ${cmdline}
	initrd	/boot/initrd.img-${version}
}
`;
}

async function work(one: TruthCase, folder: string, known: Map<string, Reality>): Promise<Row> {
  const id = idOf(one);
  const image = join(folder, "disk.img");
  const files = join(folder, "files");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(files, { recursive: true });
  const kernel = prepareKernel(folder);
  const cmdline = [ARGUMENTS, one.cmdline ?? ""].join(" ").trim();
  plant(files, { ...one.files, "/boot/grub/grub.cfg": grubConfig(kernel.kernel, cmdline) });
  run("bash", [here("build-image.sh"), join(roots, one.suite), files, image, ...SERVICES[one.manager]]);
  const prediction = predicted(image);
  let reality = values.again ? undefined : known.get(id);
  if (reality === undefined && !values.predict)
    reality = await bootImage(image, kernel, cmdline, join(folder, "console"));
  if (reality) keep(known, id, reality);
  const row = compare(id, prediction, reality, one.manager !== "none");
  if (row.verdict === "no boot" && !values.predict)
    console.error(readFileSync(join(folder, "console"), "latin1").slice(-2000));
  rmSync(folder, { recursive: true, force: true });
  return row;
}

function predicted(image: string): Prediction {
  const said = run(process.execPath, [
    here("../../src/cli/bin.ts"),
    "scan",
    image,
    "--format",
    "json",
    "--fail-on",
    "never",
    "-q",
  ]);
  const report: { results: readonly { prediction?: Prediction; reason: string }[] } = JSON.parse(
    said.toString(),
  );
  const prediction = report.results[0]?.prediction;
  if (!prediction) throw new Error(`no prediction: ${report.results[0]?.reason}`);
  return prediction;
}

function keep(known: Map<string, Reality>, id: string, reality: Reality): void {
  known.set(id, reality);
  mkdirSync(here("../../out"), { recursive: true });
  writeFileSync(store, `${JSON.stringify(Object.fromEntries(known), undefined, 1)}\n`);
}

const known = new Map<string, Reality>();
if (existsSync(store))
  for (const [id, { disableIpv6, nic, ...rest }] of Object.entries(
    saved.parse(JSON.parse(readFileSync(store, "utf8"))),
  ))
    known.set(id, { ...rest, disableIpv6, nic });
const built = new Set(existsSync(roots) ? await readdir(roots) : []);
const queue = CASES.filter((one) => new RegExp(values.only).test(idOf(one)) && built.has(one.suite));
const skipped = CASES.filter((one) => !built.has(one.suite));
const rows: Row[] = [];
const scratch = mkdtempSync(join(tmpdir(), "sixray-truth-"));
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async (_, job) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const row = await work(next, join(scratch, String(job)), known);
      rows.push(row);
      console.log(`${row.verdict.padEnd(10)} ${row.id}: ${row.text}`);
    }
  }),
);
rmSync(scratch, { recursive: true, force: true });
printTable(rows, skipped.map(idOf));
if (rows.some(({ verdict }) => verdict === "WRONG" || verdict === "no boot")) process.exitCode = 1;

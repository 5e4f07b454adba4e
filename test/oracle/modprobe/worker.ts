import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Tree } from "../../../src/disk/filesystems/tree.ts";
import { extract } from "../../../src/guest/extract.ts";
import { type Modules, modprobe } from "../../../src/ipv6/layers/modprobe/kmod.ts";
import { modprobe as layer } from "../../../src/ipv6/layers/modprobe/layer.ts";
import { readingsOf, VERSION_WANTS } from "../../../src/ipv6/layers/modprobe/places.ts";
import type { BootFacts } from "../../../src/model/boot.ts";
import { observe } from "../../../src/model/observations.ts";
import { run } from "../../support/images.ts";
import { type FlatFiles, nest } from "../../support/machine.ts";
import { memoryFileSystem } from "../../support/memory-fs.ts";
import { clear, plant } from "../plant.ts";
import { shrink } from "../shrink.ts";
import { KERNEL, makeModules } from "./kernel.ts";
import { cases, type ModprobeCase } from "./trees.ts";

/** As `../sysctl/worker.ts`, for modprobe: `worker.ts ROOT SEED COUNT SECONDS`. */
const [root = "", seed = "1", count = "1", seconds = "3600"] = process.argv.slice(2);
const REQUESTS = ["ipv6", "net-pf-10", "-b ipv6", "-b net-pf-10", "ip6dep"] as const;
const MODULES: Modules = new Map([
  ["ipv6", { depends: [], aliases: ["net_pf_10"] }],
  ["ip6dep", { depends: ["ipv6"], aliases: [] }],
]);

const isSplit = lstatSync(join(root, "lib")).isDirectory();
const FOLDERS = ["/etc", "/run", "/usr/local/lib", "/usr/lib", ...(isSplit ? ["/lib"] : [])];
makeModules(root);
const cmdlineFile = join(root, "run/cmdline");
mkdirSync(join(root, "run"), { recursive: true });
writeFileSync(cmdlineFile, "");
run("mount", ["--bind", cmdlineFile, join(root, "proc/cmdline")]);
const identity = identityOf();

function identityOf(): FlatFiles {
  const files: Record<string, string | { link: string }> = {
    "/etc/os-release": "ID=debian\n",
    "/boot/config-6.1": "CONFIG_IPV6=m\n",
  };
  if (isSplit) files["/lib/x"] = "";
  else files["/lib"] = { link: "usr/lib" };
  for (const name of readdirSync(join(root, "usr/lib/x86_64-linux-gnu")))
    if (name.startsWith("libkmod.so")) files[`/usr/lib/x86_64-linux-gnu/${name}`] = "";
  return files;
}

type Answer = readonly (readonly string[])[];

const SCRIPT = REQUESTS.map((request) => `modprobe -S ${KERNEL} -n -v ${request}; echo ===`).join("\n");

function real({ files, cmdline }: ModprobeCase): Answer {
  for (const folder of FOLDERS) clear(join(root, folder, "modprobe.d"));
  rmSync(join(root, "etc/modprobe.conf"), { force: true });
  plant(root, files);
  writeFileSync(cmdlineFile, `${cmdline}\n`);
  const done = spawnSync("chroot", [root, "/bin/sh", "-c", SCRIPT], { env: { PATH: process.env.PATH } });
  if (done.error) throw done.error;
  return done.stdout
    .toString()
    .split("===\n")
    .slice(0, -1)
    .map((part) =>
      unique(
        part
          .split("\n")
          .filter((one) => one !== "")
          .map(shortened),
      ),
    );
}

/** Soft dependencies in circles have kmod try a module more than once. */
function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}

/** Paths of modules become their names. */
function shortened(line: string): string {
  return line.replace(/^insmod \S*\/([a-z0-9]+)\.ko/, "insmod $1").trimEnd();
}

async function ours({ files, cmdline }: ModprobeCase): Promise<Answer | string> {
  const boot: BootFacts = { cmdline, cmdlineEvidence: [], kernelVersion: "6.1", nicNames: [], notes: [] };
  const fs = memoryFileSystem(nest({ ...identity, ...files }));
  const tree = new Tree([{ path: "/", locator: "x", fs }]);
  const wants = [...layer.wants, ...VERSION_WANTS, { path: "/boot/config-6.1" }];
  const seen = observe(await extract(tree, [{ wants, follow: (some) => layer.follow?.(some, boot) ?? [] }]));
  const readings = readingsOf(seen, cmdline).map(({ commands, blindSpots }): Answer | string => {
    return (
      blindSpots[0]?.text ??
      REQUESTS.map((request) =>
        unique(
          modprobe(commands, MODULES, request.replace("-b ", ""), request.startsWith("-b ")).actions.map(
            ({ kind, module, text, options }) =>
              shortened(kind === "insmod" ? `insmod ${module} ${options}` : `install ${text} ${options}`),
          ),
        ),
      )
    );
  });
  const [first] = readings;
  if (first === undefined) return "no reading";
  return readings.every((one) => JSON.stringify(one) === JSON.stringify(first)) ? first : "versions differ";
}

const begun = performance.now();
const samples = fc.sample(cases(FOLDERS), { seed: Number(seed), numRuns: Number(count) });
const unknown = new Map<string, number>();
const disagreements: unknown[] = [];
let tried = 0;
let wrong = 0;
for (const one of samples) {
  if (performance.now() - begun > Number(seconds) * 1000) break;
  tried++;
  const answer = await ours(one);
  if (typeof answer === "string") {
    const reason = answer.replace(/^\/\S*/, "(path)");
    unknown.set(reason, (unknown.get(reason) ?? 0) + 1);
    continue;
  }
  if (JSON.stringify(real(one)) === JSON.stringify(answer)) continue;
  wrong++;
  if (disagreements.length >= 3) continue;
  const files = await shrink(one.files, async (smaller) => {
    const changed = { ...one, files: smaller };
    return JSON.stringify(await ours(changed)) !== JSON.stringify(real(changed));
  });
  const least = { ...one, files };
  disagreements.push({ ...least, real: real(least), ours: await ours(least) });
}
const took = (performance.now() - begun) / 1000;
const shown = { cases: tried, wrong, unknown: Object.fromEntries(unknown), seconds: took, disagreements };
process.stdout.write(`${JSON.stringify(shown)}\n`);

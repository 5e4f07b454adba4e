import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { extract } from "../../src/guest/extract.ts";
import { type BootState, INITIAL_STATE } from "../../src/ipv6/layer.ts";
import { sysctl } from "../../src/ipv6/layers/sysctl/layer.ts";
import { type Program, replay } from "../../src/ipv6/layers/sysctl/replay.ts";
import type { BootFacts } from "../../src/model/boot.ts";
import { observe } from "../../src/model/observations.ts";
import { missing, run, scratch } from "../support/images.ts";
import { type FlatFiles, nest } from "../support/machine.ts";
import { memoryFileSystem } from "../support/memory-fs.ts";

const SYSTEMD = ["/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl"].find((path) =>
  existsSync(path),
);
const BOOT: BootFacts = {
  cmdline: "",
  cmdlineEvidence: [],
  kernelVersion: "6.1",
  nicNames: ["eth0"],
  notes: [],
};

/** Traps by hand: what the documentation leaves open or people get wrong. */
const BY_HAND: readonly FlatFiles[] = [
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.default.disable_ipv6=1\nnet.ipv6.conf.all.disable_ipv6=0\n" },
  {
    "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\n",
    "/etc/sysctl.d/2.conf": "net.ipv6.conf.eth0.disable_ipv6=0\n",
    "/etc/sysctl.d/3.conf": "net.ipv6.conf.all.disable_ipv6=1\n",
  },
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.eth0.disable_ipv6=0\nnet.ipv6.conf.*.disable_ipv6=1\n" },
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.*.disable_ipv6=1\n-net.ipv6.conf.eth0.disable_ipv6\n" },
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.e*.disable_ipv6=1\n" },
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.[de]*.disable_ipv6 = 1\n" },
  {
    "/etc/sysctl.d/1.conf":
      "net.ipv6.conf.all.disable_ipv6 = 0x1\r\nnet.ipv6.conf.eth0.disable_ipv6 = 00\r\n",
  },
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6 = 1 0\n" },
  { "/etc/sysctl.d/1.conf": 'net.ipv6.conf.all.disable_ipv6 = "1"\n' },
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6 = -1\n" },
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6 = 1#x\n" },
  { "/etc/sysctl.d/1.conf": "\ufeffnet.ipv6.conf.all.disable_ipv6=1\n" },
  { "/etc/sysctl.d/1.conf": "/net/ipv6/conf/all/disable_ipv6=1\n" },
  { "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6\n = 1\n" },
  { "/etc/sysctl.conf": "net.ipv6.conf.all.disable_ipv6=1\n" },
  {
    "/etc/sysctl.conf": "net.ipv6.conf.all.disable_ipv6=1\n",
    "/etc/sysctl.d/99-sysctl.conf": { link: "../sysctl.conf" },
    "/etc/sysctl.d/99-z.conf": "net.ipv6.conf.all.disable_ipv6=0\n",
  },
  {
    "/usr/lib/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\n",
    "/etc/sysctl.d/1.conf": { link: "nowhere" },
  },
  {
    "/usr/lib/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\n",
    "/etc/sysctl.d/1.conf": { link: "../../dev/null" },
  },
  { "/usr/lib/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\n", "/run/sysctl.d/1.conf/x": "" },
  { "/usr/lib/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\n", "/run/sysctl.d/1.conf": "" },
  {
    "/usr/lib/sysctl.d/50.conf": "net.ipv6.conf.all.disable_ipv6=0\n",
    "/usr/local/lib/sysctl.d/50-a.conf": "net.ipv6.conf.all.disable_ipv6=1\n",
  },
];

const iface = fc.constantFrom("all", "default", "lo", "eth0", "ens5", "eth9", "*", "e*", "?th0", "[a-e]*");
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom("", "-", " "), iface, fc.constantFrom("0", "1", "2", "01", "x", "1 # c", ""))
      .map(([dash, name, value]) => `${dash}net.ipv6.conf.${name}.disable_ipv6 = ${value}`),
  },
  { weight: 2, arbitrary: iface.map((name) => `-net.ipv6.conf.${name}.disable_ipv6`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(iface, fc.constantFrom("0", "1"))
      .map(([name, value]) => `net/ipv6/conf/${name}/disable_ipv6=${value}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "# net.ipv6.conf.all.disable_ipv6=1",
      "; x",
      "",
      "nonsense",
      "net.ipv6.conf.all.autoconf=0",
    ),
  },
);
const tree = fc
  .array(
    fc.tuple(
      fc.constantFrom("/etc", "/run", "/usr/local/lib", "/usr/lib"),
      fc.constantFrom("10-a.conf", "10.conf", "9.conf", "99-sysctl.conf", "Z.conf", "a.conf.bak", ".h.conf"),
      fc.oneof(
        { weight: 6, arbitrary: fc.array(line, { maxLength: 5 }).map((lines) => `${lines.join("\n")}\n`) },
        { weight: 1, arbitrary: fc.constantFrom({ link: "/dev/null" }, { link: "/etc/sysctl.conf" }) },
      ),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map(
    (files): FlatFiles => ({
      "/etc/sysctl.conf": "net.ipv6.conf.lo.disable_ipv6=1\n",
      ...Object.fromEntries(files.map(([folder, name, content]) => [`${folder}/sysctl.d/${name}`, content])),
    }),
  );

const GENERATED: readonly FlatFiles[] = fc.sample(tree, { seed: 20261124, numRuns: 150 });
const CASES = [...BY_HAND, ...GENERATED];

const why = missing("unshare", "ip", "sysctl", "root") ?? (SYSTEMD ? undefined : "needs systemd-sysctl");
if (why && process.env.REQUIRE_ORACLES === "1") throw new Error(why);

describe.skipIf(why)("against the real programs", () => {
  const folder = scratch("sysctl");
  for (const [index, files] of CASES.entries()) plant(join(folder, String(index)), files);

  test("systemd-sysctl leaves the same values", async () => {
    const version = Number(/systemd (\d+)/.exec(run(SYSTEMD ?? "", ["--version"]).toString())?.[1]);
    const program: Program = {
      kind: "map",
      patterns: true,
      ordered: true,
      skipsEqual: version >= 250,
      reappliesOnAdd: true,
    };
    await compare(realValues(folder, SYSTEMD ?? ""), "debian", program);
  });

  test("sysctl --system leaves the same values", async () => {
    const major = Number(/(\d+)\.\d/.exec(run("sysctl", ["--version"]).toString())?.[1]);
    const program: Program = {
      kind: "sequence",
      patterns: major >= 4,
      ordered: true,
      skipsEqual: false,
      reappliesOnAdd: false,
    };
    await compare(realValues(folder, "sysctl"), "devuan", program);
  });
});

/** Case number and interface to the value the kernel shows. */
function realValues(folder: string, program: string): ReadonlyMap<string, string> {
  const script = fileURLToPath(new URL("apply-sysctl.sh", import.meta.url));
  const lines = run("bash", [script, folder, program]).toString().trim().split("\n");
  return new Map(
    lines.map((text) => [text.slice(0, text.lastIndexOf(" ")), text.slice(text.lastIndexOf(" ") + 1)]),
  );
}

async function compare(real: ReadonlyMap<string, string>, os: string, program: Program): Promise<void> {
  const wrong: string[] = [];
  for (const [index, files] of CASES.entries()) {
    const ours = await predicted({ ...files, "/etc/os-release": `ID=${os}\n` }, program);
    for (const [name, value] of ours) {
      const truth = real.get(`${index} ${name}`);
      if (truth === undefined || (truth === "0" ? 0 : 1) !== value)
        wrong.push(`${name}: ${String(value)}, really ${String(truth)}: ${JSON.stringify(files)}`);
    }
  }
  console.log(`${program.kind}: ${CASES.length} trees, ${wrong.length} values differ`);
  expect(wrong).toEqual([]);
}

async function predicted(
  files: FlatFiles,
  program: Program,
): Promise<readonly (readonly [string, unknown])[]> {
  const tree = new Tree([{ path: "/", locator: "x", fs: memoryFileSystem(nest(files)) }]);
  const facts = sysctl.read(
    observe(
      await extract(tree, [{ wants: sysctl.wants, follow: (seen) => sysctl.follow?.(seen, BOOT) ?? [] }]),
    ),
    BOOT,
  );
  const before: BootState = {
    ...INITIAL_STATE,
    stack: "present",
    loads: "boot",
    named: new Map([["ens5", 0]]),
  };
  const world = { program, nic: "before", maybeIsNic: false, stackReady: true } as const;
  const { state } = replay(facts.settings, before, world, BOOT.nicNames);
  return [
    ["all", state.all],
    ["default", state.default],
    ["lo", state.lo],
    ["eth0", state.nic],
    ["ens5", state.named.get("ens5")],
  ];
}

function plant(folder: string, files: FlatFiles): void {
  for (const [path, content] of Object.entries(files)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof content === "object" && "link" in content && typeof content.link === "string")
      symlinkSync(content.link, at);
    else if (typeof content === "string") writeFileSync(at, content);
  }
}

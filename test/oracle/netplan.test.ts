import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { extract } from "../../src/guest/extract.ts";
import { netplan } from "../../src/ipv6/layers/netplan/layer.ts";
import { networkd } from "../../src/ipv6/layers/networkd/layer.ts";
import { networkmanager } from "../../src/ipv6/layers/networkmanager/layer.ts";
import { plausibleNics } from "../../src/ipv6/nic.ts";
import { overlay } from "../../src/ipv6/overlay.ts";
import type { BootFacts } from "../../src/model/boot.ts";
import { type Observations, observe } from "../../src/model/observations.ts";
import { missing, scratch } from "../support/images.ts";
import { type FlatFiles, nest } from "../support/machine.ts";
import { memoryFileSystem } from "../support/memory-fs.ts";
import { plant } from "../support/plant.ts";

const BOOT: BootFacts = {
  cmdline: "",
  cmdlineEvidence: [],
  kernelVersion: undefined,
  nicNames: [],
  notes: [],
};
const NICS = [...plausibleNics([], ["eth1"]), ...plausibleNics(["br0"], []).slice(0, 1)];
const one = (ethernets: string, more = ""): FlatFiles => ({
  "/etc/netplan/01.yaml": `network:\n  version: 2\n${more}  ethernets:\n${ethernets}`,
});

const BY_HAND: readonly FlatFiles[] = [
  one("    eth0: {dhcp4: true}\n"),
  one("    eth0: {}\n"),
  one("    eth0: {dhcp4: true, link-local: []}\n"),
  one("    eth0:\n      dhcp4: true\n      link-local: [ ]\n      accept-ra: no\n"),
  one("    eth0: {dhcp4: true, link-local: [ipv4]}\n"),
  one("    eth0: {dhcp4: true, link-local: [ipv4, ipv6]}\n"),
  one("    eth0: {link-local: }\n"),
  one("    eth0: {link-local: ipv6}\n"),
  one("    eth0: {link-local: [], addresses: [2001:db8::1/64]}\n"),
  one("    eth0: {link-local: [], addresses: ['2001:db8::1/64': {lifetime: 0}]}\n"),
  one("    eth0: {link-local: [], gateway6: 'fe80::1'}\n"),
  one("    eth0: {link-local: [], routes: [{to: '2001:db8::/32', via: 'fe80::1'}]}\n"),
  one("    eth0: {link-local: [], dhcp6: true}\n"),
  one("    eth0: {dhcp4: maybe}\n"),
  one("    eth0: {dhcp4: On, dhcp6: Y}\n"),
  one("    eth0: {dhcp4: true, dhcp4: false, link-local: [], link-local: [ipv6]}\n"),
  one("    eth0: {dhcp4: true}\n", "  renderer: NetworkManager\n"),
  one("    eth0: {dhcp4: true, link-local: []}\n", "  renderer: NetworkManager\n"),
  one("    eth0: {dhcp6: true}\n    eth1: {addresses: ['2001:db8::1/64']}\n", "  renderer: NetworkManager\n"),
  one("    eth0: {dhcp4: true, renderer: NetworkManager}\n    eth1: {dhcp4: true}\n"),
  one("    eth0: {dhcp4: true, renderer: other}\n"),
  one("    all: {match: {name: 'en*'}, dhcp4: true}\n"),
  one("    all: {match: {name: 'e*', driver: virtio_net}, dhcp4: true}\n"),
  one("    all: {match: {driver: [ena, 'v*']}, dhcp4: true, link-local: []}\n"),
  one("    all: {match: {}, dhcp4: true}\n"),
  one("    all: {match: {name: 'en*'}, dhcp4: true}\n", "  renderer: NetworkManager\n"),
  one("    eth0: {dhcp4: true}\n  bridges:\n    br0: {interfaces: [eth0], dhcp4: true}\n"),
  one("    eth0: {dhcp4: true, activation-mode: manual}\n    eth1: {activation-mode: 'off'}\n"),
  ...[
    "eth0: {activation-mode: manual}",
    "eth0: {activation-mode: 'off'}",
    "eth0: {activation-mode: off}",
    "eth0: {activation-mode: maybe}",
    "eth0: {ipv6-address-generation: eui64}",
    "eth0: {gateway6: 'fe80::1'}",
    "eth0: {ipv6-privacy: true}",
    "eth0: {accept-ra: true}",
    "all: {match: {driver: virtio_net}}",
    "all: {match: {name: eth0}, set-name: lan0}",
    "eth0: {set-name: lan0}",
    "eth0: {dhcp4: true, networkmanager: {passthrough: {ipv6.method: auto}}}",
    "eth0: {dhcp6: true, networkmanager: {passthrough: {ipv6.method: disabled}}}",
    "eth0: {dhcp6: true, networkmanager: {passthrough: {connection.autoconnect: 'false'}}}",
    "eth0: {dhcp6: true, networkmanager: {name: own, passthrough: {connection.interface-name: eth1}}}",
    "NM-1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11: {match: {}, dhcp6: true, networkmanager: {uuid: 1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11, passthrough: {ipv6.method: disabled}}}",
  ].flatMap((definition) => [
    one(`    ${definition}\n`),
    one(`    ${definition}\n`, "  renderer: NetworkManager\n"),
  ]),
  { "/etc/netplan/01.yaml": "network: {version: 1}\n" },
  { "/etc/netplan/01.yaml": "network:\n  ethernets: {eth0: {dhcp4: true}}\n" },
  { "/etc/netplan/01.yaml": "other: 1\n" },
  { "/etc/netplan/01.yaml": "" },
  { "/etc/netplan/01.yaml": "network: [\n" },
  { "/etc/netplan/01.yaml": "\tnetwork: x\n" },
  { "/etc/netplan/01.yaml": "a: &a {dhcp4: true}\nnetwork: {version: 2, ethernets: {eth0: *a}}\n" },
  { "/etc/netplan/01.yml": "network: {version: 2, ethernets: {eth0: {dhcp4: true}}}\n" },
  {
    ...one("    eth0: {dhcp4: true}\n"),
    "/etc/netplan/02.yaml": "network: {ethernets: {eth0: {link-local: []}}}\n",
  },
  {
    ...one("    eth0: {dhcp4: true, link-local: []}\n"),
    "/run/netplan/01.yaml": "network: {version: 2, ethernets: {eth0: {dhcp4: true}}}\n",
  },
  {
    "/lib/netplan/00.yaml": "network: {version: 2, renderer: NetworkManager}\n",
    ...one("    eth0: {dhcp4: true, link-local: []}\n"),
  },
  {
    ...one("    eth0: {link-local: []}\n"),
    "/etc/netplan/50.yaml": "network: {ethernets: {eth0: {addresses: ['2001:db8::1/64']}}}\n",
  },
];

const setting = fc.oneof(
  fc.constantFrom("true", "false", "yes", "no").map((v) => `dhcp4: ${v}`),
  fc.constantFrom("true", "false").map((v) => `dhcp6: ${v}`),
  fc.constantFrom("[]", "[ipv4]", "[ipv6]", "[ipv4, ipv6]").map((v) => `link-local: ${v}`),
  fc
    .constantFrom("['2001:db8::1/64']", "[192.0.2.1/24]", "[192.0.2.1/24, '2001:db8::1/64']")
    .map((v) => `addresses: ${v}`),
  fc.constantFrom("yes", "no").map((v) => `accept-ra: ${v}`),
  fc.constantFrom("{name: 'en*'}", "{name: eth1}").map((v) => `match: ${v}`),
  fc.constantFrom("optional: true", "wakeonlan: false", "renderer: NetworkManager", "renderer: networkd"),
  fc.constantFrom("activation-mode: manual", "set-name: eth1", "ipv6-address-generation: eui64"),
);
const file = fc
  .tuple(
    fc.constantFrom("", "", "  renderer: networkd\n", "  renderer: NetworkManager\n"),
    fc.array(fc.tuple(fc.constantFrom("eth0", "eth1", "nic"), fc.array(setting, { maxLength: 4 })), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([renderer, defs]) => {
    const ids = new Map(defs.map(([id, settings]) => [id, settings]));
    const text = [...ids].map(([id, settings]) => `    ${id}: {${settings.join(", ")}}\n`).join("");
    return `network:\n  version: 2\n${renderer}  ethernets:\n${text}`;
  });
const files = fc
  .array(
    fc.tuple(fc.constantFrom("/etc/netplan/10.yaml", "/etc/netplan/20.yaml", "/run/netplan/10.yaml"), file),
    {
      minLength: 1,
      maxLength: 2,
    },
  )
  .map((list): FlatFiles => Object.fromEntries(list));
const CASES = [
  ...BY_HAND,
  ...fc.sample(files, { seed: 20261124, numRuns: process.env.ORACLES === "all" ? 600 : 60 }),
];

const why = missing("netplan");

describe.skipIf(why)("netplan", () => {
  test(`makes of ${CASES.length} configurations what it is predicted to`, { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    for (const [index, files] of CASES.entries()) {
      const folder = scratch("netplan");
      plant(folder, files, 0o600);
      const done = spawnSync("netplan", ["generate", "--root-dir", folder]);
      const real = await outcomes(observe(await taken(done.status === 0 ? generated(folder) : {})));
      const seen = observe(await taken(files));
      const ours = await outcomes(
        overlay(
          seen,
          netplan
            .generate(seen, BOOT, undefined)
            // What netplan tells udev about NetworkManager is not compared here.
            .files.filter(({ path }) => !path.includes("/conf.d/")),
        ),
      );
      if (JSON.stringify(real) !== JSON.stringify(ours))
        wrong.push(
          `${index} ${JSON.stringify(files)}\n real ${JSON.stringify(real)}\n ours ${JSON.stringify(ours)}`,
        );
    }
    console.log(`netplan: ${CASES.length} configurations, ${wrong.length} differ`);
    expect(wrong).toEqual([]);
  });
});

/** What netplan wrote for the managers. */
function generated(folder: string): FlatFiles {
  const found: Record<string, string> = {};
  for (const top of ["run/systemd/network", "run/NetworkManager/system-connections"]) {
    if (!existsSync(join(folder, top))) continue;
    for (const name of readdirSync(join(folder, top)))
      if (statSync(join(folder, top, name)).isFile())
        found[`/${top}/${name}`] = readFileSync(join(folder, top, name), "utf8");
  }
  return found;
}

async function taken(files: FlatFiles): ReturnType<typeof extract> {
  const all: FlatFiles = {
    "/lib/x": "",
    "/etc/systemd/system/multi-user.target.wants/NetworkManager.service": "",
    "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": "",
    "/etc/NetworkManager/NetworkManager.conf": "[main]\nno-auto-default=*\n",
    ...Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path.replace(/^\/lib\//, "/usr/lib/"), text]),
    ),
  };
  const tree = new Tree([{ path: "/", locator: "x", fs: memoryFileSystem(nest(all), { mode: 0o600 }) }]);
  const programs = [netplan, networkd, networkmanager];
  const wants = ["/etc/systemd/system", "/etc/systemd/system/multi-user.target.wants", "/run/netplan"].map(
    (path) => ({
      path,
      what: "list" as const,
    }),
  );
  const follow = (seen: Observations) => programs.flatMap((one) => one.follow?.(seen, BOOT) ?? []);
  const run = ["/run/systemd/network/*", "/run/NetworkManager/system-connections/*"].map((path) => ({
    path,
  }));
  return extract(tree, [{ wants: [...wants, ...run, ...programs.flatMap((one) => one.wants)], follow }]);
}

/** What the managers then do to each card, told apart from the words they are told in. */
async function outcomes(seen: Observations): Promise<unknown> {
  const one = networkd.read(seen, BOOT);
  const other = networkmanager.read(seen, BOOT);
  return NICS.map((nic) => [
    nic.name,
    ...(one ? networkd.configure(one, nic) : []).map(({ claims, writes, addressing }) => [
      claims,
      writes,
      addressing,
    ]),
    ...(other ? networkmanager.configure(other, nic) : [])
      .filter(({ claims }) => claims)
      .map(({ writes, addressing }) => [writes, addressing]),
  ]);
}

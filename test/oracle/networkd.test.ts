import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { extract } from "../../src/guest/extract.ts";
import { networkd } from "../../src/ipv6/layers/networkd/layer.ts";
import type { Nic } from "../../src/ipv6/nic.ts";
import type { BootFacts } from "../../src/model/boot.ts";
import { observe } from "../../src/model/observations.ts";
import { missing, run, scratch } from "../support/images.ts";
import { type FlatFiles, nest } from "../support/machine.ts";
import { memoryFileSystem } from "../support/memory-fs.ts";
import { plant } from "../support/plant.ts";
import { oracleRoots } from "../support/roots.ts";

const BOOT: BootFacts = {
  cmdline: "",
  cmdlineEvidence: [],
  kernelVersion: undefined,
  nicNames: [],
  notes: [],
};
/** `@` stands for the interface of the case; what is not about one interface cannot be tried beside others. */
type Case = FlatFiles;

const network = (lines: string): Case => ({
  "/etc/systemd/network/10-@.network": `[Match]\nName=@\n${lines}`,
});
const BY_HAND: readonly Case[] = [
  {},
  network(""),
  network("[Network]\n"),
  network("[Network]\nDHCP=ipv4\n"),
  network("[Network]\nDHCP=yes\nLinkLocalAddressing=no\nIPv6AcceptRA=yes\n"),
  network("[Network]\nIPv6AcceptRA=no\n"),
  network("[Network]\nLinkLocalAddressing=no\n[Network]\nLinkLocalAddressing=\n"),
  network("[Network]\nLinkLocalAddressing=no\nLinkLocalAddressing=maybe\n"),
  network("[Network]\nLinkLocalAddressing = NO \n"),
  network("[Network]\nlinklocaladdressing=no\n"),
  network("[Network]\nLinkLocalAddressing=no # never\n"),
  network("[Network]\n#LinkLocalAddressing=no\n;LinkLocalAddressing=no\n"),
  network("[Network]\nLinkLocal\\\nAddressing=no\n"),
  network("[Network]\nLinkLocalAddressing=\\\nno\n"),
  network("[Network]\nLinkLocalAddressing=\\\n# x\nno\n"),
  network("[Network]\r\nLinkLocalAddressing=no\r\n"),
  network("[network]\nLinkLocalAddressing=no\n"),
  network("[Network\nLinkLocalAddressing=no\n"),
  network("[Link]\nUnmanaged=yes\n"),
  network("[Link]\nUnmanaged=yes\nUnmanaged=no\n"),
  network("[Link]\nActivationPolicy=down\n"),
  network("[Link]\nRequiredForOnline=no\n[Network]\nLinkLocalAddressing=ipv4\nAddress=192.0.2.1/24\n"),
  network("[Network]\nLinkLocalAddressing=no\nAddress=2001:db8::1/64\n"),
  network("[Network]\nLinkLocalAddressing=no\nAddress=2001:db8::1/64\nAddress=\n"),
  network("[Network]\nLinkLocalAddressing=no\nGateway=fe80::1\n"),
  network("[Network]\nLinkLocalAddressing=no\n[Address]\nAddress=2001:db8::1/64\n"),
  network("[Network]\nLinkLocalAddressing=no\n[Address]\nLabel=x\n"),
  network("[Network]\nLinkLocalAddressing=no\n[Route]\nDestination=2001:db8::/32\n"),
  network("[Network]\nLinkLocalAddressing=no\n[Route]\nGateway=192.0.2.1\n"),
  network(
    "[Network]\nLinkLocalAddressing=no\n[Neighbor]\nAddress=2001:db8::2\nLinkLayerAddress=02:00:00:00:00:01\n",
  ),
  network("[Network]\nLinkLocalAddressing=no\n[Neighbor]\nAddress=2001:db8::2\n"),
  network("[Network]\nLinkLocalAddressing=no\n[IPv6AddressLabel]\nLabel=1\nPrefix=2001:db8::/32\n"),
  network("[Network]\nLinkLocalAddressing=no\n[IPv6Prefix]\nPrefix=2001:db8::/64\n"),
  network("[Network]\nLinkLocalAddressing=no\n[IPv6RoutePrefix]\nRoute=2001:db8::/64\n"),
  network("[Network]\nLinkLocalAddressing=no\n[RoutingPolicyRule]\nFrom=2001:db8::/64\nTable=9\n"),
  network("[Network]\nLinkLocalAddressing=no\nDNS=2001:db8::53\n"),
  network("[Network]\nLinkLocalAddressing=no\nIPv6SendRA=yes\n"),
  network("[Network]\nLinkLocalAddressing=no\nDHCP=ipv6\n"),
  network("[Network]\nIPv6LinkLocalAddressGenerationMode=none\n"),
  network("[Network]\nIPv6LinkLocalAddressGenerationMode=stable-privacy\n"),
  network("[Network]\nLinkLocalAddressing=fallback\n"),
  network("[Network]\nLinkLocalAddressing=no\nLinkLocalAddressing=fallback\n"),
  network("[Network]\nLinkLocalAddressing=ipv4-fallback\n"),
  network("[Network]\nKeepMaster=yes\n"),
  network("[Network]\nLinkLocalAddressing=no\nIPv6SendRA=yes\n[IPv6Prefix]\nPrefix=2001:db8::/64\n"),
  network("[Network]\nLinkLocalAddressing=no\n[Address]\n[Route]\nGateway=_ipv6ra\n"),
  network("[Network]\nIPForward=yes\n"),
  network("[Match]\nName=\n[Network]\nDHCP=no\n"),
  { "/etc/systemd/network/10-@.network": "[Network]\nDHCP=no\n[Match]\nName=other-@ @\n" },
  { "/etc/systemd/network/10-@.network": "[Match]\nName=!@\nName=@\n" },
  { "/etc/systemd/network/10-@.network": "[Match]\nName=x@ @\nType=ether wlan\n" },
  { "/etc/systemd/network/10-@.network": "[Match]\nName=@\nType=!ether\n" },
  { "/etc/systemd/network/10-@.network": "[Match]\nName=@\nType=wlan\n" },
  { "/etc/systemd/network/10-@.network": "[Match]\nName=@\nVirtualization=no\n[Network]\n" },
  { "/etc/systemd/network/10-@.network": "[Match]\nName=@\nKernelCommandLine=sixray.none\n" },
  { "/etc/systemd/network/10-@.network": "[Match]\nName=@\nKernelCommandLine=!sixray.none\n" },
  { "/etc/systemd/network/10-@.network": "[Match]\nName=@\nNonsense=x\n" },
  { "/etc/systemd/network/10-@.network": "\ufeff[Match]\nName=@\n[Network]\nLinkLocalAddressing=no\n" },
  {
    "/etc/systemd/network/10-@.network": "[Match]\nName=@\n[Network]\nLinkLocalAddressing=no\n",
    "/etc/systemd/network/20-@.network": "[Match]\nName=@\n",
  },
  {
    "/etc/systemd/network/10-@.network": "",
    "/etc/systemd/network/20-@.network": "[Match]\nName=@\n",
  },
  {
    "/etc/systemd/network/10-@.network": "[Link]\nUnmanaged=no\n",
    "/etc/systemd/network/20-@.network": "[Match]\nName=@\n",
  },
  {
    "/etc/systemd/network/10-@.network": { link: "/dev/null" },
    "/usr/lib/systemd/network/10-@.network": "[Match]\nName=@\n",
  },
  {
    "/etc/systemd/network/10-@.network": { link: "nowhere" },
    "/usr/lib/systemd/network/10-@.network": "[Match]\nName=@\n",
  },
  {
    "/usr/lib/systemd/network/10-@.network": "[Match]\nName=@\n[Network]\nLinkLocalAddressing=no\n",
    "/run/systemd/network/10-@.network": "[Match]\nName=@\n",
  },
  {
    "/usr/lib/systemd/network/80-@.network": "[Match]\nName=@\n[Network]\nDHCP=yes\n",
    "/etc/systemd/network/80-@.network.d/a.conf": "[Network]\nLinkLocalAddressing=no\n",
  },
  {
    "/usr/lib/systemd/network/80-@.network": "[Match]\nName=@\n[Network]\nDHCP=yes\n",
    "/etc/systemd/network/80-@.network.d/a.conf": "[Network]\nLinkLocalAddressing=no\n",
    "/usr/lib/systemd/network/80-@.network.d/a.conf": "[Network]\nLinkLocalAddressing=yes\n",
    "/usr/lib/systemd/network/80-@.network.d/9.conf": "[Network]\nLinkLocalAddressing=yes\n",
  },
  {
    "/usr/lib/systemd/network/80-@.network": "[Match]\nName=@\n",
    "/usr/lib/systemd/network/80-@.network.d/b.conf": "[Network]\nLinkLocalAddressing=no\n",
    "/etc/systemd/network/80-@.network.d/b.conf": { link: "/dev/null" },
  },
  {
    "/usr/lib/systemd/network/80-@.network": "[Match]\nName=nothing\n",
    "/etc/systemd/network/80-@.network.d/b.conf": "[Match]\nName=@\n",
  },
  {
    "/etc/systemd/network/80-@.network": "[Match]\nName=@\n",
    "/etc/systemd/network/80-@.network.d/b.conf": "[Broken\nx=y\n",
  },
  {
    "/etc/systemd/network/10-@.network.bak": "[Match]\nName=@\n",
    "/etc/systemd/network/.@.network": "[Match]\nName=@\n",
  },
];

const option = fc.oneof(
  fc
    .constantFrom("ipv6", "ipv4", "yes", "no", "true", "0", "on", "", "x", "fallback")
    .map((v) => `LinkLocalAddressing=${v}`),
  fc.constantFrom("yes", "no", "ipv4", "ipv6").map((v) => `DHCP=${v}`),
  fc.constantFrom("yes", "no").map((v) => `IPv6AcceptRA=${v}`),
  fc.constantFrom("2001:db8::1/64", "192.0.2.1/24", "::/0", "").map((v) => `Address=${v}`),
  fc.constantFrom("none", "eui64", "random").map((v) => `IPv6LinkLocalAddressGenerationMode=${v}`),
  fc.constantFrom(
    "# LinkLocalAddressing=no",
    "IPForward=no",
    "Description=x",
    "Gateway=fe80::1",
    "Gateway=192.0.2.254",
  ),
);
const body = fc
  .tuple(
    fc.constantFrom(
      "[Match]\nName=@\n",
      "[Match]\nName=@\n",
      "[Match]\nName=@ other\nType=ether\n",
      "[Match]\nName=o-@\n",
    ),
    fc.constantFrom("", "", "", "[Link]\nUnmanaged=yes\n"),
    fc.array(option, { maxLength: 4 }),
  )
  .map(([match, link, options]) => `${match}${link}[Network]\n${options.join("\n")}\n`);
const files = fc
  .array(
    fc.tuple(
      fc.constantFrom("/etc", "/run", "/usr/lib", "/usr/local/lib"),
      fc.oneof(
        { weight: 4, arbitrary: fc.tuple(fc.constantFrom("10-@.network", "20-@.network"), body) },
        {
          weight: 1,
          arbitrary: fc.tuple(
            fc.constantFrom("10-@.network.d/1.conf", "20-@.network.d/2.conf", "10-@.network.d/2.conf"),
            fc
              .array(option, { minLength: 1, maxLength: 3 })
              .map((options) => `[Network]\n${options.join("\n")}\n`),
          ),
        },
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map(
    (list): Case =>
      Object.fromEntries(list.map(([top, [name, text]]) => [`${top}/systemd/network/${name}`, text])),
  );
const CASES = [...BY_HAND, ...fc.sample(files, { seed: 20261124, numRuns: 120 })];

const why = missing("unshare", "ip", "root");
const roots = oracleRoots("lib/systemd/systemd-networkd");
if (roots.length === 0 && process.env.REQUIRE_ORACLES === "1") throw new Error("needs systemd-networkd");

describe.skipIf(why).each(roots)("systemd-networkd of %s", (name, root) => {
  test(`leaves ${CASES.length} interfaces as predicted`, { timeout: 120_000 }, async () => {
    const folder = scratch("networkd");
    const named = CASES.map((files, index) => [`n${index}`, filled(files, `n${index}`)] as const);
    for (const [, files] of named) plant(folder, files);
    const version = Number(/systemd (\d+)/.exec(versionOf(root))?.[1]);
    const script = fileURLToPath(new URL("run-networkd.sh", import.meta.url));
    const lines = run("bash", [script, root, folder, ...named.map(([iface]) => iface)])
      .toString()
      .trim()
      .split("\n");
    const real = new Map(lines.map((line) => [line.split(" ")[0], line.split(" ").slice(1)]));
    const wrong: string[] = [];
    for (const [iface, files] of named) {
      const [value, addressed] = await predicted(files, iface, version);
      const [truth, addresses] = real.get(iface) ?? [];
      if (truth !== String(value))
        wrong.push(`${String(value)}, really ${String(truth)}: ${JSON.stringify(files)}`);
      else if (value === 0 && addressed !== (addresses !== "0"))
        wrong.push(`addressed ${addressed}, really ${addresses}: ${JSON.stringify(files)}`);
    }
    console.log(`systemd-networkd ${version} (${name}): ${CASES.length} interfaces, ${wrong.length} differ`);
    expect(wrong).toEqual([]);
  });
});

function versionOf(root: string): string {
  return spawnSync("chroot", [root, "systemctl", "--version"]).stdout.toString();
}

function filled(files: Case, iface: string): FlatFiles {
  const fill = (text: string): string => text.replaceAll("@", iface);
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      fill(path),
      typeof content === "string" ? fill(content) : content,
    ]),
  );
}

async function predicted(
  files: FlatFiles,
  iface: string,
  version: number,
): Promise<readonly [unknown, boolean]> {
  const all: FlatFiles = {
    "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": "",
    [`/usr/lib/systemd/libsystemd-shared-${version}.so`]: "",
    ...files,
  };
  const tree = new Tree([{ path: "/", locator: "x", fs: memoryFileSystem(nest(all)) }]);
  const wants = [{ path: "/etc/systemd/system", what: "list" } as const, ...networkd.wants];
  const asks = { wants, follow: (seen: ReturnType<typeof observe>) => networkd.follow?.(seen, BOOT) ?? [] };
  const facts = networkd.read(observe(await extract(tree, [asks])), BOOT);
  const nic: Nic = { name: iface, altNames: [], driver: "veth", virtualization: "none", path: "" };
  const outcomes = facts ? networkd.configure(facts, nic) : [];
  const [first, ...more] = outcomes;
  if (!first || more.length > 0) return ["unknown", false];
  const addressing = first.addressing ?? "kernel";
  return [first.writes ?? 1, addressing !== "none"];
}

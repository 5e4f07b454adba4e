import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { extract } from "../../src/guest/extract.ts";
import { networkmanager } from "../../src/ipv6/layers/networkmanager/layer.ts";
import type { Nic } from "../../src/ipv6/nic.ts";
import type { BootFacts } from "../../src/model/boot.ts";
import { observe } from "../../src/model/observations.ts";
import { missing, run, scratch } from "../support/images.ts";
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
const CONNECTIONS = "/etc/NetworkManager/system-connections";
const V4 = "[ipv4]\nmethod=manual\naddress1=192.0.2.@@/24\n";

/** A connection that is always there beside what the case is about. */
function profile(ipv6: string, connection = ""): FlatFiles {
  const text = `[connection]\nid=@\ntype=ethernet\ninterface-name=@\n${connection}\n[ethernet]\n${V4}${ipv6}`;
  return { [`${CONNECTIONS}/@.nmconnection`]: text };
}

/** `@` is the interface of the case. */
const PROFILES: readonly FlatFiles[] = [
  {},
  profile(""),
  profile("[ipv6]\n"),
  ...["auto", "link-local", "disabled", "ignore", "shared", "dhcp", "Disabled", ""].map((method) =>
    profile(`[ipv6]\nmethod=${method}\n`),
  ),
  profile("[ipv6]\nmethod=manual\naddress1=2001:db8::@@/64\n"),
  profile("[ipv6]\nmethod=manual\n"),
  profile("[ipv6]\nmethod = disabled\n"),
  profile("[ipv6]\n# method=auto\nmethod=disabled\n"),
  profile("[ipv6]\nmethod=disabled\n[ipv6]\nmethod=auto\n"),
  profile("[ipv6]\nmethod=disabled # never\n"),
  profile("[ipv6]\nnonsense\nmethod=disabled\n"),
  profile("[ipv6]\nmethod=disabled\n", "autoconnect=false"),
  profile("[ipv6]\nmethod=disabled\n", "autoconnect=no"),
  profile("[ipv6]\r\nmethod=disabled\r\n"),
  profile("[ipv6]\nmethod=disabled \n"),
  profile("\u00a0[ipv6]\nmethod=disabled\n"),
  {
    [`${CONNECTIONS}/@.nmconnection`]: `\ufeff[connection]\nid=@\ntype=ethernet\n${V4}[ipv6]\nmethod=disabled\n`,
  },
  // Refused, or never active.
  ...["address1=fd00::1/64", "dns=fd00::1;", "gateway=fd00::1", "token=x", "dns-search="].map((line) =>
    profile(`[ipv6]\nmethod=disabled\n${line}\n`),
  ),
  profile("[ipv6]\nmethod=ignore\naddress1=fd00::1/64\n"),
  ...["uuid=x", "uuid=", "slave-type=bridge"].map((line) => profile("[ipv6]\nmethod=disabled\n", line)),
  profile("[802-1x]\neap=peap;\nidentity=x\npassword=x\nphase2-auth=mschapv2\n[ipv6]\nmethod=disabled\n"),
  ...["path=pci-*;", "path=!usb-*;"].map((line) => profile(`[match]\n${line}\n[ipv6]\nmethod=disabled\n`)),
  ...["method=bogus", "method=manual", "method=manual\naddress1=x", "method=auto", "method=disabled"].map(
    (lines): FlatFiles => ({
      [`${CONNECTIONS}/@.nmconnection`]: `[connection]\nid=@\ntype=ethernet\ninterface-name=@\n[ipv4]\n${lines}\n[ipv6]\nmethod=disabled\n`,
    }),
  ),
  {
    [`${CONNECTIONS}/@`]: `[connection]\nid=@\ntype=802-3-ethernet\ninterface-name=@\n${V4}[ipv6]\nmethod=disabled\n`,
  },
  { [`${CONNECTIONS}/@.nmconnection`]: `[connection]\nid=@\ntype=wifi\ninterface-name=@\n[wifi]\nssid=x\n` },
  {
    [`${CONNECTIONS}/@.nmconnection`]: `[connection]\nid=@\n[ethernet]\n${V4}[ipv6]\nmethod=disabled\n[match]\ninterface-name=@;\n`,
  },
  {
    [`${CONNECTIONS}/@.nmconnection`]: `[connection]\nid=@\ntype=ethernet\n[match]\ninterface-name=@;\n${V4}[ipv6]\nmethod=disabled\n`,
  },
  {
    [`${CONNECTIONS}/@.nmconnection`]: `[connection]\nid=@\ntype=ethernet\ninterface-name=@\n[match]\ninterface-name=!@;n*;\n${V4}[ipv6]\nmethod=disabled\n`,
  },
  {
    [`${CONNECTIONS}/@.nmconnection`]: `[connection]\nid=@\ntype=ethernet\ninterface-name=@\n[match]\ndriver=veth;\n${V4}[ipv6]\nmethod=disabled\n`,
  },
  {
    [`${CONNECTIONS}/@.nmconnection`]: `[connection]\nid=@\ntype=ethernet\ninterface-name=@\n[match]\nkernel-command-line=sixray.none;\n${V4}[ipv6]\nmethod=disabled\n`,
  },
  {
    ...profile("[ipv6]\nmethod=disabled\n", "autoconnect-priority=1"),
    [`${CONNECTIONS}/b-@.nmconnection`]: `[connection]\nid=b-@\ntype=ethernet\ninterface-name=@\n${V4}[ipv6]\nmethod=auto\n`,
  },
  {
    ...profile("[ipv6]\nmethod=disabled\n"),
    [`${CONNECTIONS}/b-@.nmconnection`]: `[connection]\nid=b-@\ntype=ethernet\ninterface-name=@\nautoconnect-priority=5\n${V4}[ipv6]\nmethod=auto\n`,
  },
  { [`${CONNECTIONS}/.@.nmconnection`]: Object.values(profile("[ipv6]\nmethod=disabled\n"))[0] ?? "" },
  { [`${CONNECTIONS}/@.nmconnection~`]: Object.values(profile("[ipv6]\nmethod=disabled\n"))[0] ?? "" },
  {
    "/run/NetworkManager/system-connections/@.nmconnection":
      Object.values(profile("[ipv6]\nmethod=disabled\n"))[0] ?? "",
  },
  {
    "/usr/lib/NetworkManager/system-connections/@.nmconnection":
      Object.values(profile("[ipv6]\nmethod=disabled\n"))[0] ?? "",
  },
  {
    "/usr/lib/NetworkManager/system-connections/@":
      Object.values(profile("[ipv6]\nmethod=disabled\n"))[0] ?? "",
  },
  {
    "/usr/lib/NetworkManager/system-connections/@.nmconnection":
      Object.values(profile("[ipv6]\nmethod=disabled\n"))[0] ?? "",
    ...profile("[ipv6]\nmethod=ignore\n"),
  },
  { [`${CONNECTIONS}/@.nmconnection`]: { link: "/dev/null" } },
];

/** Whole configurations: all interfaces of a run share them. */
const CONFIGS: readonly (readonly [name: string, files: FlatFiles])[] = [
  ["plain", { "/etc/NetworkManager/NetworkManager.conf": "[main]\nplugins=keyfile\n" }],
  ["no-auto-default", { "/etc/NetworkManager/NetworkManager.conf": "[main]\nno-auto-default=*\n" }],
  [
    "Debian's, half of them in interfaces",
    {
      "/etc/NetworkManager/NetworkManager.conf":
        "[main]\nplugins=ifupdown,keyfile\n[ifupdown]\nmanaged=false\n",
      "/etc/network/interfaces": PROFILES.map((_, index) =>
        index % 2 ? `iface n${index} inet manual\n` : "",
      ).join(""),
    },
  ],
  [
    "unmanaged by default, as Ubuntu's, with exceptions",
    {
      "/etc/NetworkManager/NetworkManager.conf": "[main]\nplugins=keyfile\n",
      "/usr/lib/NetworkManager/conf.d/10-globally-managed-devices.conf":
        "[keyfile]\nunmanaged-devices=*,except:type:wifi,except:interface-name:n1*\n",
    },
  ],
  [
    "that, taken back in /etc",
    {
      "/etc/NetworkManager/conf.d/10-globally-managed-devices.conf": "",
      "/usr/lib/NetworkManager/conf.d/10-globally-managed-devices.conf": "[keyfile]\nunmanaged-devices=*\n",
      "/etc/NetworkManager/conf.d/20.conf":
        "[device-a]\nmatch-device=interface-name:n2*\nmanaged=0\n[keyfile]\nunmanaged-devices+=interface-name:n3\n",
    },
  ],
];
const GENERATED = fc.sample(
  fc.tuple(
    fc.constantFrom("auto", "disabled", "ignore", "link-local"),
    fc.constantFrom("", "autoconnect=false", "autoconnect-priority=-3", "permissions=user:nobody:;"),
    fc.constantFrom(
      "",
      "[match]\ninterface-name=n*;\n",
      "[match]\ninterface-name=!n*;\n",
      "[match]\ndriver=v*;!vet*;\n",
    ),
  ),
  { seed: 20261124, numRuns: 20 },
);
const CASES = [
  ...PROFILES,
  ...GENERATED.map(([method, connection, match]) =>
    profile(`${match}[ipv6]\nmethod=${method}\n`, connection),
  ),
];

const why =
  missing("unshare", "ip", "dbus-daemon", "root") ??
  (existsSync("/usr/sbin/NetworkManager") ? undefined : "needs NetworkManager");
if (why && process.env.REQUIRE_ORACLES === "1") throw new Error(why);
const configs = process.env.ORACLES === "all" ? CONFIGS : CONFIGS.slice(0, 3);

describe.skipIf(why)("NetworkManager", () => {
  test.each(configs)("%s", { timeout: 120_000 }, async (name, config) => {
    const folder = scratch("networkmanager");
    const cases = CASES.map((files, index) => [`n${index}`, filled(files, index)] as const);
    for (const [, files] of cases) plant(folder, files, 0o600);
    plant(folder, config);
    const script = fileURLToPath(new URL("run-networkmanager.sh", import.meta.url));
    const output = run("bash", [
      script,
      process.env.NM_ROOT ?? "/",
      folder,
      ...cases.map(([iface]) => iface),
    ]).toString();
    const real = new Map(
      output
        .trim()
        .split("\n")
        .map((line) => [line.split(" ")[0], line.split(" ").slice(1)]),
    );
    const wrong: string[] = [];
    for (const [iface, files] of cases) {
      const possible = await predicted({ ...config, ...files }, iface);
      const [truth, addresses] = real.get(iface) ?? [];
      const fits = possible.some(
        ([value, addressed, doubted]) =>
          doubted || (String(value) === truth && (value === 1 || addressed === (addresses !== "0"))),
      );
      if (!fits || possible.length > 1)
        wrong.push(
          `${iface} ${JSON.stringify(possible)}, really ${truth} ${addresses}: ${JSON.stringify(files)}`,
        );
    }
    console.log(
      `NetworkManager (${name}): ${cases.length} interfaces, ${wrong.length} differ; lo ${real.get("lo")?.join(" ")}`,
    );
    expect(wrong).toEqual([]);
  });
});

function filled(files: FlatFiles, index: number): FlatFiles {
  const fill = (text: string): string =>
    text.replaceAll("@@", String(index + 1)).replaceAll("@", `n${index}`);
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
): Promise<readonly (readonly [value: unknown, addressed: boolean, doubted: boolean])[]> {
  const all: FlatFiles = {
    "/etc/systemd/system/multi-user.target.wants/NetworkManager.service": "",
    ...files,
  };
  const tree = new Tree([{ path: "/", locator: "x", fs: memoryFileSystem(nest(all), { mode: 0o600 }) }]);
  const wants = [
    { path: "/etc/systemd/system", what: "list" } as const,
    { path: "/run/NetworkManager/system-connections/*" },
    ...networkmanager.wants,
  ];
  const asks = {
    wants,
    follow: (seen: ReturnType<typeof observe>) => networkmanager.follow?.(seen, BOOT) ?? [],
  };
  const facts = networkmanager.read(observe(await extract(tree, [asks])), BOOT);
  const nic: Nic = { name: iface, altNames: [], driver: "veth", virtualization: "none", path: "" };
  const outcomes = facts ? networkmanager.configure(facts, nic) : [];
  return outcomes.map(({ writes, addressing, doubt }) => [
    writes ?? 1,
    addressing !== "none",
    doubt !== undefined,
  ]);
}

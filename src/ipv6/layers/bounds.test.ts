import { expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, grubConfig, predictFiles } from "../../../test/support/machine.ts";

const MEGABYTE = 1 << 20;
const fill = (line: (index: number) => string): string => {
  let text = "";
  for (let index = 0; text.length < MEGABYTE - 100; index++) text += line(index);
  return text;
};
const modular = { "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=m\n" };

const enabled = (unit: string): FlatFiles => ({
  "/etc/systemd/system/multi-user.target.wants/networking.service": "",
  [`/usr/lib/systemd/system/${unit}`]: "[Install]\nWantedBy=multi-user.target\n",
  [`/etc/systemd/system/multi-user.target.wants/${unit}`]: { link: `/usr/lib/systemd/system/${unit}` },
});
const networkd = (text: string): FlatFiles => ({
  ...enabled("systemd-networkd.service"),
  "/etc/systemd/network/10-x.network": text,
});
const keyfile = (text: string): FlatFiles => ({
  ...enabled("NetworkManager.service"),
  "/etc/NetworkManager/system-connections/x.nmconnection": text,
  "/etc/NetworkManager/NetworkManager.conf": text,
});
const netplan = (text: string): FlatFiles => ({
  ...enabled("systemd-networkd.service"),
  "/usr/sbin/netplan": { link: "../share/netplan/netplan.script" },
  "/usr/share/netplan/netplan.script": "",
  "/etc/netplan/50-x.yaml": text,
});
const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("");

/** A machine that would be off, but for the last of its units. */
const scripts = (count: number, word: (index: number, place: number) => string): FlatFiles => {
  const files: Record<string, string> = {
    "/etc/sysctl.d/zz.conf": "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n",
    "/etc/systemd/system/zz.service":
      "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
  };
  for (let index = 0; index < count; index++) {
    files[`/etc/systemd/system/${index}.service`] = `[Service]\nExecStart=/opt/${index}.sh\n`;
    files[`/opt/${index}.sh`] = many(5000, (place) => word(index, place)).slice(0, 60_000);
  }
  return files;
};
const programs = (count: number): FlatFiles =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`/usr/local/bin/word0x${index}`, ""]));

/** A file as long as is read of one, made to keep the layers busy. */
const HOSTILE: readonly (readonly [name: string, files: FlatFiles])[] = [
  [
    "names and patterns",
    {
      "/etc/sysctl.d/1.conf": fill(
        (i) => `net.ipv6.conf.e${i}.disable_ipv6=1\nnet.ipv6.conf.[ae]*${i}*.disable_ipv6=1\n`,
      ),
    },
  ],
  ["braces", { "/etc/sysctl.d/1.conf": `net.ipv6.conf.${"{a,b}".repeat(5000)}*.disable_ipv6=1\n` }],
  ["nested braces", { "/etc/sysctl.d/1.conf": `net.ipv6.conf.${"{a,".repeat(5000)}*.disable_ipv6=1\n` }],
  ["stars", { "/etc/sysctl.d/1.conf": `net.ipv6.conf.${"*a".repeat(50_000)}.disable_ipv6=1\n` }],
  [
    "soft dependencies",
    {
      ...modular,
      "/etc/modprobe.d/x.conf": `install ipv6 /bin/true\n${fill((i) => `softdep m${i} pre: m${i + 1}\nalias m${i} n${i}\n`)}`,
    },
  ],
  ["aliases of patterns", { ...modular, "/etc/modprobe.d/x.conf": fill((i) => `alias *n*e*t*${i}* x\n`) }],
  ["options", { ...modular, "/etc/modprobe.d/x.conf": fill(() => "options ipv6 disable=0\n") }],
  ["backslashes", { ...modular, "/etc/modprobe.d/x.conf": fill(() => "\\\\\n\\\n") }],
  ["networkd: sections", networkd(many(100_000, (i) => `[N${i}]\n`))],
  [
    "networkd: addresses",
    networkd(`[Match]\nName=*\n${many(40_000, (i) => `[Address]\nAddress=fd00::${i % 9999}/64\n`)}`),
  ],
  ["networkd: names", networkd(`[Match]\n${fill((i) => `Name=e${i} [ae]*${i}*\n`)}`)],
  ["networkd: one pattern of stars", networkd(`[Match]\nName=${"*a".repeat(500_000)}\n`)],
  ["networkd: one line of a million", networkd(`[Network]\nDHCP=${"x".repeat(MEGABYTE - 100)}\n`)],
  ["networkd: continued lines", networkd(`[Network]\n${fill(() => "\\\n")}`)],
  ["networkd: backslashes", networkd(`[Network]\n${"\\".repeat(MEGABYTE - 100)}`)],
  [
    "networkd: drop-ins",
    {
      ...networkd("[Match]\nName=*\n"),
      ...Object.fromEntries(
        Array.from({ length: 1500 }, (_, i) => [
          `/etc/systemd/network/10-x.network.d/${i}.conf`,
          "[Network]\nLinkLocalAddressing=no\n",
        ]),
      ),
    },
  ],
  ["NetworkManager: sections", keyfile(many(100_000, (i) => `[a${i}]\n`))],
  ["NetworkManager: keys", keyfile(`[ipv6]\n${fill((i) => `k${i}=1\n`)}`)],
  [
    "NetworkManager: specs",
    keyfile(`[device]\nmatch-device=${fill((i) => `interface-name:*${i}*,`)}\nmanaged=0\n`),
  ],
  [
    "NetworkManager: a list",
    keyfile(`[connection]\ntype=ethernet\n[match]\ninterface-name=${fill((i) => `e${i};`)}\n`),
  ],
  ["NetworkManager: white space", keyfile(`[ipv6]\nmethod${" ".repeat(MEGABYTE - 1000)}x=disabled\n`)],
  ["netplan: interfaces", netplan(`network:\n  ethernets:\n${fill((i) => `    e${i}: {}\n`)}`)],
  [
    "netplan: matches",
    netplan(`network:\n  ethernets:\n${fill((i) => `    e${i}:\n      match: {name: "*${i}*"}\n`)}`),
  ],
  [
    "netplan: addresses",
    netplan(`network:\n  ethernets:\n    e0:\n      addresses:\n${fill(() => "      - a\n")}`),
  ],
  [
    "netplan: addresses in one line",
    netplan(`network: {ethernets: {e0: {addresses: [${"a,".repeat(500_000)}]}}}\n`),
  ],
  ["netplan: depth", netplan(`network: ${"[".repeat(100_000)}`)],
  ["netplan: indented depth", netplan(many(1300, (i) => `${" ".repeat(i)}a:\n`))],
  [
    "netplan: aliases",
    netplan(
      `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${many(40, (i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`)}`,
    ),
  ],
  [
    "netplan: bonds",
    netplan(
      `network:\n  bonds:\n${many(1200, (i) => `    b${i}: {interfaces: [${many(100, (j) => `b${j},`)}]}\n`)}`,
    ),
  ],
  ["netplan: bad lines", netplan(fill((i) => `: ${i} : [ } "\n`))],
  ["ifupdown: stanzas", { "/etc/network/interfaces": fill((i) => `auto e${i}\niface e${i} inet6 auto\n`) }],
  [
    "ifupdown: patterns",
    { "/etc/network/interfaces": fill((i) => `auto *${i}*\niface /*${i}* inet6 auto\n`) },
  ],
  ["ifupdown: one line of names", { "/etc/network/interfaces": `auto${" e0".repeat(340_000)}\n` }],
  [
    "ifupdown: itself, again and again",
    { "/etc/network/interfaces": fill(() => "source /etc/network/interfaces\n") },
  ],
  [
    "ifupdown: itself, and long",
    { "/etc/network/interfaces": `source interfaces\nsource interfaces\n${fill(() => "up true\n")}` },
  ],
  [
    "ifupdown: options",
    {
      "/etc/network/interfaces": `auto eth0\niface eth0 inet6 auto\n${fill(() => "up sysctl -w net.ipv6.conf.all.x=1\n")}`,
    },
  ],
  [
    "ifupdown: deep includes",
    {
      "/etc/network/interfaces": "source 0.d/*\n",
      ...Object.fromEntries(
        Array.from({ length: 300 }, (_, i) => [`/etc/network/${i}.d/x`, `source ${i + 1}.d/*\n`]),
      ),
    },
  ],
  [
    "ifupdown: a chain of stanzas that inherit",
    {
      "/etc/network/interfaces": fill(
        (i) => `auto e${i}\niface e${i} inet manual inherits e${i + 1}\n  up a\n`,
      ),
    },
  ],
  [
    "ifupdown: all inherit from all",
    { "/etc/network/interfaces": fill(() => "auto e\niface e inet manual inherits e\n  up a\n") },
  ],
  [
    "ifupdown: all inherit much",
    {
      "/etc/network/interfaces": `iface e inet manual\n${many(20_000, () => "  up a\n")}${many(20_000, (i) => `auto e${i}\niface e${i} inet manual inherits e\n`)}`,
    },
  ],
  [
    "ifupdown: mappings",
    { "/etc/network/interfaces": fill((i) => `mapping e*${i}*\niface e${i} inet manual\n`) },
  ],
  [
    "names of cards, each with a look at all that goes by names",
    {
      ...networkd(fill((i) => `[Match]\nName=e${i}* !x${i}\n[Network]\nDHCP=no\n`)),
      "/etc/sysctl.d/1.conf": `net.ipv6.conf.all.disable_ipv6=1\n${many(240, (i) => `net.ipv6.conf.[ae]*${i}*.disable_ipv6=1\n`)}`,
      "/etc/udev/rules.d/70-net.rules": fill((i) => `SUBSYSTEM=="net", NAME="n${i}"\n`),
      "/etc/systemd/network/1.link": fill((i) => `OriginalName=${"e*".repeat(20)}\nName=n${i}\n`),
    },
  ],
  ["ifupdown: continued lines", { "/etc/network/interfaces": fill(() => "\\\n") }],
  ["scripts: words", { ...scripts(200, (i, j) => `word${i}x${j} `), ...programs(4000) }],
  ["scripts: variables", scripts(200, (i, j) => `A${i}=/opt\n$A${i}/${j % 200}.sh\n`)],
  ["scripts: each other", scripts(200, (_, j) => `/opt/${j % 200}.sh\n`)],
  ["words", { "/boot/grub/grub.cfg": grubConfig(fill(() => "ipv6.disable=0 ").slice(0, 60_000)) }],
];

test.for(HOSTILE)("%s end soon, and never in off", { timeout: 20_000 }, async ([, files]) => {
  const begun = performance.now();
  const { state } = await predictFiles({ ...DEBIAN_12, ...files });
  console.log(`${state} after ${(performance.now() - begun).toFixed(0)} ms`);
  expect(state).not.toBe("off");
});

test("ifupdown: what lies too deep, and what comes too often, is told", async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`/etc/network/f${i}`, `source f${i + 1}\n`]),
  );
  for (const [files, reason] of [
    [{ "/etc/network/interfaces": "source f0\n", ...chain }, /network\/f\d+ could not be read/],
    [{ "/etc/network/interfaces": fill(() => "source interfaces\n") }, /deep|more than 200 files/],
  ] as const) {
    const { blindSpots } = await predictFiles({ ...DEBIAN_12, ...files });
    expect(blindSpots.map(({ text }) => text).join("\n")).toMatch(reason);
  }
});

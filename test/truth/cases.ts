import type { FlatFiles } from "../support/machine.ts";

export type Suite = "bullseye" | "bookworm" | "trixie" | "focal" | "jammy" | "noble";
export type Manager = "none" | "ifupdown" | "networkd" | "NetworkManager" | "netplan";

/** One machine: a minimal root of a release, one network manager, and what makes the case. */
export interface TruthCase {
  readonly name: string;
  readonly suite: Suite;
  readonly manager: Manager;
  readonly files?: FlatFiles;
  /** What the default entry of grub.cfg adds to the command line. */
  readonly cmdline?: string;
}

const OFF = "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n";
const ON = "net.ipv6.conf.all.disable_ipv6=0\nnet.ipv6.conf.default.disable_ipv6=0\n";
const HARDENED: FlatFiles = { "/etc/sysctl.d/60-x.conf": OFF };

/** Brings the card up and gives it nothing. */
const IFUPDOWN: FlatFiles = {
  "/etc/network/interfaces":
    "auto lo\niface lo inet loopback\nallow-hotplug enp0s1\niface enp0s1 inet manual\n",
};

/** The twelve plain cases: Debian 12, ifupdown, nothing touches IPv6 after sysctl. */
const PLAIN: readonly TruthCase[] = (
  [
    ["nothing set", {}],
    ["sysctl.d all and default", HARDENED],
    ["ipv6.disable=1", {}, "ipv6.disable=1"],
    ["modprobe options on a built-in kernel", { "/etc/modprobe.d/ipv6.conf": "options ipv6 disable=1\n" }],
    ["later file switches on", { "/etc/sysctl.d/10-x.conf": OFF, "/etc/sysctl.d/zz.conf": ON }],
    ["later file switches off", { "/etc/sysctl.d/10-a.conf": ON, "/etc/sysctl.d/zz.conf": OFF }],
    ["only the vendor's folder", { "/usr/lib/sysctl.d/60-x.conf": OFF }],
    [
      "vendor file masked",
      { "/usr/lib/sysctl.d/60-x.conf": OFF, "/etc/sysctl.d/60-x.conf": { link: "/dev/null" } },
    ],
    [
      "vendor file shadowed",
      { "/usr/lib/sysctl.d/60-x.conf": OFF, "/etc/sysctl.d/60-x.conf": "vm.swappiness=1\n" },
    ],
    ["leading dash", { "/etc/sysctl.d/60-x.conf": "-net.ipv6.conf.all.disable_ipv6=1\n" }],
    ["slashes", { "/etc/sysctl.d/60-x.conf": "net/ipv6/conf/all/disable_ipv6=1\n" }],
    ["pattern", { "/etc/sysctl.d/60-x.conf": "net.ipv6.conf.*.disable_ipv6=1\n" }],
  ] as const satisfies readonly (readonly [string, FlatFiles, string?])[]
).map(([name, files, cmdline]) => ({
  name,
  suite: "bookworm",
  manager: "ifupdown",
  files: { ...IFUPDOWN, ...files },
  ...(cmdline === undefined ? {} : { cmdline }),
}));

const NETWORKD_V4: FlatFiles = {
  "/etc/systemd/network/10-x.network": "[Match]\nName=e*\n[Network]\nDHCP=ipv4\n",
};
const NETWORKD_NO_LL: FlatFiles = {
  "/etc/systemd/network/10-x.network": "[Match]\nName=e*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n",
};
const NETPLAN_V4: FlatFiles = {
  "/etc/netplan/50-cloud-init.yaml":
    "network:\n  version: 2\n  ethernets:\n    all:\n      match: {name: 'e*'}\n      dhcp4: true\n",
};
const NETPLAN_NO_LL: FlatFiles = {
  "/etc/netplan/50-cloud-init.yaml":
    "network:\n  version: 2\n  ethernets:\n    all:\n      match: {name: 'e*'}\n      dhcp4: true\n      link-local: []\n",
};
const profile = (ipv6: string): FlatFiles => ({
  "/etc/NetworkManager/system-connections/a.nmconnection": `[connection]\nid=a\ntype=ethernet\n[ipv4]\nmethod=auto\n${ipv6}`,
});
const IFUPDOWN_DHCP: FlatFiles = {
  "/etc/network/interfaces":
    "auto lo\niface lo inet loopback\nallow-hotplug enp0s1\niface enp0s1 inet dhcp\n",
};
const IFUPDOWN_V6: FlatFiles = {
  "/etc/network/interfaces":
    "auto lo\niface lo inet loopback\nallow-hotplug enp0s1\niface enp0s1 inet manual\niface enp0s1 inet6 auto\n",
};

/** Section 0 of the boot model: the textbook setting, undone by whoever manages the card. */
const MANAGED: readonly TruthCase[] = [
  { name: "hardened", suite: "trixie", manager: "networkd", files: { ...HARDENED, ...NETWORKD_V4 } },
  { name: "hardened", suite: "noble", manager: "networkd", files: { ...HARDENED, ...NETWORKD_V4 } },
  {
    name: "ipv6.disable_ipv6=1",
    suite: "trixie",
    manager: "networkd",
    files: NETWORKD_V4,
    cmdline: "ipv6.disable_ipv6=1",
  },
  {
    name: "sysctl on the card by name",
    suite: "trixie",
    manager: "networkd",
    files: { ...NETWORKD_V4, "/etc/sysctl.d/60-x.conf": "net.ipv6.conf.enp0s1.disable_ipv6=1\n" },
  },
  {
    name: "hardened, profile without [ipv6]",
    suite: "trixie",
    manager: "NetworkManager",
    files: { ...HARDENED, ...profile("") },
  },
  {
    name: "hardened, LinkLocalAddressing=no",
    suite: "trixie",
    manager: "networkd",
    files: { ...HARDENED, ...NETWORKD_NO_LL },
  },
  {
    name: "ipv6.disable=1",
    suite: "trixie",
    manager: "networkd",
    files: NETWORKD_V4,
    cmdline: "ipv6.disable=1",
  },
  { name: "hardened", suite: "trixie", manager: "none", files: HARDENED },
  {
    name: "default only, driver in the initramfs",
    suite: "trixie",
    manager: "none",
    files: { "/etc/sysctl.d/60-x.conf": "net.ipv6.conf.default.disable_ipv6=1\n" },
  },
  { name: "only sysctl.conf", suite: "trixie", manager: "none", files: { "/etc/sysctl.conf": OFF } },
  {
    name: "pattern",
    suite: "trixie",
    manager: "none",
    files: { "/etc/sysctl.d/60-x.conf": "net.ipv6.conf.*.disable_ipv6=1\n" },
  },
  {
    name: "sysctl on the command line",
    suite: "trixie",
    manager: "none",
    cmdline: "sysctl.net.ipv6.conf.all.disable_ipv6=1",
  },
];

/** The same questions of other releases and managers. */
const VARIATIONS: readonly TruthCase[] = [
  { name: "hardened", suite: "jammy", manager: "netplan", files: { ...HARDENED, ...NETPLAN_V4 } },
  { name: "hardened", suite: "noble", manager: "netplan", files: { ...HARDENED, ...NETPLAN_V4 } },
  {
    name: "hardened, link-local: []",
    suite: "noble",
    manager: "netplan",
    files: { ...HARDENED, ...NETPLAN_NO_LL },
  },
  { name: "link-local: [] alone", suite: "jammy", manager: "netplan", files: NETPLAN_NO_LL },
  { name: "nothing set", suite: "noble", manager: "netplan", files: NETPLAN_V4 },
  { name: "hardened", suite: "bullseye", manager: "networkd", files: { ...HARDENED, ...NETWORKD_V4 } },
  { name: "nothing set", suite: "bullseye", manager: "ifupdown", files: IFUPDOWN },
  { name: "hardened", suite: "bullseye", manager: "ifupdown", files: { ...IFUPDOWN, ...HARDENED } },
  {
    name: "hardened, DHCP",
    suite: "bookworm",
    manager: "ifupdown",
    files: { ...HARDENED, ...IFUPDOWN_DHCP },
  },
  {
    name: "hardened, inet6 auto",
    suite: "bookworm",
    manager: "ifupdown",
    files: { ...HARDENED, ...IFUPDOWN_V6 },
  },
  { name: "hardened, DHCP", suite: "trixie", manager: "ifupdown", files: { ...HARDENED, ...IFUPDOWN_DHCP } },
  {
    name: "hardened, method=disabled",
    suite: "bookworm",
    manager: "NetworkManager",
    files: { ...HARDENED, ...profile("[ipv6]\nmethod=disabled\n") },
  },
  {
    name: "method=disabled alone",
    suite: "trixie",
    manager: "NetworkManager",
    files: profile("[ipv6]\nmethod=disabled\n"),
  },
  {
    name: "hardened, method=ignore",
    suite: "trixie",
    manager: "NetworkManager",
    files: { ...HARDENED, ...profile("[ipv6]\nmethod=ignore\n") },
  },
  {
    name: "hardened, method=auto",
    suite: "jammy",
    manager: "NetworkManager",
    files: { ...HARDENED, ...profile("[ipv6]\nmethod=auto\n") },
  },
  { name: "hardened, no profile", suite: "bookworm", manager: "NetworkManager", files: HARDENED },
  {
    name: "sysctl.conf through its link",
    suite: "bookworm",
    manager: "none",
    files: { "/etc/sysctl.conf": OFF },
  },
  {
    name: "sysctl.conf through its link",
    suite: "jammy",
    manager: "none",
    files: { "/etc/sysctl.conf": OFF },
  },
  {
    name: "default=1 then all=0",
    suite: "jammy",
    manager: "none",
    files: {
      "/etc/sysctl.d/60-x.conf": "net.ipv6.conf.default.disable_ipv6=1\nnet.ipv6.conf.all.disable_ipv6=0\n",
    },
  },
  {
    name: "default=1 then all=0",
    suite: "noble",
    manager: "none",
    files: {
      "/etc/sysctl.d/60-x.conf": "net.ipv6.conf.default.disable_ipv6=1\nnet.ipv6.conf.all.disable_ipv6=0\n",
    },
  },
  {
    name: "systemd-sysctl masked",
    suite: "trixie",
    manager: "none",
    files: { ...HARDENED, "/etc/systemd/system/systemd-sysctl.service": { link: "/dev/null" } },
  },
  {
    name: "last ipv6.disable wins",
    suite: "bookworm",
    manager: "none",
    cmdline: "ipv6.disable=1 ipv6.disable=0",
  },
  { name: "ipv6.disable=0x1", suite: "jammy", manager: "none", cmdline: "ipv6.disable=0x1" },
  { name: "behind --", suite: "noble", manager: "none", cmdline: "-- ipv6.disable=1" },
  {
    name: "initcall_blacklist",
    suite: "bullseye",
    manager: "none",
    cmdline: "initcall_blacklist=inet6_init",
  },
  {
    name: "blacklist and install on a built-in kernel",
    suite: "noble",
    manager: "none",
    files: { "/etc/modprobe.d/ipv6.conf": "blacklist ipv6\ninstall ipv6 /bin/true\nalias net-pf-10 off\n" },
  },
  {
    name: "hardened, a unit switches on",
    suite: "bookworm",
    manager: "none",
    files: {
      ...HARDENED,
      "/etc/systemd/system/ipv6-on.service":
        "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'for i in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 0 >$$i; done'\n[Install]\nWantedBy=multi-user.target\n",
      "/etc/systemd/system/multi-user.target.wants/ipv6-on.service": {
        link: "/etc/systemd/system/ipv6-on.service",
      },
    },
  },
  {
    name: "a unit switches off",
    suite: "trixie",
    manager: "none",
    files: {
      "/etc/systemd/system/ipv6-off.service":
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n[Install]\nWantedBy=multi-user.target\n",
      "/etc/systemd/system/multi-user.target.wants/ipv6-off.service": {
        link: "/etc/systemd/system/ipv6-off.service",
      },
    },
  },
];

/** What keeps a manager's hands off the card, and what does not. */
const HANDS_OFF: readonly TruthCase[] = [
  {
    name: "hardened, no .network fits",
    suite: "trixie",
    manager: "networkd",
    files: { ...HARDENED, "/etc/systemd/network/10-x.network": "[Match]\nName=wl*\n[Network]\nDHCP=yes\n" },
  },
  {
    name: "hardened, Unmanaged=yes",
    suite: "noble",
    manager: "networkd",
    files: { ...HARDENED, "/etc/systemd/network/10-x.network": "[Match]\nName=e*\n[Link]\nUnmanaged=yes\n" },
  },
  {
    name: "hardened, IPv6AcceptRA=no",
    suite: "bookworm",
    manager: "networkd",
    files: {
      ...HARDENED,
      "/etc/systemd/network/10-x.network": "[Match]\nName=e*\n[Network]\nDHCP=ipv4\nIPv6AcceptRA=no\n",
    },
  },
  {
    name: "hardened, unmanaged-devices=*",
    suite: "trixie",
    manager: "NetworkManager",
    files: { ...HARDENED, "/etc/NetworkManager/conf.d/x.conf": "[keyfile]\nunmanaged-devices=*\n" },
  },
  {
    name: "hardened, netplan renders for it",
    suite: "noble",
    manager: "NetworkManager",
    files: {
      ...HARDENED,
      "/etc/netplan/01-x.yaml":
        "network:\n  version: 2\n  renderer: NetworkManager\n  ethernets:\n    enp0s1:\n      dhcp4: true\n",
    },
  },
  { name: "hardened", suite: "focal", manager: "networkd", files: { ...HARDENED, ...NETWORKD_V4 } },
  { name: "hardened", suite: "focal", manager: "none", files: HARDENED },
];

/** The card by its certain name, and what an enabled unit writes. */
const WRITERS: readonly TruthCase[] = [
  {
    name: "writers: eth0 off by name, net.ifnames=0",
    suite: "bookworm",
    manager: "ifupdown",
    files: {
      "/etc/network/interfaces":
        "auto lo\niface lo inet loopback\nallow-hotplug eth0\niface eth0 inet manual\n",
      "/etc/sysctl.d/60-x.conf": "net.ipv6.conf.eth0.disable_ipv6=1\n",
    },
    cmdline: "net.ifnames=0",
  },
  {
    name: "writers: a unit switches off",
    suite: "bookworm",
    manager: "ifupdown",
    files: {
      ...IFUPDOWN,
      "/etc/systemd/system/v6.service":
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
      "/etc/systemd/system/multi-user.target.wants/v6.service": { link: "/etc/systemd/system/v6.service" },
    },
  },
  {
    name: "writers: tmpfiles.d switches on",
    suite: "bookworm",
    manager: "ifupdown",
    files: {
      ...IFUPDOWN,
      ...HARDENED,
      "/etc/tmpfiles.d/v6.conf": "w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0\n",
    },
  },
];

export const CASES: readonly TruthCase[] = [...PLAIN, ...MANAGED, ...VARIATIONS, ...HANDS_OFF, ...WRITERS];

export function idOf({ suite, manager, name }: TruthCase): string {
  return `${suite}, ${manager}: ${name}`;
}

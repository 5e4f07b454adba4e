import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { wanted } from "./distributions.ts";
import { SET } from "./settings.ts";

/** Debian 11 with a /lib of its own: vendors' files lie there. */
const {
  "/lib": _link,
  "/etc/systemd/system/multi-user.target.wants/networking.service": _unit,
  ...REST
} = DEBIAN_12;
const SPLIT: FlatFiles = {
  ...REST,
  ...SET,
  "/usr/lib/os-release": 'PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nID=debian\nVERSION_ID="11"\n',
  "/lib/systemd/systemd": "",
  "/etc/systemd/system/multi-user.target.wants/ssh.service": { link: "/lib/systemd/system/ssh.service" },
};
const SERVICE = "[Service]\nExecStart=/x\n";

const ROWS: readonly Cells[] = [
  ["nothing else", SPLIT, "off", "sysctl.d(5)"],
  [
    "a first boot's presets",
    {
      ...SPLIT,
      "/etc/machine-id": "uninitialized\n",
      "/lib/systemd/system-preset/90-systemd.preset": "disable x.service\n",
      "/lib/systemd/system/NetworkManager.service": SERVICE,
    },
    "on",
    "systemd.preset(5): what no line names is enabled; seen on in a container",
  ],
  [
    "a network of the vendor's",
    {
      ...SPLIT,
      ...wanted("systemd-networkd.service"),
      "/lib/systemd/network/50-own.network": "[Match]\nName=*\n[Network]\nDHCP=yes\n",
    },
    "on",
    "systemd.network(5), and path-util.h with HAVE_SPLIT_USR",
  ],
  [
    "a network of the vendor's, masked",
    {
      ...SPLIT,
      ...wanted("systemd-networkd.service"),
      "/lib/systemd/network/50-own.network": "[Match]\nName=*\n[Network]\nDHCP=yes\n",
      "/etc/systemd/network/50-own.network": { link: "/dev/null" },
    },
    "off",
    "systemd.network(5)",
  ],
  [
    "netplan, its generator among others",
    {
      ...SPLIT,
      "/etc/netplan/50.yaml": "network: {version: 2, ethernets: {eth0: {dhcp4: true}}}\n",
      "/usr/lib/systemd/system-generators/other": "",
      "/lib/systemd/system-generators/netplan": { link: "../../netplan/generate" },
    },
    "on",
    "netplan.io of focal and bullseye: /lib/systemd/system-generators",
  ],
  [
    "netplan's files of the vendor",
    {
      ...SPLIT,
      "/lib/netplan/50.yaml": "network: {version: 2, ethernets: {eth0: {dhcp4: true}}}\n",
      "/lib/systemd/system-generators/netplan": { link: "../../netplan/generate" },
    },
    "on",
    "netplan(5): /lib, /etc, /run",
  ],
  ...[
    ["/lib/tmpfiles.d/own.conf", "w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0\n"],
    ["/lib/udev/rules.d/99-ipv6.rules", 'RUN+="/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0"\n'],
  ].map(
    ([path = "", text = ""]): Cells => [
      path,
      { ...SPLIT, [path]: text },
      "unknown",
      "systemd, HAVE_SPLIT_USR",
    ],
  ),
  [
    "a started unit",
    {
      ...SPLIT,
      ...wanted("own.service"),
      "/lib/systemd/system/own.service":
        "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "systemd.unit(5)",
  ],
];

truthTable("a /lib of its own", ROWS);

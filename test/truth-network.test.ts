import { describe, expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, grubConfig, predictFiles } from "./support/machine.ts";

/** The textbook setting, which what follows undoes or not. */
const OFF: FlatFiles = {
  "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n",
};
const WANTS = "/etc/systemd/system/multi-user.target.wants";
const NETWORKD: FlatFiles = { [`${WANTS}/systemd-networkd.service`]: "" };
const NM: FlatFiles = { [`${WANTS}/NetworkManager.service`]: "" };
const NETWORK = "/etc/systemd/network";
const CONNECTIONS = "/etc/NetworkManager/system-connections";

const dhcp = "[Match]\nName=en*\n[Network]\nDHCP=ipv4\n";
const profile = (ipv6: string, connection = ""): FlatFiles => ({
  [`${CONNECTIONS}/a.nmconnection`]: `[connection]\nid=a\ntype=ethernet\n${connection}\n[ipv4]\nmethod=auto\n${ipv6}`,
});
const netplan = (ethernets: string, more = ""): FlatFiles => ({
  "/etc/netplan/01.yaml": `network:\n  version: 2\n${more}  ethernets:\n${ethernets}`,
});

/** State, addressing, and the last step's file and line where a program decides. */
type Case = readonly [name: string, files: FlatFiles, state: string, addressing: string, decidedBy?: string];

const AS_BOOTED: readonly Case[] = [
  [
    "networkd, DHCP=ipv4",
    { ...NETWORKD, ...OFF, [`${NETWORK}/10.network`]: dhcp },
    "on",
    "slaac",
    `${NETWORK}/10.network:2`,
  ],
  [
    "networkd, start value on the command line",
    {
      ...NETWORKD,
      [`${NETWORK}/10.network`]: dhcp,
      "/boot/grub/grub.cfg": grubConfig("ipv6.disable_ipv6=1"),
    },
    "on",
    "slaac",
  ],
  [
    "networkd, sysctl of the card itself",
    {
      ...NETWORKD,
      [`${NETWORK}/10.network`]: dhcp,
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.enp0s1.disable_ipv6=1\n",
    },
    "on",
    "slaac",
  ],
  ["NetworkManager, profile without [ipv6]", { ...NM, ...OFF, ...profile("") }, "on", "slaac"],
  [
    "networkd, LinkLocalAddressing=no",
    { ...NETWORKD, ...OFF, [`${NETWORK}/10.network`]: `${dhcp}LinkLocalAddressing=no\n` },
    "off",
    "none",
    "/etc/sysctl.d/1.conf:1",
  ],
  [
    "networkd, ipv6.disable=1",
    { ...NETWORKD, [`${NETWORK}/10.network`]: dhcp, "/boot/grub/grub.cfg": grubConfig("ipv6.disable=1") },
    "off",
    "none",
  ],
  ["no manager", { ...OFF }, "off", "none"],
  [
    "no manager, only sysctl.conf",
    { "/etc/sysctl.conf": OFF["/etc/sysctl.d/1.conf"] ?? "", "/etc/sysctl.d/99-sysctl.conf": "" },
    "on",
    "slaac",
  ],
];

const WITH_NETWORKD: readonly Case[] = [
  ["no file that fits", { [`${NETWORK}/10.network`]: "[Match]\nName=wl*\n" }, "off", "none"],
  ["no file at all", {}, "off", "none"],
  [
    "only a card called eth0 would stay off: the usual names count",
    {
      [`${NETWORK}/10.network`]: dhcp,
      [`${NETWORK}/20.network`]: "[Match]\nName=eth0\n[Network]\nLinkLocalAddressing=no\n",
    },
    "on",
    "slaac",
  ],
  [
    "only a card called eth0 would come up: never off",
    {
      [`${NETWORK}/10.network`]: "[Match]\nName=en*\n[Network]\nLinkLocalAddressing=no\n",
      [`${NETWORK}/20.network`]: "[Match]\nName=eth0\n[Network]\nDHCP=ipv4\n",
    },
    "unknown",
    "unknown",
  ],
  [
    "LinkLocalAddressing=ipv4",
    { [`${NETWORK}/10.network`]: `${dhcp}LinkLocalAddressing=ipv4\n` },
    "off",
    "none",
  ],
  [
    "a static address",
    { [`${NETWORK}/10.network`]: `${dhcp}LinkLocalAddressing=no\nAddress=2001:db8::1/64\n` },
    "on",
    "static",
  ],
  ["DHCP=yes", { [`${NETWORK}/10.network`]: "[Match]\nName=*\n[Network]\nDHCP=yes\n" }, "on", "dhcpv6"],
  ["IPv6AcceptRA=no", { [`${NETWORK}/10.network`]: `${dhcp}IPv6AcceptRA=no\n` }, "on", "link-local"],
  ["Unmanaged", { [`${NETWORK}/10.network`]: `[Link]\nUnmanaged=yes\n${dhcp}` }, "off", "none"],
  [
    "a drop-in takes link-local addressing away",
    {
      "/usr/lib/systemd/network/80-ec2.network": "[Match]\nDriver=ena ixgbevf vif\n[Network]\nDHCP=yes\n",
      [`${NETWORK}/80-ec2.network.d/no.conf`]: "[Network]\nLinkLocalAddressing=no\n",
    },
    "off",
    "none",
  ],
  [
    "Amazon Linux's own file",
    { "/usr/lib/systemd/network/80-ec2.network": "[Match]\nDriver=ena ixgbevf vif\n[Network]\nDHCP=yes\n" },
    "on",
    "dhcpv6",
    "/usr/lib/systemd/network/80-ec2.network:2",
  ],
  [
    "Amazon's net utils come before a drop-in",
    {
      "/usr/lib/systemd/network/80-ec2.network": "[Match]\nDriver=ena ixgbevf vif\n[Network]\nDHCP=yes\n",
      [`${NETWORK}/80-ec2.network.d/no.conf`]: "[Network]\nLinkLocalAddressing=no\n",
      "/usr/lib/udev/rules.d/99-vpc-policy-routes.rules": "",
    },
    "on",
    "dhcpv6",
  ],
  [
    "masked",
    {
      [`${NETWORK}/10.network`]: dhcp,
      "/etc/systemd/system/systemd-networkd.service": { link: "/dev/null" },
    },
    "off",
    "none",
  ],
  [
    "the exact name",
    { [`${NETWORK}/10.network`]: "[Match]\nName=eth0\n[Network]\nDHCP=yes\n" },
    "on",
    "dhcpv6",
  ],
  [
    "two kinds of card, two answers",
    {
      [`${NETWORK}/10.network`]: "[Match]\nDriver=ena\n[Network]\nLinkLocalAddressing=no\n",
      [`${NETWORK}/20.network`]: "[Match]\nName=*\n[Network]\nDHCP=yes\n",
    },
    "unknown",
    "unknown",
  ],
  [
    "an address that the build machine had",
    { [`${NETWORK}/10.network`]: "[Match]\nMACAddress=52:54:00:12:34:56\n" },
    "unknown",
    "unknown",
  ],
  [
    "a second card that stays on",
    {
      [`${NETWORK}/10.network`]: "[Match]\nName=eth0\n[Network]\nLinkLocalAddressing=no\n",
      [`${NETWORK}/20.network`]: "[Match]\nName=eth1\n[Network]\nDHCP=yes\n",
    },
    "partial",
    "none",
  ],
  [
    "a bridge has the addresses",
    {
      [`${NETWORK}/10.network`]: "[Match]\nName=en*\n[Network]\nBridge=br0\n",
      [`${NETWORK}/20.network`]: "[Match]\nName=br0\n[Network]\nDHCP=yes\n",
    },
    "partial",
    "none",
  ],
  [
    "systemd 241 writes both values",
    {
      [`${NETWORK}/10.network`]: `${dhcp}LinkLocalAddressing=no\n`,
      "/etc/sysctl.d/1.conf": "",
      "/usr/lib/systemd/libsystemd-shared-241.so": "",
    },
    "off",
    "none",
  ],
  [
    "systemd 219 keeps off",
    { [`${NETWORK}/10.network`]: dhcp, "/usr/lib/systemd/libsystemd-shared-219.so": "" },
    "off",
    "none",
  ],
];

const WITH_NM: readonly Case[] = [
  ["no profile", {}, "on", "slaac"],
  [
    "no profile, no-auto-default",
    { "/etc/NetworkManager/conf.d/00-server.conf": "[main]\nno-auto-default=*\n" },
    "partial",
    "none",
  ],
  ["method=auto", profile("[ipv6]\nmethod=auto\n"), "on", "slaac", `${CONNECTIONS}/a.nmconnection:8`],
  ["method=disabled", profile("[ipv6]\nmethod=disabled\n"), "off", "none", `${CONNECTIONS}/a.nmconnection:8`],
  ["method=ignore", profile("[ipv6]\nmethod=ignore\n"), "off", "none", "/etc/sysctl.d/1.conf:1"],
  [
    "method=ignore, nothing set",
    { ...profile("[ipv6]\nmethod=ignore\n"), "/etc/sysctl.d/1.conf": "" },
    "on",
    "slaac",
  ],
  [
    "method=disabled, nothing set",
    { ...profile("[ipv6]\nmethod=disabled\n"), "/etc/sysctl.d/1.conf": "" },
    "off",
    "none",
  ],
  ["method=link-local", profile("[ipv6]\nmethod=link-local\n"), "on", "link-local"],
  ["method=manual", profile("[ipv6]\nmethod=manual\naddress1=2001:db8::1/64\n"), "on", "static"],
  ["unmanaged", { "/etc/NetworkManager/conf.d/1.conf": "[keyfile]\nunmanaged-devices=*\n" }, "off", "none"],
  [
    "Debian's plugin leaves what interfaces has",
    {
      "/etc/NetworkManager/NetworkManager.conf":
        "[main]\nplugins=ifupdown,keyfile\n[ifupdown]\nmanaged=false\n",
      "/etc/network/interfaces": "auto eth0\niface eth0 inet dhcp\n",
    },
    "off",
    "none",
  ],
  ["a profile of another card", profile("[ipv6]\nmethod=disabled\n", "interface-name=wlan0"), "on", "slaac"],
  [
    "ifcfg, IPV6INIT=no",
    { "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nONBOOT=yes\nIPV6INIT=no\n" },
    "off",
    "none",
  ],
  [
    "ifcfg, IPV6INIT=no, nothing set",
    { "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nIPV6INIT=no\n", "/etc/sysctl.d/1.conf": "" },
    "on",
    "slaac",
  ],
  [
    "ifcfg, IPV6INIT=yes",
    { "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nIPV6INIT=yes\n" },
    "on",
    "slaac",
  ],
  [
    "ifcfg, IPV6_DISABLED=yes, nothing set",
    {
      "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nIPV6_DISABLED=yes\n",
      "/etc/sysctl.d/1.conf": "",
    },
    "off",
    "none",
    "/etc/sysconfig/network-scripts/ifcfg-eth0:2",
  ],
  [
    "NETWORKING_IPV6=no is read by nobody",
    {
      "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nIPV6INIT=yes\n",
      "/etc/sysconfig/network": "NETWORKING_IPV6=no\n",
    },
    "on",
    "slaac",
  ],
];

const OTHERS: readonly Case[] = [
  ["netplan, dhcp4", netplan("    eth0: {dhcp4: true}\n"), "on", "slaac", "/etc/netplan/01.yaml:4"],
  ["netplan, link-local []", netplan("    eth0: {dhcp4: true, link-local: []}\n"), "off", "none"],
  ["netplan, nothing defined", { "/etc/netplan/01.yaml": "network: {version: 2}\n" }, "off", "none"],
  ["netplan, refused", netplan("    eth0: {dhcp4: maybe}\n"), "unknown", "unknown"],
  [
    "netplan, for NetworkManager",
    { ...NM, ...netplan("    eth0: {dhcp4: true}\n", "  renderer: NetworkManager\n") },
    "off",
    "none",
  ],
  [
    "netplan, for NetworkManager, dhcp6",
    { ...NM, ...netplan("    eth0: {dhcp6: true}\n", "  renderer: NetworkManager\n") },
    "on",
    "slaac",
  ],
  [
    "netplan without its generator",
    {
      ...netplan("    eth0: {dhcp4: true}\n"),
      "/usr/lib/systemd/system-generators/systemd-fstab-generator": "",
    },
    "off",
    "none",
  ],
  [
    "ifupdown writes the switch",
    {
      "/etc/network/interfaces":
        "auto eth0\niface eth0 inet dhcp\n  up sysctl -w net.ipv6.conf.$IFACE.disable_ipv6=0\n",
    },
    "on",
    "slaac",
    "/etc/network/interfaces:3",
  ],
  [
    "ifupdown, in an included file",
    {
      "/etc/network/interfaces": "source interfaces.d/*\n",
      "/etc/network/interfaces.d/a":
        "auto eth0\niface eth0 inet dhcp\n  post-up echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6\n",
    },
    "on",
    "slaac",
  ],
  [
    "ifupdown, inet6 auto",
    { "/etc/network/interfaces": "auto eth0\niface eth0 inet dhcp\niface eth0 inet6 auto\n" },
    "off",
    "none",
  ],
  [
    "cloud-init for netplan",
    {
      "/etc/systemd/system/cloud-init.target.wants/cloud-init.service": "",
      "/etc/netplan/.keep": "",
      "/etc/cloud/cloud.cfg": "system_info:\n  network:\n    renderers: ['netplan', 'eni']\n",
    },
    "on",
    "slaac",
  ],
  [
    "cloud-init for netplan over a file that switches link-local off",
    {
      "/etc/systemd/system/cloud-init.target.wants/cloud-init.service": "",
      "/etc/netplan/50-cloud-init.yaml": "network: {version: 2, ethernets: {ens5: {link-local: []}}}\n",
      "/etc/cloud/cloud.cfg": "system_info:\n  network:\n    renderers: ['netplan', 'eni']\n",
    },
    "on",
    "slaac",
  ],
  [
    "cloud-init that is told not to",
    {
      "/etc/systemd/system/cloud-init.target.wants/cloud-init.service": "",
      "/etc/netplan/50-cloud-init.yaml": "network: {version: 2, ethernets: {ens5: {link-local: []}}}\n",
      "/etc/cloud/cloud.cfg": "system_info:\n  network:\n    renderers: ['netplan', 'eni']\n",
      "/etc/cloud/cloud.cfg.d/99-x.cfg": "network: {config: disabled}\n",
    },
    "off",
    "none",
  ],
  [
    "cloud-init with a configuration of the image's own",
    {
      "/etc/systemd/system/cloud-init.target.wants/cloud-init.service": "",
      "/etc/netplan/.keep": "",
      "/etc/cloud/cloud.cfg": "system_info:\n  network:\n    renderers: ['netplan', 'eni']\n",
      "/etc/cloud/cloud.cfg.d/99-x.cfg":
        "network:\n  version: 2\n  ethernets:\n    all:\n      match: {name: 'e*'}\n      dhcp4: true\n      link-local: []\n",
    },
    "off",
    "none",
  ],
  [
    "cloud-init for ifupdown",
    {
      "/etc/systemd/system/cloud-init.target.wants/cloud-init.service": "",
      "/etc/netplan/.keep": "",
      "/etc/cloud/cloud.cfg": "system_info:\n  distro: debian\n",
    },
    "off",
    "none",
  ],
  [
    "cloud-init for NetworkManager",
    {
      ...NM,
      "/etc/systemd/system/cloud-init.target.wants/cloud-init.service": "",
      "/etc/cloud/cloud.cfg": "system_info:\n  network:\n    renderers: ['network-manager']\n",
    },
    "on",
    "slaac",
  ],
  [
    "TuneD applies the files again",
    {
      ...NM,
      ...profile("[ipv6]\nmethod=auto\n"),
      [`${WANTS}/tuned.service`]: "",
      "/etc/tuned/active_profile": "virtual-guest\n",
      "/usr/lib/tuned/virtual-guest/tuned.conf": "[main]\ninclude=throughput-performance\n",
      "/usr/lib/tuned/throughput-performance/tuned.conf": "[sysctl]\nvm.dirty_ratio=40\n",
    },
    "unknown",
    "unknown",
  ],
  ["TuneD, nothing to undo", { [`${WANTS}/tuned.service`]: "" }, "off", "none"],
  [
    "ufw's own settings",
    {
      [`${WANTS}/ufw.service`]: "",
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
      "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=0\n",
    },
    "on",
    "slaac",
    "/etc/ufw/sysctl.conf:1",
  ],
  [
    "ufw is there and off",
    {
      [`${WANTS}/ufw.service`]: "",
      "/etc/ufw/ufw.conf": "ENABLED=no\n",
      "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=0\n",
    },
    "off",
    "none",
  ],
  [
    "wicked looks for default before all",
    {
      [`${WANTS}/wicked.service`]: "",
      "/etc/sysconfig/network/ifcfg-eth0": "BOOTPROTO='dhcp4'\nSTARTMODE='auto'\n",
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.default.disable_ipv6=0\nnet.ipv6.conf.all.disable_ipv6=1\n",
    },
    "on",
    "slaac",
    "/etc/sysctl.d/1.conf:1",
  ],
  [
    "rc.local switches on",
    { "/etc/rc.local": { script: "sysctl -w net.ipv6.conf.eth0.disable_ipv6=0\n" } },
    "unknown",
    "unknown",
  ],
  [
    "rc.local switches off again",
    { "/etc/rc.local": "sysctl -w net.ipv6.conf.all.disable_ipv6=1\n" },
    "off",
    "none",
  ],
  [
    "a unit's program touches it",
    {
      "/etc/systemd/system/x.service": "[Service]\nExecStart=/usr/local/sbin/x\n",
      "/usr/local/sbin/x": "#!/bin/sh\necho $1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6\n",
    },
    "unknown",
    "unknown",
  ],
  [
    "a dispatcher script",
    {
      ...NM,
      ...profile("[ipv6]\nmethod=ignore\n"),
      "/etc/NetworkManager/dispatcher.d/50-x": { script: "sysctl net.ipv6.conf.$1.disable_ipv6=0\n" },
    },
    "unknown",
    "unknown",
  ],
  ["dhcpcd", { [`${WANTS}/dhcpcd.service`]: "", "/etc/dhcpcd.conf": "noipv6\n" }, "off", "none"],
];

const GROUPS: readonly (readonly [string, readonly Case[], FlatFiles])[] = [
  ["as booted", AS_BOOTED, {}],
  ["systemd-networkd after the textbook setting", WITH_NETWORKD, { ...NETWORKD, ...OFF }],
  ["NetworkManager after it", WITH_NM, { ...NM, ...OFF }],
  ["others after it", OTHERS, OFF],
];

describe.each(GROUPS)("%s", (_group, cases, common) => {
  for (const [name, files, state, addressing, decidedBy] of cases) {
    test(name, async () => {
      const prediction = await predictFiles({ ...DEBIAN_12, ...common, ...files }, { mode: 0o700 });
      const told = [prediction.state, prediction.addressing];
      expect([...told, prediction.reason]).toEqual([state, addressing, prediction.reason]);
      if (decidedBy === undefined) return;
      const [evidence] = prediction.deciding.flatMap((step) => step.evidence);
      expect(`${evidence?.locator.split(" > ").at(-1)}:${evidence?.line}`).toBe(decidedBy);
    });
  }
});

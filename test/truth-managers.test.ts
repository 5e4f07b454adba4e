import { type FlatFiles, grubConfig } from "./support/machine.ts";
import {
  type Case,
  CONNECTIONS,
  enabled,
  NM,
  networkCases,
  OFF,
  profile,
  WANTS,
} from "./support/network-cases.ts";

const netplan = (ethernets: string, more = ""): FlatFiles => ({
  "/etc/netplan/01.yaml": `network:\n  version: 2\n${more}  ethernets:\n${ethernets}`,
});

/** Else udev renames an eth0. */
const KERNEL_NAMES: FlatFiles = { "/boot/grub/grub.cfg": grubConfig("net.ifnames=0") };

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
      ...KERNEL_NAMES,
    },
    "off",
    "none",
  ],
  ["a profile of another card", profile("[ipv6]\nmethod=disabled\n", "interface-name=wlan0"), "on", "slaac"],
  [
    "ifcfg, IPV6INIT=no",
    {
      "/etc/sysconfig/network-scripts/ifcfg-eth0": "DEVICE=eth0\nONBOOT=yes\nIPV6INIT=no\n",
      ...KERNEL_NAMES,
    },
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
      ...KERNEL_NAMES,
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
    { ...NM, ...KERNEL_NAMES, ...netplan("    eth0: {dhcp4: true}\n", "  renderer: NetworkManager\n") },
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
      ...enabled("ufw.service"),
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
      "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=0\n",
    },
    "on",
    "slaac",
    "/etc/ufw/sysctl.conf:1",
  ],
  [
    "ufw against what sysctl.d says of the card",
    {
      ...enabled("ufw.service"),
      "/etc/sysctl.d/2.conf": "net.ipv6.conf.e*.disable_ipv6=0\n",
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
      "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=1\n",
    },
    "unknown",
    "unknown",
  ],
  [
    "ufw's own settings, enabled by the first boot",
    {
      "/etc/machine-id": "uninitialized\n",
      "/usr/lib/systemd/system-preset/90-own.preset": "disable systemd-networkd.service\n",
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
      ...enabled("ufw.service"),
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

networkCases("NetworkManager after the textbook setting", WITH_NM, { ...NM, ...OFF });
networkCases("others after it", OTHERS, OFF);

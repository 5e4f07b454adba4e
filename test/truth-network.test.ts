import { grubConfig } from "./support/machine.ts";
import { type Case, NETWORKD, NM, networkCases, OFF, profile } from "./support/network-cases.ts";

const NETWORK = "/etc/systemd/network";
const dhcp = "[Match]\nName=en*\n[Network]\nDHCP=ipv4\n";

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

networkCases("as booted", AS_BOOTED, {});
networkCases("systemd-networkd after the textbook setting", WITH_NETWORKD, { ...NETWORKD, ...OFF });

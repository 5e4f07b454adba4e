import { debian12, debian12Cloud, debian13, ubuntu2204, ubuntu2404, ubuntu2404Cloud } from "./debian.ts";
import { grub, NETWORKD, NM, without } from "./parts.ts";
import { ALL_OFF, type Case, check, HARDENED, OFF_LINES, sysctl } from "./run.ts";

const SYSCTL = "systemd-sysctl(8), sysctl.d(5)";
const KERNEL = "kernel-parameters.txt; net/ipv6/af_inet6.c";
const NETPLAN = "netplan generate; systemd.network(5), LinkLocalAddressing";
const VENDOR: Case[1] = {
  "/usr/lib/NetworkManager/conf.d/10-globally-managed-devices.conf":
    "[keyfile]\nunmanaged-devices=*,except:type:wifi,except:type:gsm,except:type:cdma\n",
};
const args = (line: string): Case[1] => grub("/boot/grub", "6.1.0-25-amd64", line);
const netplan = (card: string, more = ""): Case[1] => ({
  "/etc/netplan/00-installer-config.yaml": `network:\n  version: 2\n  ethernets:\n    ${card}\n${more}`,
});
const server = without(ubuntu2404, /network|netplan/);

check("as they come", [
  ["Debian 12", debian12, "on", "ifupdown does not touch the switch"],
  ["Debian 12 cloud", debian12Cloud, "on", NETPLAN],
  ["Debian 13", debian13, "on", "ifupdown does not touch the switch"],
  ["Ubuntu 22.04", ubuntu2204, "on", NETPLAN],
  ["Ubuntu 24.04", ubuntu2404, "on", NETPLAN],
  ["Ubuntu 24.04 cloud", ubuntu2404Cloud, "on", NETPLAN],
]);

check("hardened by sysctl.d", [
  ["Debian 12", { ...debian12, ...HARDENED }, "off", SYSCTL],
  ["Debian 12 cloud", { ...debian12Cloud, ...HARDENED }, "on", NETPLAN],
  ["Debian 13", { ...debian13, ...HARDENED }, "off", SYSCTL],
  ["Ubuntu 22.04", { ...ubuntu2204, ...HARDENED }, "on", NETPLAN],
  ["Ubuntu 24.04", { ...ubuntu2404, ...HARDENED }, "on", NETPLAN],
  ["Ubuntu 24.04 cloud", { ...ubuntu2404Cloud, ...HARDENED }, "on", NETPLAN],
  ["no os-release", { ...without(debian12, /os-release/), ...HARDENED }, "off", SYSCTL],
]);

check("files of sysctl", [
  ["all alone", { ...debian12, ...ALL_OFF }, "off", "addrconf.c, addrconf_disable_ipv6"],
  ["lo alone", { ...debian12, ...sysctl("net.ipv6.conf.lo.disable_ipv6=1\n") }, "on", SYSCTL],
  [
    "the card that interfaces(5) names",
    { ...debian12, ...sysctl("net.ipv6.conf.ens3.disable_ipv6=1\n") },
    "off",
    "99-systemd.rules: udev applies an interface's own keys",
  ],
  ["/etc/sysctl.conf of Debian 12", { ...debian12, ...sysctl(OFF_LINES, "/etc/sysctl.conf") }, "off", SYSCTL],
  [
    "/etc/sysctl.conf of Debian 13",
    { ...debian13, ...sysctl(OFF_LINES, "/etc/sysctl.conf") },
    "on",
    "no 99-sysctl.conf: Debian #1076190",
  ],
  [
    "sysctl.conf comes after 99-a.conf",
    {
      ...debian12,
      ...sysctl(OFF_LINES, "/etc/sysctl.conf"),
      ...sysctl(OFF_LINES.replaceAll("1", "0"), "/etc/sysctl.d/99-a.conf"),
    },
    "off",
    SYSCTL,
  ],
  [
    "all=0 that reads 0 already is not written, default stays",
    {
      ...debian12,
      ...sysctl(OFF_LINES, "/etc/sysctl.conf"),
      ...sysctl("net.ipv6.conf.all.disable_ipv6=0\n", "/etc/sysctl.d/99-z.conf"),
    },
    "unknown",
    "systemd 250, WRITE_STRING_FILE_SUPPRESS_REDUNDANT_VIRTUAL",
  ],
  ["/usr/local/lib", { ...debian12, ...sysctl(OFF_LINES, "/usr/local/lib/sysctl.d/x.conf") }, "off", SYSCTL],
  [
    "an absolute link",
    {
      ...debian12,
      "/etc/sysctl.d/60-l.conf": { link: "/opt/hardening/ipv6.conf" },
      ...sysctl(OFF_LINES, "/opt/hardening/ipv6.conf"),
    },
    "off",
    SYSCTL,
  ],
  [
    "a link that leads nowhere masks",
    {
      ...debian12,
      "/etc/sysctl.d/60-l.conf": { link: "/opt/none" },
      ...sysctl(OFF_LINES, "/usr/lib/sysctl.d/60-l.conf"),
    },
    "on",
    "conf-files.c, as run with systemd 252",
  ],
  ["key in capitals", { ...debian12, ...sysctl("net.IPv6.conf.all.disable_ipv6=1\n") }, "on", SYSCTL],
  [
    "a credential in the store",
    { ...debian12, ...sysctl(OFF_LINES, "/etc/credstore/sysctl.extra") },
    "unknown",
    "systemd.exec(5), ImportCredential",
  ],
]);

check("command line", [
  ["ipv6.disable=1", { ...debian12, ...args("quiet ipv6.disable=1") }, "off", KERNEL],
  ["quoted", { ...debian12, ...args('ipv6.disable="1"') }, "off", "lib/cmdline.c, next_arg"],
  ["0, then 1", { ...debian12, ...args("ipv6.disable=0 ipv6.disable=1") }, "off", "kernel/params.c"],
  ["1, then 0", { ...debian12, ...args("ipv6.disable=1 ipv6.disable=0") }, "on", "kernel/params.c"],
  ["autoconf", { ...debian12, ...args("ipv6.autoconf=0") }, "on", KERNEL],
  ["module_blacklist, built in", { ...debian12, ...args("module_blacklist=ipv6") }, "on", KERNEL],
  [
    "sysctl argument, undone by sysctl.d",
    {
      ...debian12,
      ...args("sysctl.net.ipv6.conf.all.disable_ipv6=1"),
      ...sysctl("net.ipv6.conf.all.disable_ipv6=0\n"),
    },
    "on",
    "proc_sysctl.c, do_sysctl_args",
  ],
  [
    "only /etc/default/grub",
    { ...ubuntu2404Cloud, "/etc/default/grub": 'GRUB_CMDLINE_LINUX="ipv6.disable=1"\n' },
    "on",
    "grub-mkconfig(8): a source of grub.cfg",
  ],
  [
    "the kernel beside it has no IPv6",
    { ...debian12, "/boot/config-5.10.0-custom": "# CONFIG_IPV6 is not set\n" },
    "on",
    "grub.cfg names the other one",
  ],
]);

check("netplan after the textbook setting", [
  [
    "link-local: []",
    { ...ubuntu2404, ...HARDENED, ...netplan("ens18: {dhcp4: true, link-local: []}") },
    "off",
    NETPLAN,
  ],
  [
    "accept-ra: no",
    { ...ubuntu2404, ...HARDENED, ...netplan("ens18: {dhcp4: true, accept-ra: no}") },
    "on",
    NETPLAN,
  ],
  [
    "set-name: wan0",
    {
      ...ubuntu2404,
      ...HARDENED,
      ...netplan("wan: {match: {driver: virtio_net}, set-name: wan0, dhcp4: true}"),
    },
    "on",
    "systemd.network(5), [Match] Driver=",
  ],
  [
    "a drop-in of the generated file",
    {
      ...ubuntu2404,
      ...HARDENED,
      "/etc/systemd/network/10-netplan-ens18.network.d/x.conf": "[Network]\nLinkLocalAddressing=no\n",
    },
    "off",
    "systemd.network(5): drop-ins of /etc for files of /run",
  ],
  [
    "renderer NetworkManager and nothing else, as on Ubuntu's desktop",
    {
      ...server,
      ...NM,
      ...VENDOR,
      ...HARDENED,
      "/etc/netplan/01-network-manager-all.yaml": "network:\n  version: 2\n  renderer: NetworkManager\n",
    },
    "on",
    "netplan generate: an empty 10-globally-managed-devices.conf in /run",
  ],
  [
    "one card's renderer",
    {
      ...server,
      ...NM,
      ...VENDOR,
      ...HARDENED,
      ...netplan("ens9: {renderer: NetworkManager, dhcp6: true}"),
    },
    "on",
    "netplan generate: the same file",
  ],
  [
    "NetworkManager without netplan leaves Ethernet alone",
    { ...server, ...NM, ...VENDOR, ...HARDENED },
    "off",
    "NetworkManager.conf(5), unmanaged-devices",
  ],
  [
    "networkd started by its socket alone",
    {
      ...debian12,
      ...HARDENED,
      "/etc/systemd/system/sockets.target.wants/systemd-networkd.socket":
        NETWORKD["/etc/systemd/system/sockets.target.wants/systemd-networkd.socket"] ?? "",
      "/etc/systemd/network/10.network": "[Match]\nName=e*\n[Network]\nDHCP=yes\n",
    },
    "on",
    "systemd-networkd.socket(8): rtnetlink activates it",
  ],
]);

check("ifupdown", [
  [
    "pre-up switches the card off",
    {
      ...debian12,
      "/etc/network/interfaces":
        "auto ens3\niface ens3 inet dhcp\n    pre-up sysctl -w net.ipv6.conf.ens3.disable_ipv6=1\n",
    },
    "off",
    "interfaces(5)",
  ],
  [
    "pre-up switches it on after the textbook setting",
    {
      ...debian12,
      ...HARDENED,
      "/etc/network/interfaces":
        "auto ens3\niface ens3 inet dhcp\niface ens3 inet6 auto\n    pre-up echo 0 > /proc/sys/net/ipv6/conf/ens3/disable_ipv6\n",
    },
    "on",
    "interfaces(5)",
  ],
  [
    "a line of down does not run",
    {
      ...debian12,
      ...HARDENED,
      "/etc/network/interfaces":
        "auto ens3\niface ens3 inet dhcp\n    down sysctl -w net.ipv6.conf.ens3.disable_ipv6=0\n",
    },
    "off",
    "interfaces(5)",
  ],
]);

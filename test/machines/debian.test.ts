import { DEBIAN_12 } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { debian13, wanted } from "./distributions.ts";
import { cmdline, interfaces, MODULAR, netplan, OFF, ON, SET } from "./settings.ts";

const DEBIAN: readonly Cells[] = [
  ["12, nothing set", DEBIAN_12, "on", "net/ipv6/addrconf.c: disable_ipv6 = 0"],
  ["12, sysctl.d", { ...DEBIAN_12, ...SET }, "off", "systemd-sysctl(8); ifupdown never writes the switch"],
  ["12, /usr/local/lib", { ...DEBIAN_12, "/usr/local/lib/sysctl.d/60-x.conf": OFF }, "off", "sysctl.d(5)"],
  [
    "12, 99-sysctl.conf sorts before zz",
    { ...DEBIAN_12, "/etc/sysctl.conf": OFF, "/etc/sysctl.d/zz.conf": ON },
    "on",
    "sysctl.d(5): by name",
  ],
  [
    "12, 99-sysctl.conf sorts after 98",
    { ...DEBIAN_12, "/etc/sysctl.conf": OFF, "/etc/sysctl.d/98.conf": ON },
    "off",
    "sysctl.d(5): by name",
  ],
  [
    "12, lo only",
    { ...DEBIAN_12, "/etc/sysctl.d/1.conf": "net.ipv6.conf.lo.disable_ipv6=1\n" },
    "on",
    "ip-sysctl.rst: one interface",
  ],
  [
    "12, all only",
    { ...DEBIAN_12, "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\n" },
    "off",
    "addrconf_disable_ipv6: all sets default too",
  ],
  [
    "12, all on, default off",
    {
      ...DEBIAN_12,
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=0\n",
    },
    "unknown",
    "depends on whether the card is there already",
  ],
  [
    "12, quoted value",
    { ...DEBIAN_12, "/etc/sysctl.d/1.conf": 'net.ipv6.conf.all.disable_ipv6="1"\n' },
    "on",
    "proc_dointvec refuses it",
  ],
  [
    "12, no = but a space",
    { ...DEBIAN_12, "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6 1\n" },
    "on",
    "sysctl.c: no assignment",
  ],
  [
    "12, a folder called .conf masks",
    { ...DEBIAN_12, "/usr/lib/sysctl.d/60-x.conf": OFF, "/etc/sysctl.d/60-x.conf/x": "" },
    "on",
    "conf-files.c",
  ],
  [
    "12, dangling link masks",
    { ...DEBIAN_12, "/usr/lib/sysctl.d/60-x.conf": OFF, "/etc/sysctl.d/60-x.conf": { link: "/nowhere" } },
    "on",
    "conf-files.c of 252",
  ],
  [
    "12, link to a file elsewhere, absolute",
    {
      ...DEBIAN_12,
      "/etc/sysctl.d/60-x.conf": { link: "/opt/hardening/ipv6.conf" },
      "/opt/hardening/ipv6.conf": OFF,
    },
    "off",
    "sysctl.d(5)",
  ],
  [
    "12, forwarding is another switch",
    {
      ...DEBIAN_12,
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.forwarding=1\nnet.ipv6.conf.all.accept_ra=0\n",
    },
    "on",
    "ip-sysctl.rst",
  ],
  [
    "12, masked applier",
    { ...DEBIAN_12, ...SET, "/etc/systemd/system/systemd-sysctl.service": { link: "/dev/null" } },
    "on",
    "systemd.unit(5)",
  ],
  [
    "12, /etc/default/grub only",
    { ...DEBIAN_12, "/etc/default/grub": 'GRUB_CMDLINE_LINUX="ipv6.disable=1"\n' },
    "on",
    "grub-mkconfig has not run",
  ],
  ["12, quotes around the word", { ...DEBIAN_12, ...cmdline('"ipv6.disable=1"') }, "off", "GRUB strips them"],
  [
    "12, disable on, then off",
    { ...DEBIAN_12, ...cmdline("ipv6.disable=0 quiet ipv6.disable=1") },
    "off",
    "parse_args: in order",
  ],
  [
    "12, autoconf and nothing else",
    { ...DEBIAN_12, ...cmdline("ipv6.autoconf=0 ipv6.disable=0") },
    "on",
    "ipv6.rst",
  ],
  [
    "12, disable_ipv6 on the command line, undone",
    { ...DEBIAN_12, ...cmdline("ipv6.disable_ipv6=1"), "/etc/sysctl.d/1.conf": ON },
    "unknown",
    "252 does not write all=0, which reads 0 already; default=0 reaches later cards",
  ],
  [
    "12, sysctl. argument, undone by a file",
    { ...DEBIAN_12, ...cmdline("sysctl.net.ipv6.conf.all.disable_ipv6=1"), "/etc/sysctl.d/1.conf": ON },
    "on",
    "do_sysctl_args runs before init",
  ],
  [
    "12, module_blacklist of what is built in",
    { ...DEBIAN_12, ...cmdline("module_blacklist=ipv6 modprobe.blacklist=ipv6") },
    "on",
    "kernel/module: modules only",
  ],
  [
    "12, install line for what is built in",
    {
      ...DEBIAN_12,
      "/etc/modprobe.d/x.conf": "install ipv6 /bin/true\nblacklist ipv6\nalias net-pf-10 off\n",
    },
    "on",
    "modprobe is not asked",
  ],
  [
    "module, install",
    { ...DEBIAN_12, ...MODULAR, "/etc/modprobe.d/x.conf": "install ipv6 /bin/true\n" },
    "off",
    "modprobe.d(5)",
  ],
  [
    "module, command line",
    { ...DEBIAN_12, ...MODULAR, ...cmdline("ipv6.disable=1") },
    "off",
    "kmod hands module.parameter over",
  ],
  [
    "module, options",
    { ...DEBIAN_12, ...MODULAR, "/etc/modprobe.d/x.conf": "options ipv6 disable=1\n" },
    "off",
    "modprobe.d(5)",
  ],
  [
    "module, options of the vendor masked",
    {
      ...DEBIAN_12,
      ...MODULAR,
      "/usr/lib/modprobe.d/x.conf": "options ipv6 disable=1\n",
      "/etc/modprobe.d/x.conf": "",
    },
    "on",
    "libkmod: first folder per name",
  ],
  [
    "module, disable_ipv6",
    { ...DEBIAN_12, ...MODULAR, "/etc/modprobe.d/x.conf": "options ipv6 disable_ipv6=1\n" },
    "off",
    "af_inet6.c",
  ],
  [
    "ifupdown, inet6 manual",
    { ...DEBIAN_12, ...SET, ...interfaces("iface ens5 inet6 manual\n") },
    "off",
    "inet6.defn",
  ],
  [
    "ifupdown, inet6 auto",
    { ...DEBIAN_12, ...SET, ...interfaces("iface ens5 inet6 auto\n") },
    "off",
    "inet6.defn writes accept_ra and autoconf",
  ],
  [
    "ifupdown, inet6 static",
    { ...DEBIAN_12, ...SET, ...interfaces("iface ens5 inet6 static\n    address 2001:db8::2/64\n") },
    "off",
    "the address is refused while the switch is 1",
  ],
  [
    "ifupdown, no inet6 stanza",
    { ...DEBIAN_12, ...interfaces("") },
    "on",
    "the kernel makes a link-local address",
  ],
  [
    "ifupdown, post-up off",
    { ...DEBIAN_12, ...interfaces("    post-up sysctl -w net.ipv6.conf.$IFACE.disable_ipv6=1\n") },
    "off",
    "interfaces(5)",
  ],
  [
    "ifupdown, pre-up on",
    { ...DEBIAN_12, ...SET, ...interfaces("    pre-up sysctl -w net.ipv6.conf.ens5.disable_ipv6=0\n") },
    "on",
    "interfaces(5)",
  ],
  [
    "ifupdown, pre-up echo",
    { ...DEBIAN_12, ...SET, ...interfaces("    up echo 0 > /proc/sys/net/ipv6/conf/$IFACE/disable_ipv6\n") },
    "on",
    "interfaces(5)",
  ],
  [
    "ifupdown, if-up.d",
    {
      ...DEBIAN_12,
      ...SET,
      ...interfaces(""),
      "/etc/network/if-up.d/ipv6": "#!/bin/sh\nsysctl -w net.ipv6.conf.$IFACE.disable_ipv6=0\n",
    },
    "unknown",
    "may only answer off when nothing writes 0",
  ],
  [
    "networkd installed, not enabled",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/network/10.network": "[Match]\nName=*\n[Network]\nDHCP=yes\n",
      "/usr/lib/systemd/system/systemd-networkd.service": "",
    },
    "off",
    "systemctl(1): no link",
  ],
  [
    "networkd masked",
    {
      ...DEBIAN_12,
      ...SET,
      ...wanted("systemd-networkd.service"),
      "/etc/systemd/system/systemd-networkd.service": { link: "/dev/null" },
      "/etc/systemd/network/10.network": "[Match]\nName=*\n[Network]\nDHCP=yes\n",
    },
    "off",
    "systemd.unit(5)",
  ],
  ["13, nothing set", debian13(), "on", "addrconf.c"],
  [
    "13, /etc/sysctl.conf",
    { ...debian13(), "/etc/sysctl.conf": OFF },
    "on",
    "Debian's systemd 256: no 99-sysctl.conf any more",
  ],
  [
    "13, sysctl.d without a network file",
    { ...debian13(), ...SET },
    "off",
    "networkd leaves what no file matches",
  ],
  [
    "13, netplan",
    {
      ...debian13(),
      ...SET,
      ...netplan(
        "  ethernets:\n    all-en:\n      match: {name: 'en*'}\n      dhcp4: true\n      dhcp6: true\n",
      ),
    },
    "on",
    "networkd-link.c: link_ipv6_enabled",
  ],
  [
    "13, only ens5 by name",
    { ...debian13(), "/etc/sysctl.d/1.conf": "net.ipv6.conf.ens5.disable_ipv6=1\n" },
    "unknown",
    "the name of the card is not known",
  ],
];

const NAMED: readonly Cells[] = [
  [
    "eth0 for certain, off by name",
    {
      ...DEBIAN_12,
      ...cmdline("net.ifnames=0"),
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.eth0.disable_ipv6=1\n",
    },
    "off",
    "99-systemd.rules: udev applies it when the card appears",
  ],
  [
    "eth0 for certain, on by name",
    {
      ...DEBIAN_12,
      ...cmdline("net.ifnames=0"),
      "/etc/sysctl.d/1.conf": `${OFF}net.ipv6.conf.eth0.disable_ipv6=0\n`,
    },
    "on",
    "99-systemd.rules",
  ],
  [
    "eth0 for certain, brought up by ifupdown",
    {
      ...DEBIAN_12,
      ...cmdline("net.ifnames=0"),
      "/etc/network/interfaces": "auto eth0\niface eth0 inet dhcp\n",
      "/etc/sysctl.d/1.conf": `net.ipv6.conf.eth0.disable_ipv6=0\n${OFF}`,
    },
    "unknown",
    "all=1 comes after, udev's own write perhaps later still",
  ],
  [
    "eth1 by name",
    {
      ...DEBIAN_12,
      ...cmdline("net.ifnames=0"),
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.eth1.disable_ipv6=1\n",
    },
    "on",
    "another card",
  ],
  [
    "as an argument, before the card is there",
    {
      ...DEBIAN_12,
      ...cmdline("net.ifnames=0 sysctl.net.ipv6.conf.eth0.disable_ipv6=1"),
      "/etc/network/interfaces": "auto eth0\niface eth0 inet dhcp\n",
    },
    "unknown",
    "do_sysctl_args: only a built-in driver has made the card by then",
  ],
];

truthTable("Debian", DEBIAN);
truthTable("Debian, the card by its name", NAMED);

import { debian13, ubuntu, wanted } from "./support/distributions.ts";
import { DEBIAN_12, type FlatFiles, grubConfig } from "./support/machine.ts";
import { type Cells, truthTable } from "./support/truth-case.ts";

const OFF = "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n";
const ON = "net.ipv6.conf.all.disable_ipv6=0\nnet.ipv6.conf.default.disable_ipv6=0\n";
const SET: FlatFiles = { "/etc/sysctl.d/60-no-ipv6.conf": OFF };
const IFACES = (stanza: string): FlatFiles => ({
  "/etc/network/interfaces": `auto lo\niface lo inet loopback\nallow-hotplug ens5\niface ens5 inet dhcp\n${stanza}`,
});
const MODULAR: FlatFiles = { "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_NET=y\nCONFIG_IPV6=m\n" };
const cmdline = (args: string): FlatFiles => ({ "/boot/grub/grub.cfg": grubConfig(args) });
const netplan = (text: string): FlatFiles => ({
  "/etc/netplan/50-cloud-init.yaml": `network:\n  version: 2\n${text}`,
});
const unit = (body: string): FlatFiles => ({
  "/etc/systemd/system/no-ipv6.service": body,
  "/etc/systemd/system/multi-user.target.wants/no-ipv6.service": {
    link: "/etc/systemd/system/no-ipv6.service",
  },
});

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
    { ...DEBIAN_12, ...SET, ...IFACES("iface ens5 inet6 manual\n") },
    "off",
    "inet6.defn",
  ],
  [
    "ifupdown, inet6 auto",
    { ...DEBIAN_12, ...SET, ...IFACES("iface ens5 inet6 auto\n") },
    "off",
    "inet6.defn writes accept_ra and autoconf",
  ],
  [
    "ifupdown, inet6 static",
    { ...DEBIAN_12, ...SET, ...IFACES("iface ens5 inet6 static\n    address 2001:db8::2/64\n") },
    "off",
    "the address is refused while the switch is 1",
  ],
  [
    "ifupdown, no inet6 stanza",
    { ...DEBIAN_12, ...IFACES("") },
    "on",
    "the kernel makes a link-local address",
  ],
  [
    "ifupdown, post-up off",
    { ...DEBIAN_12, ...IFACES("    post-up sysctl -w net.ipv6.conf.$IFACE.disable_ipv6=1\n") },
    "off",
    "interfaces(5)",
  ],
  [
    "ifupdown, pre-up on",
    { ...DEBIAN_12, ...SET, ...IFACES("    pre-up sysctl -w net.ipv6.conf.ens5.disable_ipv6=0\n") },
    "on",
    "interfaces(5)",
  ],
  [
    "ifupdown, pre-up echo",
    { ...DEBIAN_12, ...SET, ...IFACES("    up echo 0 > /proc/sys/net/ipv6/conf/$IFACE/disable_ipv6\n") },
    "on",
    "interfaces(5)",
  ],
  [
    "ifupdown, if-up.d",
    {
      ...DEBIAN_12,
      ...SET,
      ...IFACES(""),
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

/** net.ifnames=0: the card is eth0, whatever else happens. */
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

const WRITERS: readonly Cells[] = [
  [
    "tmpfiles.d switches on",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/tmpfiles.d/ipv6.conf": "w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0\n",
    },
    "unknown",
    "tmpfiles.d(5): both before sysinit.target, in no order",
  ],
  [
    "tmpfiles.d switches off",
    { ...DEBIAN_12, "/etc/tmpfiles.d/ipv6.conf": "w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 1\n" },
    "unknown",
    "off but for a clash: never on",
  ],
  [
    "tmpfiles.d of the vendor",
    {
      ...DEBIAN_12,
      ...SET,
      "/usr/lib/tmpfiles.d/zz-ipv6.conf": "w- /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0\n",
    },
    "unknown",
    "tmpfiles.d(5)",
  ],
  [
    "rc.local, executable",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/rc.local": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\nexit 0\n",
    },
    "unknown",
    "rc-local.service",
  ],
  [
    "rc.local, not executable",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/rc.local": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\nexit 0\n",
    },
    "off",
    "systemd-rc-local-generator(8)",
    0o644,
  ],
  [
    "rc.local, not executable, on",
    { ...DEBIAN_12, "/etc/rc.local": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=1\nexit 0\n" },
    "on",
    "systemd-rc-local-generator(8)",
    0o644,
  ],
  [
    "a unit, enabled",
    {
      ...DEBIAN_12,
      ...SET,
      ...unit(
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n[Install]\nWantedBy=multi-user.target\n",
      ),
    },
    "unknown",
    "runs some time",
  ],
  [
    "a unit in /usr/lib, enabled",
    {
      ...DEBIAN_12,
      ...SET,
      ...wanted("enable-ipv6.service"),
      "/usr/lib/systemd/system/enable-ipv6.service":
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "runs some time",
  ],
  [
    "a unit in /usr/local/lib, enabled",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/multi-user.target.wants/v6.service": {
        link: "/usr/local/lib/systemd/system/v6.service",
      },
      "/usr/local/lib/systemd/system/v6.service":
        "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "runs some time",
  ],
  [
    "a unit, not enabled",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/v6.service":
        "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n[Install]\nWantedBy=multi-user.target\n",
    },
    "off",
    "nothing starts it",
  ],
  [
    "a timer's unit",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/v6.service":
        "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      "/etc/systemd/system/v6.timer": "[Timer]\nOnBootSec=5\n",
      "/etc/systemd/system/timers.target.wants/v6.timer": { link: "/etc/systemd/system/v6.timer" },
    },
    "unknown",
    "runs some time",
  ],
  [
    "udev rule",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/udev/rules.d/99-v6.rules":
        'ACTION=="add", SUBSYSTEM=="net", KERNEL!="lo", RUN+="/sbin/sysctl -w net.ipv6.conf.%k.disable_ipv6=0"\n',
    },
    "unknown",
    "udev(7)",
  ],
  [
    "cron.d @reboot",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/cron.d/v6": "@reboot root /sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "crontab(5)",
  ],
  [
    "root's crontab @reboot",
    {
      ...DEBIAN_12,
      ...SET,
      "/var/spool/cron/crontabs/root": "@reboot /sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "crontab(5)",
  ],
  [
    "dhclient hook",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/dhcp/dhclient-exit-hooks.d/v6": "sysctl -w net.ipv6.conf.$interface.disable_ipv6=0\n",
    },
    "unknown",
    "dhclient-script(8)",
  ],
  [
    "bootcmd",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/cloud/cloud.cfg": "datasource_list: [None]\n",
      "/etc/cloud/cloud.cfg.d/99-v6.cfg": "bootcmd:\n  - sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      ...wanted("cloud-init.service"),
    },
    "unknown",
    "cc_bootcmd",
  ],
  [
    "runcmd as a list",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/cloud/cloud.cfg":
        "datasource_list: [None]\nruncmd:\n - [ sysctl, -w, net.ipv6.conf.all.disable_ipv6=0 ]\n",
      ...wanted("cloud-init.service"),
    },
    "unknown",
    "cc_runcmd",
  ],
  [
    "NoCloud seed",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/cloud/cloud.cfg": "datasource_list: [NoCloud]\n",
      "/var/lib/cloud/seed/nocloud/user-data":
        "#cloud-config\nruncmd:\n - sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      "/var/lib/cloud/seed/nocloud/meta-data": "instance-id: x\n",
      ...wanted("cloud-init.service"),
    },
    "unknown",
    "DataSourceNoCloud: seed folder",
  ],
  [
    "SysV script",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/init.d/v6": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      "/etc/rc2.d/S01v6": { link: "../init.d/v6" },
      "/etc/rc3.d/S01v6": { link: "../init.d/v6" },
    },
    "unknown",
    "systemd-sysv-generator(8)",
  ],
  [
    "a drop-in of sshd",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/ssh.service.d/v6.conf":
        "[Service]\nExecStartPre=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "systemd.unit(5)",
  ],
  [
    "ufw with its own file",
    {
      ...DEBIAN_12,
      ...SET,
      ...wanted("ufw.service"),
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
      "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=0\n",
    },
    "on",
    "ufw-init-functions: IPT_SYSCTL",
  ],
  [
    "apparmor has nothing to do with it",
    { ...DEBIAN_12, ...SET, ...wanted("apparmor.service", "cron.service", "ssh.service") },
    "off",
    "none writes it",
  ],
  [
    "sysctl --system by a unit reads sysctl.conf",
    {
      ...DEBIAN_12,
      "/etc/sysctl.d/99-sysctl.conf": "",
      "/etc/sysctl.conf": OFF,
      ...unit("[Service]\nExecStart=/sbin/sysctl --system\n[Install]\nWantedBy=multi-user.target\n"),
    },
    "unknown",
    "sysctl(8)",
  ],
];

const UBUNTU: readonly Cells[] = [
  ["24.04, nothing set", ubuntu("24.04"), "on", "netplan writes LinkLocalAddressing=ipv6"],
  ["24.04, sysctl", { ...ubuntu("24.04"), ...SET }, "on", "systemd#33762"],
  ["22.04, sysctl", { ...ubuntu("22.04"), ...SET }, "on", "systemd 249 writes 0"],
  ["20.04, sysctl", { ...ubuntu("20.04"), ...SET }, "on", "systemd 245 writes 0"],
  [
    "18.04, sysctl",
    { ...ubuntu("18.04"), ...SET },
    "on",
    "systemd 237 writes what LinkLocalAddressing means",
  ],
  [
    "18.04, link-local: []",
    { ...ubuntu("18.04"), ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: []\n") },
    "off",
    "systemd 237 writes 1",
  ],
  [
    "24.04, link-local: []",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: []\n"),
    },
    "off",
    "networkd-link.c",
  ],
  [
    "24.04, link-local: [ ipv4 ]",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: [ ipv4 ]\n"),
    },
    "off",
    "networkd-link.c",
  ],
  [
    "24.04, accept-ra: no",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      dhcp6: false\n      accept-ra: no\n"),
    },
    "on",
    "accept-ra is about addresses",
  ],
  [
    "24.04, another file merges",
    {
      ...ubuntu("24.04"),
      ...SET,
      "/etc/netplan/99-off.yaml": "network:\n  ethernets:\n    ens5:\n      link-local: []\n",
    },
    "off",
    "netplan(5): files are merged",
  ],
  [
    "24.04, drop-in of networkd",
    {
      ...ubuntu("24.04"),
      ...SET,
      "/etc/systemd/network/10-netplan-ens5.network.d/x.conf": "[Network]\nLinkLocalAddressing=no\n",
    },
    "off",
    "systemd.network(5): drop-ins of any folder",
  ],
  [
    "24.04, NetworkManager renders, no ipv6",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...wanted("NetworkManager.service"),
      ...netplan("  renderer: NetworkManager\n  ethernets:\n    ens5:\n      dhcp4: true\n"),
    },
    "off",
    "netplan nm.c: method=ignore keeps what sysctl set",
  ],
  [
    "24.04, ipv6.disable=1",
    {
      ...ubuntu("24.04"),
      "/boot/grub/grub.cfg": grubConfig("ipv6.disable=1").replaceAll(
        "6.1.0-18-cloud-amd64",
        "6.8.0-1010-aws",
      ),
    },
    "off",
    "af_inet6.c",
  ],
  [
    "24.04, in 50-cloudimg-settings.cfg only",
    {
      ...ubuntu("24.04"),
      "/etc/default/grub.d/50-cloudimg-settings.cfg": 'GRUB_CMDLINE_LINUX_DEFAULT="ipv6.disable=1"\n',
    },
    "on",
    "grub-mkconfig has not run",
  ],
  [
    "24.04, network-config by cloud.cfg.d",
    {
      ...ubuntu("24.04"),
      ...SET,
      "/etc/netplan/50-cloud-init.yaml": "",
      "/etc/cloud/cloud.cfg": "system_info:\n  network:\n    renderers: ['netplan', 'eni']\n",
      "/etc/cloud/cloud.cfg.d/99-net.cfg":
        "network:\n  version: 2\n  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: []\n",
      "/etc/systemd/system/cloud-init.target.wants/cloud-init-local.service": {
        link: "/usr/lib/systemd/system/cloud-init-local.service",
      },
    },
    "off",
    "netplan passthrough of v2",
  ],
];

truthTable("Debian", DEBIAN);
truthTable("Debian, the card by its name", NAMED);
truthTable("Debian, whoever else writes", WRITERS);
truthTable("Ubuntu", UBUNTU);

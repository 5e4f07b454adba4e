import { DEBIAN_12, type FlatFiles, grubConfig } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { release, wanted } from "./distributions.ts";
import { keyfile, OFF, SET } from "./settings.ts";

/*
 * Machines that neither systemd nor OpenRC boots. Sources: void-runit (1, 2, core-services), sysvinit's inittab(5),
 * OpenWrt's procd and netifd, Slackware's rc.M.
 */

const SWITCH_ON = "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n";
const PROFILE = "[connection]\ntype=ethernet\n[ipv6]\nmethod=ignore\n";

function machine(id: string, version: string, like: string = ""): FlatFiles {
  return {
    ...release(id, version, like),
    "/lib": { link: "usr/lib" },
    "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=y\n",
    "/boot/grub/grub.cfg": grubConfig(""),
  };
}

const RUNIT = "/etc/runit/runsvdir/default";
const VOID: FlatFiles = {
  ...machine("void", ""),
  [`${RUNIT}/agetty-tty1`]: { link: "/etc/sv/agetty-tty1" },
  "/etc/sv/agetty-tty1/run": "#!/bin/sh\nexec agetty tty1\n",
  "/etc/runit/core-services/08-sysctl.sh": "if [ -x /sbin/sysctl ]; then\n    sysctl --system\nfi\n",
};
const VOID_NM: FlatFiles = { ...VOID, [`${RUNIT}/NetworkManager`]: { link: "/etc/sv/NetworkManager" } };

const ROWS: readonly Cells[] = [
  ["Void, nothing set", VOID, "on", "addrconf.c"],
  ["Void, sysctl", { ...VOID, ...SET }, "off", "void-runit, 08-sysctl.sh"],
  [
    "Void, sysctl, dhcpcd",
    { ...VOID, ...SET, [`${RUNIT}/dhcpcd`]: { link: "/etc/sv/dhcpcd" } },
    "off",
    "dhcpcd leaves disable_ipv6 alone",
  ],
  ["Void, sysctl, NetworkManager", { ...VOID_NM, ...SET }, "on", "void-runit, 2; NetworkManager writes 0"],
  [
    "Void, sysctl, NetworkManager with method=ignore",
    { ...VOID_NM, ...SET, "/etc/NetworkManager/system-connections/a.nmconnection": PROFILE },
    "off",
    "nm-settings(5)",
  ],
  [
    "Void, sysctl, NetworkManager there and not linked",
    { ...VOID, ...SET, "/etc/sv/NetworkManager/run": "#!/bin/sh\nexec NetworkManager -n\n" },
    "off",
    "runsvdir(8)",
  ],
  [
    "Void, sysctl, ConnMan",
    { ...VOID, ...SET, [`${RUNIT}/connmand`]: { link: "/etc/sv/connmand" } },
    "unknown",
    "connman writes either value",
  ],
  [
    "Void, sysctl, a service of its own",
    { ...VOID, ...SET, [`${RUNIT}/own`]: { link: "/etc/sv/own" }, "/etc/sv/own/run": SWITCH_ON },
    "unknown",
    "runsv(8)",
  ],
  [
    "Void, sysctl, a step of its own",
    { ...VOID, ...SET, "/etc/runit/core-services/99-own.sh": SWITCH_ON },
    "unknown",
    "void-runit, 1",
  ],
  [
    "Devuan, sysctl, NetworkManager",
    {
      ...machine("devuan", "5", "debian"),
      ...SET,
      "/etc/rcS.d/S13procps": { link: "../init.d/procps" },
      "/etc/rc2.d/S01network-manager": { link: "../init.d/network-manager" },
    },
    "on",
    "inittab(5); NetworkManager writes 0",
  ],
  [
    "Devuan, sysctl, NetworkManager stopped",
    {
      ...machine("devuan", "5", "debian"),
      ...SET,
      "/etc/rcS.d/S13procps": { link: "../init.d/procps" },
      "/etc/rc2.d/K01network-manager": { link: "../init.d/network-manager" },
    },
    "off",
    "inittab(5)",
  ],
  [
    "OpenWrt, nothing set",
    { ...machine("openwrt", "23.05.3", "lede openwrt"), "/sbin/init": "" },
    "on",
    "addrconf.c",
  ],
  [
    "OpenWrt, sysctl",
    { ...machine("openwrt", "23.05.3", "lede openwrt"), ...SET, "/sbin/init": "" },
    "unknown",
    "netifd, system-linux.c: it writes disable_ipv6 of every device",
  ],
  [
    "Slackware, sysctl",
    {
      ...machine("slackware", "15.0"),
      ...SET,
      "/sbin/init": "",
      "/etc/rc.d/rc.networkmanager": "#!/bin/sh\n/usr/sbin/NetworkManager\n",
    },
    "unknown",
    "rc.M starts whatever may be executed",
  ],
  [
    "Artix with runit, sysctl",
    { ...machine("artix", ""), ...SET, "/etc/runit/runsvdir/default/sshd": { link: "/etc/runit/sv/sshd" } },
    "unknown",
    "neither OpenRC's folders nor systemd's",
  ],
  [
    "a system of one's own with BusyBox's init, sysctl",
    { ...machine("own", "1"), ...SET, "/sbin/init": { link: "../bin/busybox" } },
    "unknown",
    "init of BusyBox: inittab decides",
  ],
  [
    "a system of one's own with BusyBox's init, ipv6.disable=1",
    {
      ...machine("own", "1"),
      "/sbin/init": { link: "../bin/busybox" },
      "/boot/grub/grub.cfg": grubConfig("ipv6.disable=1"),
    },
    "off",
    "af_inet6.c: no stack, whoever boots",
  ],
  [
    "a system of one's own with systemd, sysctl",
    {
      ...machine("own", "1"),
      ...SET,
      "/sbin": { link: "usr/sbin" },
      "/usr/sbin/init": { link: "../lib/systemd/systemd" },
    },
    "off",
    "systemd-sysctl.service(8)",
  ],
];

truthTable("other inits", ROWS);

/** Debian with sysvinit-core; systemd's links stay where packages put them. */
const SYSVINIT: FlatFiles = {
  ...DEBIAN_12,
  "/sbin/init": "",
  "/etc/inittab": "id:2:initdefault:\nsi0::sysinit:/etc/init.d/rcS\n",
  "/etc/rcS.d/S13procps": { link: "../init.d/procps" },
};
/** Amazon Linux 1: Upstart, GRUB legacy, initscripts. */
const AMAZON_1: FlatFiles = {
  ...release("amzn", "2018.03", "rhel fedora"),
  "/boot/config-4.14.336-180.562.amzn1.x86_64": "CONFIG_IPV6=y\n",
  "/boot/grub/menu.lst":
    "default=0\ntitle Amazon Linux 2018.03\nkernel /boot/vmlinuz-4.14.336-180.562.amzn1.x86_64 root=LABEL=/ console=tty1\n",
  "/etc/rc.d/rc3.d/S10network": { link: "../init.d/network" },
  "/etc/init/rcS.conf": "start on startup\nexec /etc/rc.d/rc.sysinit\n",
  "/sbin/init": "",
};
const UBUNTU_14: FlatFiles = {
  ...machine("ubuntu", "14.04", "debian"),
  "/etc/rcS.d/S13procps": { link: "../init.d/procps" },
  "/etc/init/network-manager.conf": "start on started dbus\nexec NetworkManager\n",
  "/sbin/init": "",
};
const LINK = "NetworkManager.service";

const OTHERS_THAN_SYSTEMD: readonly Cells[] = [
  ["Debian with sysvinit, sysctl", { ...SYSVINIT, ...SET }, "off", "procps' init.d script; inittab(5)"],
  [
    "Debian with sysvinit, sysctl.conf",
    { ...SYSVINIT, "/etc/sysctl.conf": OFF },
    "off",
    "sysctl --system reads it in the end",
  ],
  [
    "Debian with sysvinit, sysctl, another link than procps'",
    {
      ...DEBIAN_12,
      ...SET,
      "/sbin/init": "",
      "/etc/inittab": "id:2:initdefault:\n",
      "/etc/rcS.d/S01hostname.sh": { link: "../init.d/hostname.sh" },
    },
    "on",
    "nothing applies sysctl.d",
  ],
  [
    "Debian with sysvinit, sysctl, NetworkManager",
    { ...SYSVINIT, ...SET, "/etc/rc2.d/S01network-manager": { link: "../init.d/network-manager" } },
    "on",
    "NetworkManager writes 0",
  ],
  [
    "Debian with sysvinit, sysctl, NetworkManager masked for systemd only",
    {
      ...SYSVINIT,
      ...SET,
      "/etc/rc2.d/S01network-manager": { link: "../init.d/network-manager" },
      [`/etc/systemd/system/${LINK}`]: { link: "/dev/null" },
    },
    "on",
    "masks are systemd's own",
  ],
  [
    "Debian with sysvinit, NetworkManager's profile disabled, its link systemd's",
    { ...SYSVINIT, ...wanted(LINK), ...keyfile("[ipv6]\nmethod=disabled\n") },
    "unknown",
    "systemd.unit(5): sysvinit reads no such link",
  ],
  [
    "Debian with a table that nobody reads, sysctl",
    { ...SYSVINIT, ...SET, "/sbin/init": { link: "/lib/systemd/systemd" } },
    "off",
    "systemd-sysctl.service(8)",
  ],
  [
    "Debian with OpenRC, sysctl",
    { ...SYSVINIT, ...SET, "/etc/runlevels/default/ssh": { link: "/etc/init.d/ssh" } },
    "unknown",
    "openrc(8): runlevels of its own",
  ],
  [
    "Debian 7, sysctl",
    {
      ...machine("debian", "7"),
      ...SET,
      "/etc/rcS.d/S13procps": { link: "../init.d/procps" },
      "/sbin/init": "",
    },
    "off",
    "sysvinit; procps' init.d script",
  ],
  ["Ubuntu 14.04, nothing set", UBUNTU_14, "on", "addrconf.c"],
  [
    "Ubuntu 14.04, sysctl",
    { ...UBUNTU_14, ...SET },
    "unknown",
    "init(5) of Upstart: its jobs are not followed",
  ],
  ["Amazon Linux 1, nothing set", AMAZON_1, "on", "addrconf.c"],
  [
    "Amazon Linux 1, sysctl.d",
    { ...AMAZON_1, ...SET },
    "unknown",
    "rc.sysinit of initscripts is not followed",
  ],
  [
    "Amazon Linux 1, a job that switches on",
    {
      ...AMAZON_1,
      ...SET,
      "/etc/init/own.conf": "start on runlevel 3\nexec sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "init(5) of Upstart",
  ],
  [
    "Amazon Linux 1, ipv6.disable=1",
    {
      ...AMAZON_1,
      "/boot/grub/menu.lst":
        "default=0\ntitle Amazon Linux 2018.03\nkernel /boot/vmlinuz-4.14.336-180.562.amzn1.x86_64 root=LABEL=/ ipv6.disable=1\n",
    },
    "off",
    "af_inet6.c: no stack, whoever boots",
  ],
];

truthTable("systems that come with systemd, and other inits", OTHERS_THAN_SYSTEMD);

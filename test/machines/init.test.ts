import { type FlatFiles, grubConfig } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { release } from "./distributions.ts";
import { SET } from "./settings.ts";

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

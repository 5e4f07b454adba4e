import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { redHat, wanted } from "./distributions.ts";
import { cmdline, keyfile, SET } from "./settings.ts";

/* The initrd is not read. What it was made from may show that it does something to the network that lasts. */

const DISABLED: FlatFiles = { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=disabled\n") };
const DRACUT = "/etc/dracut.conf.d/own.conf";
const NETWORKD: FlatFiles = {
  ...DEBIAN_12,
  ...SET,
  ...wanted("systemd-networkd.service"),
  "/etc/systemd/network/10.network": "[Match]\nName=en* eth*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n",
};
const TOOLS = "/etc/initramfs-tools";
const SCRIPT = "#!/bin/sh\necho 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6\n";
const BY_LINE: FlatFiles = { ...DEBIAN_12, ...cmdline("ipv6.disable_ipv6=1") };

const ROWS: readonly Cells[] = [
  ["a profile", DISABLED, "off", "nm-settings(5)"],
  ...(
    [
      ['kernel_cmdline="ip=dhcp rd.neednet=1"', "unknown"],
      ['kernel_cmdline+=" rd.neednet=1 "', "unknown"],
      ['kernel_cmdline="rd.luks=0"', "off"],
      ['#kernel_cmdline="ip=dhcp"', "off"],
      ['add_drivers+=" virtio_net "', "off"],
    ] as const
  ).map(([text, state]): Cells => [text, { ...DISABLED, [DRACUT]: `${text}\n` }, state, "dracut.conf(5)"]),
  [
    "a profile, and nothing that listens to it",
    { ...DEBIAN_12, ...SET, [DRACUT]: 'kernel_cmdline="ip=dhcp"\n' },
    "off",
    "ifupdown",
  ],
  ["networkd", NETWORKD, "off", "systemd.network(5)"],
  ...(
    [
      [`${TOOLS}/initramfs.conf`, "IP=dhcp", "unknown"],
      [`${TOOLS}/conf.d/own`, "export IP=10.0.0.2::10.0.0.1:255.255.255.0::eth0:off", "unknown"],
      [`${TOOLS}/initramfs.conf`, "IP=:::::eth0:off", "unknown"],
      [`${TOOLS}/initramfs.conf`, "IP=off", "off"],
      [`${TOOLS}/initramfs.conf`, "MODULES=most\nDEVICE=\n", "off"],
    ] as const
  ).map(
    ([path, text, state]): Cells => [text, { ...NETWORKD, [path]: `${text}\n` }, state, "initramfs.conf(5)"],
  ),
  ["a command line", BY_LINE, "off", "af_inet6.c"],
  [
    "a command line, and a script of the initramfs",
    { ...BY_LINE, [`${TOOLS}/scripts/init-bottom/own`]: SCRIPT },
    "unknown",
    "initramfs-tools(7)",
  ],
  [
    "sysctl, and a script of the initramfs",
    { ...DEBIAN_12, ...SET, [`${TOOLS}/scripts/init-bottom/own`]: SCRIPT },
    "off",
    "systemd-sysctl comes later",
  ],
  ...(
    [
      ['overlayroot="device:dev=/dev/vdb,recurse=0"', "unknown"],
      ['overlayroot="crypt:mapname=secure,dev=/dev/vdb"', "unknown"],
      ['overlayroot="tmpfs"', "off"],
      ['overlayroot=""', "off"],
      ['#overlayroot="device:dev=/dev/vdb"', "off"],
    ] as const
  ).flatMap(([text, state]) =>
    ["/etc/overlayroot.conf", "/etc/overlayroot.local.conf"].map(
      (path): Cells => [
        `${path}: ${text}`,
        { ...DEBIAN_12, ...SET, [path]: `${text}\n` },
        state,
        "overlayroot",
      ],
    ),
  ),
];

truthTable("what the initrd was made from", ROWS);

import type { FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { alpine, grub, release } from "./distributions.ts";
import { OFF, SET, without } from "./settings.ts";

/** Upstream's service, in short: procps where it answers to -V, else BusyBox. Source: OpenRC, init.d/sysctl.in. */
const SCRIPT = `#!/sbin/openrc-run
BSD_sysctl()
{
	[ -e /etc/sysctl.conf ] || return 0
	for conf in /etc/sysctl.conf /etc/sysctl.d/*.conf; do
		sed 's/ = /=/' "$conf" | while read var comments; do
			sysctl -w "$var" >/dev/null || retval=1
		done
	done
}
Linux_sysctl()
{
	sysctl \${quiet} --system
}
`;

const KERNEL = "6.6.30-gentoo-dist";
/** Gentoo with OpenRC, netifrc and procps. */
const GENTOO: FlatFiles = {
  ...release("gentoo", "2.15"),
  [`/lib/modules/${KERNEL}/modules.builtin`]: "kernel/net/ipv6/ipv6.ko\n",
  "/boot/grub/grub.cfg": grub(KERNEL, "").replaceAll("linux16", "linux").replaceAll("initrd16", "initrd"),
  "/sbin/init": "",
  "/sbin/sysctl": "",
  "/lib64/libproc2.so.1.0.0": "",
  "/etc/init.d/sysctl": SCRIPT,
  "/etc/init.d/net.eth0": { link: "net.lo" },
  "/etc/init.d/net.lo": "#!/sbin/openrc-run\n",
  "/etc/runlevels/boot/sysctl": { link: "/etc/init.d/sysctl" },
  "/etc/runlevels/default/net.eth0": { link: "/etc/init.d/net.eth0" },
  "/etc/conf.d/net": 'config_eth0="dhcp"\n',
  "/etc/sysctl.conf": "# For more information\n",
};
/** BusyBox with upstream's script. */
const BUSYBOX: FlatFiles = { ...alpine("3.20.0"), "/etc/init.d/sysctl": SCRIPT };
const ON_BY_SCRIPT = "sysctl -w net.ipv6.conf.all.disable_ipv6=0\n";

/** The kernel calls /sbin/modprobe, whoever that is. */
const BUSYBOX_MODPROBE: FlatFiles = { ...alpine(), "/sbin/modprobe": { link: "/bin/busybox" } };
const KMOD: FlatFiles = { ...alpine(), "/sbin/modprobe": { link: "../bin/kmod" } };
const INSTALL: FlatFiles = { "/etc/modprobe.d/ipv6.conf": "install ipv6 /bin/true\n" };
const OPTIONS = "options ipv6 disable=1\n";

const ROWS: readonly Cells[] = [
  ["kmod, install line", { ...KMOD, ...INSTALL }, "off", "modprobe.d(5)"],
  [
    "BusyBox's modprobe, install line",
    { ...BUSYBOX_MODPROBE, ...INSTALL },
    "on",
    "BusyBox, modutils/modprobe.c: it knows no install",
  ],
  [
    "BusyBox's modprobe, options",
    { ...BUSYBOX_MODPROBE, "/etc/modprobe.d/ipv6.conf": OPTIONS },
    "off",
    "BusyBox, modutils/modprobe.c",
  ],
  [
    "BusyBox's modprobe, options of the vendor",
    { ...BUSYBOX_MODPROBE, "/usr/lib/modprobe.d/ipv6.conf": OPTIONS },
    "on",
    "BusyBox, modutils/modprobe.c: only /etc",
  ],
  ["Gentoo, nothing set", GENTOO, "on", "addrconf.c"],
  ["Gentoo, sysctl.d", { ...GENTOO, ...SET }, "off", "init.d/sysctl.in"],
  ["Gentoo, sysctl.conf", { ...GENTOO, "/etc/sysctl.conf": OFF }, "off", "sysctl --system reads it"],
  [
    "Gentoo, sysctl.d, NetworkManager",
    {
      ...GENTOO,
      ...SET,
      "/etc/runlevels/default/NetworkManager": { link: "/etc/init.d/NetworkManager" },
    },
    "on",
    "NetworkManager writes 0",
  ],
  [
    "Gentoo, sysctl.d, a hook of the card",
    { ...GENTOO, ...SET, "/etc/conf.d/net": `postup() {\n\t${ON_BY_SCRIPT}}\n` },
    "unknown",
    "netifrc, net.example: postup",
  ],
  [
    "BusyBox, sysctl.d without sysctl.conf",
    { ...without(BUSYBOX, "/etc/sysctl.conf"), ...SET },
    "on",
    "init.d/sysctl.in: without sysctl.conf it returns",
  ],
  ["BusyBox, sysctl.d with sysctl.conf", { ...BUSYBOX, ...SET }, "off", "init.d/sysctl.in"],
  [
    "BusyBox, a blank before the sign",
    { ...BUSYBOX, "/etc/sysctl.conf": OFF.replaceAll("=", " =") },
    "on",
    "init.d/sysctl.in: `read var comments` cuts there",
  ],
  [
    "BusyBox, a blank on both sides",
    { ...BUSYBOX, "/etc/sysctl.conf": OFF.replaceAll("=", " = ") },
    "off",
    "init.d/sysctl.in: sed joins these",
  ],
  [
    "a program of inittab",
    {
      ...alpine(),
      ...SET,
      "/etc/inittab": "::sysinit:/sbin/openrc sysinit\n::once:/usr/local/bin/own\n",
      "/usr/local/bin/own": ON_BY_SCRIPT,
    },
    "unknown",
    "inittab(5)",
  ],
  [
    "a usual inittab",
    {
      ...alpine(),
      ...SET,
      "/etc/inittab":
        "::sysinit:/sbin/openrc sysinit\n::wait:/sbin/openrc default\n::ctrlaltdel:/sbin/reboot\n",
    },
    "off",
    "inittab(5)",
  ],
];

truthTable("OpenRC, closely", ROWS);

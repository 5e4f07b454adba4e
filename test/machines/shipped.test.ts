import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { bls, coreOs, fedora, release, suse, wanted } from "./distributions.ts";
import { keyfile, OFF, ROOT, SET, without } from "./settings.ts";

/* Images whose boot goes other ways than Debian's and Red Hat's, as their recipes make them. */

const SYSTEMD: FlatFiles = {
  "/lib": { link: "usr/lib" },
  "/sbin": { link: "usr/sbin" },
  "/usr/sbin/init": { link: "../lib/systemd/systemd" },
};

/** Photon and CBL-Mariner: arguments lie in environment blocks that a link names. */
const MARINER: FlatFiles = {
  ...SYSTEMD,
  ...release("mariner", "2.0"),
  ...wanted("systemd-networkd.service", "sshd.service"),
  "/boot/config-5.15.153.1-2.cm2": "CONFIG_IPV6=y\n",
  "/boot/mariner.cfg": { link: "mariner-5.15.153.1-2.cm2.cfg" },
  "/boot/mariner-5.15.153.1-2.cm2.cfg": mariner(""),
  "/boot/systemd.cfg": "# GRUB Environment Block\nsystemd_cmdline=net.ifnames=0 plymouth.enable=0\n",
  "/boot/grub2/grub.cfg": `set timeout=0
set bootprefix=/boot
search -n -u 33333333-3333-4333-8333-333333333333 -s
load_env -f $bootprefix/mariner.cfg
if [ -f  $bootprefix/systemd.cfg ]; then
	load_env -f $bootprefix/systemd.cfg
else
	set systemd_cmdline=net.ifnames=0
fi
if [ -f $bootprefix/grub2/grubenv ]; then
	load_env -f $bootprefix/grub2/grubenv
fi
menuentry "CBL-Mariner" {
	linux $bootprefix/$mariner_linux rd.auto=1 root=/dev/sda2 $mariner_cmdline $systemd_cmdline $kernelopts
	if [ -f $bootprefix/$mariner_initrd ]; then
		initrd $bootprefix/$mariner_initrd
	fi
}
`,
  "/usr/lib/systemd/libsystemd-shared-250.so": "",
  "/etc/systemd/network/99-dhcp-en.network": "[Match]\nName=e*\n\n[Network]\nDHCP=yes\nIPv6AcceptRA=no\n",
};

function mariner(args: string): string {
  return `# GRUB Environment Block\nmariner_cmdline=init=/lib/systemd/systemd ro ${args}\nmariner_linux=vmlinuz-5.15.153.1-2.cm2\nmariner_initrd=initrd.img-5.15.153.1-2.cm2\n`;
}

/** NixOS: all of /etc leads into the store, and the boot entry names the system's own init. */
function nixos(args: string, sysctl: string): FlatFiles {
  const etc = "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-etc/etc";
  const units = "/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-system-units";
  return {
    "/etc/os-release": { link: "/etc/static/os-release" },
    "/etc/static": { link: etc },
    "/etc/systemd": { link: "/etc/static/systemd" },
    "/etc/sysctl.d": { link: "/etc/static/sysctl.d" },
    [`${etc}/os-release`]: 'ID=nixos\nVERSION_ID="24.05"\n',
    [`${etc}/sysctl.d/60-nixos.conf`]: `kernel.kptr_restrict=1\n${sysctl}`,
    [`${etc}/systemd/system`]: { link: units },
    [`${units}/multi-user.target.wants/dhcpcd.service`]: { link: "../dhcpcd.service" },
    [`${units}/dhcpcd.service`]: "[Service]\nExecStart=/nix/store/dhcpcd/bin/dhcpcd\n",
    "/boot/grub/grub.cfg": `set default=0
menuentry "NixOS - Default" --unrestricted {
search --set=drive1 --fs-uuid 33333333-3333-4333-8333-333333333333
  linux ($drive1)//nix/store/cccc-linux-6.6.32/bzImage init=/nix/store/dddd-nixos-system-nixos-24.05/init loglevel=4 ${args}
  initrd ($drive1)//nix/store/eeee-initrd-linux-6.6.32/initrd
}
`,
  };
}

/** Clear Linux: nothing in /etc. */
const CLEAR: FlatFiles = {
  ...SYSTEMD,
  "/usr/lib/os-release": "ID=clear-linux-os\nVERSION_ID=42000\n",
  "/etc/machine-id": "",
  "/boot/loader/loader.conf": "default Clear-linux-kvm-6.6.32-1446\n",
  "/boot/loader/entries/Clear-linux-kvm-6.6.32-1446.conf":
    "title Clear Linux OS\nlinux /EFI/org.clearlinux/kernel-org.clearlinux.kvm.6.6.32-1446\noptions root=PARTUUID=7 init=/usr/bin/initra-desktop quiet rw\n",
  "/usr/lib/modules/6.6.32-1446.kvm/modules.builtin": "kernel/net/ipv6/ipv6.ko\n",
  "/usr/lib/systemd/libsystemd-shared-255.so": "",
  "/usr/lib/systemd/system/multi-user.target.wants/systemd-networkd.service": {
    link: "../systemd-networkd.service",
  },
  "/usr/lib/systemd/network/80-dhcp.network": "[Match]\nType=ether\n[Network]\nDHCP=yes\n",
};

/** SLES 16: wicked is gone. */
const SLES_16: FlatFiles = {
  ...without(suse("16.0"), "/etc/systemd/system", "/etc/sysconfig/network/ifcfg-eth0"),
  ...wanted("NetworkManager.service", "sshd.service"),
  "/etc/systemd/system/network.service": { link: "/usr/lib/systemd/system/NetworkManager.service" },
  "/usr/lib64/NetworkManager/1.52.0/libnm-device-plugin-wifi.so": "",
};

const DISABLED = keyfile("[ipv6]\nmethod=disabled\n");
/** A card that networkd leaves alone, off by sysctl. */
const LEFT_ALONE: FlatFiles = {
  ...SET,
  "/etc/systemd/network/50-e.network": "[Match]\nName=e*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n",
};

/** Ubuntu and Debian for the Raspberry Pi. */
function raspberry(config: string, args: string, file = "cmdline.txt"): FlatFiles {
  return {
    ...without(DEBIAN_12, "/boot/grub"),
    "/boot/firmware/config.txt": `[all]\nkernel=vmlinuz\ninitramfs initrd.img followkernel\n${config}[pi4]\nmax_framebuffers=2\n`,
    [`/boot/firmware/${file}`]: `console=serial0,115200 root=LABEL=writable rootwait fixrtc ${args}\n`,
  };
}
const NO_STACK = "ipv6.disable=1";

const RASPBERRY: readonly Cells[] = [
  ["nothing set", raspberry("", ""), "on", "addrconf.c"],
  ["cmdline.txt", raspberry("", NO_STACK), "off", "af_inet6.c"],
  ["another file", raspberry("cmdline=own.txt\n", NO_STACK, "own.txt"), "off", "config_txt: cmdline"],
  ["not the file that is named", raspberry("cmdline=own.txt\n", NO_STACK), "on", "config_txt: cmdline"],
  [
    "a prefix",
    raspberry("os_prefix=current/\n", NO_STACK, "current/cmdline.txt"),
    "off",
    "config_txt: os_prefix",
  ],
  ["only the first line", raspberry("", `\n${NO_STACK}`), "on", "config_txt: one line"],
  [
    "on some models only",
    raspberry("[pi5]\ncmdline=own.txt\n", NO_STACK),
    "on",
    "config_txt: which file counts is not known",
  ],
];

const ROWS: readonly Cells[] = [
  ["Mariner, nothing set", MARINER, "on", "cloud-init's networkd"],
  ["Mariner, sysctl", { ...MARINER, ...SET }, "on", "networkd 250 writes 0"],
  [
    "Mariner, mariner.cfg",
    { ...MARINER, "/boot/mariner-5.15.153.1-2.cm2.cfg": mariner("ipv6.disable=1") },
    "off",
    "grub.cfg reads it by load_env -f",
  ],
  [
    "Mariner, kernelopts of grubenv",
    { ...MARINER, "/boot/grub2/grubenv": "# GRUB Environment Block\nkernelopts=ipv6.disable=1\n" },
    "off",
    "grub.cfg reads it",
  ],
  ["Mariner, left alone", { ...MARINER, ...LEFT_ALONE }, "off", "systemd.network(5)"],
  ["NixOS, nothing set", nixos("", ""), "on", "NixOS, stage-2-init.sh starts systemd"],
  ["NixOS, ipv6.disable=1", nixos("ipv6.disable=1", ""), "off", "af_inet6.c"],
  ["NixOS, sysctl", nixos("", OFF), "unknown", "stage-2-init.sh makes /etc anew"],
  ["Clear Linux, nothing set", CLEAR, "on", "80-dhcp.network"],
  ["Clear Linux, sysctl", { ...CLEAR, ...SET }, "on", "networkd 255 writes 0"],
  ["SLES 16, nothing set", SLES_16, "on", "NetworkManager"],
  ["SLES 16, sysctl", { ...SLES_16, ...SET }, "on", "NetworkManager writes 0"],
  ["SLES 16, profile", { ...SLES_16, ...DISABLED }, "off", "nm-settings(5)"],
  [
    "networkd, ip= on the command line",
    {
      ...without(fedora("41"), "/etc/systemd/system"),
      ...wanted("systemd-networkd.service"),
      ...LEFT_ALONE,
      ...bls(`${ROOT} ip=dhcp`),
    },
    "unknown",
    "systemd-network-generator.service(8): 71-default.network in /run",
  ],
  [
    "NetworkManager, ip= on the command line",
    { ...fedora("41"), ...DISABLED, ...bls(`${ROOT} ip=dhcp rd.neednet=1`) },
    "unknown",
    "nm-initrd-generator(8): its profile stays in /run",
  ],
  [
    "NetworkManager, rd.neednet=1 on the command line",
    { ...fedora("41"), ...DISABLED, ...bls(`${ROOT} rd.neednet=1`) },
    "unknown",
    "nm-initrd-generator(8)",
  ],
  [
    "NetworkManager, rd.neednet=0 on the command line",
    { ...fedora("41"), ...DISABLED, ...bls(`${ROOT} rd.neednet=0`) },
    "off",
    "nm-initrd-generator(8)",
  ],
  [
    "NetworkManager, nameserver=192.0.2.1 on the command line",
    { ...fedora("41"), ...DISABLED, ...bls(`${ROOT} nameserver=192.0.2.1`) },
    "unknown",
    "nm-initrd-generator(8)",
  ],
  [
    "NetworkManager, BOOTIF=01-52-54-00-12-34-56 on the command line",
    { ...fedora("41"), ...DISABLED, ...bls(`${ROOT} BOOTIF=01-52-54-00-12-34-56`) },
    "unknown",
    "nm-initrd-generator(8)",
  ],
  [
    "NetworkManager, ip= on the command line, nothing set",
    { ...fedora("41"), ...bls(`${ROOT} ip=dhcp rd.neednet=1`) },
    "on",
    "on either way",
  ],
  [
    "Fedora CoreOS, ip= and no stack",
    { ...coreOs(), ...bls(`${ROOT} ip=dhcp ipv6.disable=1`) },
    "off",
    "af_inet6.c",
  ],
];

truthTable("Raspberry Pi", RASPBERRY);
truthTable("images as shipped, and switched off", ROWS);

import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { bls, redHat } from "./distributions.ts";
import { ROOT, SET, without } from "./settings.ts";

/*
 * Boot loaders that are there and not followed, or that several programs read in different ways: the arguments that look
 * as if they switched IPv6 off may not be those that the kernel gets.
 */

const OFF = "ipv6.disable=1";
const BARE = without(DEBIAN_12, "/boot/grub");
const S390X: FlatFiles = {
  ...without({ ...redHat("9"), ...bls(`${ROOT} ${OFF}`) }, "/boot/grub2"),
  "/etc/zipl.conf": "[defaultboot]\ndefaultauto\nprompt=1\ntimeout=5\n",
};
const EXTLINUX: FlatFiles = {
  "/boot/extlinux/extlinux.conf": `DEFAULT l0\nLABEL l0\n LINUX /vmlinuz\n APPEND root=/dev/mmcblk0p1 ${OFF}\n`,
};
const FIRMWARE = "/boot/firmware";
const pi = (config: string, more: FlatFiles = {}): FlatFiles => ({
  ...BARE,
  [`${FIRMWARE}/config.txt`]: config,
  [`${FIRMWARE}/cmdline.txt`]: `console=tty1 root=PARTUUID=1-02 ${OFF}\n`,
  ...more,
});
const entries = (config: string, second: string): FlatFiles => ({
  ...BARE,
  "/boot/loader/loader.conf": config,
  "/boot/loader/entries/a.conf": `title A\nsort-key m\nlinux /vmlinuz-6.1.0-18-cloud-amd64\noptions ${OFF}\n`,
  "/boot/loader/entries/b.conf": second,
});
const legacy = (args: string): string =>
  `default 0\ntitle a\nkernel /vmlinuz-6.1.0-18-cloud-amd64 ro ${args}\n`;

const ROWS: readonly Cells[] = [
  ["zipl, an entry", S390X, "unknown", "zipl(8): /boot/bootmap holds what boots"],
  [
    "zipl, sysctl against NetworkManager",
    { ...S390X, ...bls(ROOT), ...SET },
    "on",
    "NetworkManager writes 0",
  ],
  [
    "zipl.conf's own parameters",
    { ...BARE, "/etc/zipl.conf": `[ubuntu]\ntarget = /boot\nparameters = "root=/dev/dasda1 ${OFF}"\n` },
    "unknown",
    "zipl.conf(5)",
  ],
  ["extlinux.conf", { ...BARE, ...EXTLINUX }, "off", "U-Boot reads it before scripts"],
  [
    "extlinux.conf beside a script of U-Boot",
    { ...BARE, ...EXTLINUX, "/boot/boot.scr": "" },
    "unknown",
    "a board's environment says what comes first",
  ],
  [
    "armbianEnv.txt",
    { ...BARE, "/boot/boot.scr": "", "/boot/armbianEnv.txt": `verbosity=1\nextraargs=quiet ${OFF}\n` },
    "unknown",
    "Armbian's boot.cmd: extraargs, as the script likes",
  ],
  [
    "armbianEnv.txt without, sysctl",
    { ...BARE, ...SET, "/boot/boot.scr": "", "/boot/armbianEnv.txt": "verbosity=1\n" },
    "off",
    "no argument brings IPv6 back",
  ],
  [
    "extlinux.conf that U-Boot reads in another way",
    {
      ...BARE,
      "/boot/extlinux/extlinux.conf": `ONTIMEOUT l0\nDEFAULT l1\nLABEL l0\n LINUX /vmlinuz\n APPEND ${OFF}\nLABEL l1\n LINUX /vmlinuz\n APPEND quiet\n`,
    },
    "unknown",
    "pxe_utils.c: the last one counts",
  ],
  ["Raspberry Pi", pi("[all]\narm_64bit=1\nkernel=kernel8.img\n"), "off", "config.txt"],
  ["Raspberry Pi with U-Boot", pi("[pi4]\nkernel=uboot_rpi_4.bin\n"), "on", "it depends on the model"],
  ["Raspberry Pi with U-Boot for all", pi("kernel=u-boot.bin\n"), "unknown", "config.txt, kernel"],
  ["Raspberry Pi with UEFI", pi("armstub=RPI_EFI.fd\n"), "unknown", "config.txt, armstub"],
  [
    "Raspberry Pi with another partition",
    pi("", { [`${FIRMWARE}/autoboot.txt`]: "[all]\ntryboot_a_b=1\nboot_partition=2\n" }),
    "unknown",
    "autoboot.txt",
  ],
  [
    "Raspberry Pi with a prefix",
    pi("os_prefix=current/\n", { [`${FIRMWARE}/current/cmdline.txt`]: "console=tty1\n" }),
    "unknown",
    "config.txt, os_prefix: it is left out where no kernel lies there",
  ],
  [
    "Raspberry Pi with a prefix alone",
    without(
      pi("os_prefix=current/\n", { [`${FIRMWARE}/current/cmdline.txt`]: `console=tty1 ${OFF}\n` }),
      `${FIRMWARE}/cmdline.txt`,
    ),
    "off",
    "config.txt, os_prefix",
  ],
  ["systemd-boot, a kernel", entries("", "title B\nsort-key z\nlinux /k\n"), "off", "systemd-boot(7)"],
  [
    "systemd-boot, the default a program",
    entries("default b.conf\n", "title B\nsort-key z\nefi /EFI/other.efi\n"),
    "unknown",
    "boot.c: efi",
  ],
  [
    "systemd-boot, the first a unified image",
    entries("", "title B\nsort-key a\nuki /EFI/other.efi\n"),
    "unknown",
    "boot.c: uki",
  ],
  [
    "systemd-boot, a unified image for a kernel",
    entries("default b.conf\n", `title B\nlinux /EFI/own/linux.efi\noptions ${OFF}\n`),
    "unknown",
    "systemd-stub(7): with Secure Boot its own arguments hold",
  ],
  [
    "systemd-boot, one that is nothing",
    entries("default b.conf\n", "title B\nlinux /k\nefi /EFI/other.efi\n"),
    "off",
    "boot.c: one that starts two things is bad",
  ],
  [
    "systemd-boot, another preferred",
    entries("preferred b*\n", "title B\nsort-key z\nlinux /k\n"),
    "unknown",
    "loader.conf(5)",
  ],
  [
    "GRUB legacy, two files",
    { ...BARE, "/boot/grub/menu.lst": legacy(OFF), "/boot/grub/grub.conf": legacy("") },
    "unknown",
    "stage2: the name is built in",
  ],
  [
    "GRUB legacy, one file by two names",
    { ...BARE, "/boot/grub/menu.lst": { link: "./grub.conf" }, "/boot/grub/grub.conf": legacy(OFF) },
    "off",
    "the same file",
  ],
];

truthTable("boot loaders that are not followed", ROWS);

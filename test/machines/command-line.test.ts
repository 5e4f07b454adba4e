import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { cmdline, MODULAR, SET } from "./settings.ts";

function config(...lines: readonly string[]): FlatFiles {
  return { "/boot/config-6.1.0-18-cloud-amd64": `${[...lines, "CONFIG_IPV6=y"].join("\n")}\n` };
}

const BLACKLISTED: FlatFiles = { ...DEBIAN_12, ...cmdline("initcall_blacklist=inet6_init") };

/** Arguments whose effect depends on how the kernel was built. */
const OPTIONS: readonly Cells[] = [
  ["initcall_blacklist", BLACKLISTED, "off", "init/main.c, initcall_blacklisted; a booted 6.1"],
  [
    "initcall_blacklist, with KALLSYMS",
    { ...BLACKLISTED, ...config("CONFIG_KALLSYMS=y") },
    "off",
    "init/main.c, initcall_blacklisted",
  ],
  [
    "initcall_blacklist, without KALLSYMS",
    { ...BLACKLISTED, ...config("# CONFIG_KALLSYMS is not set") },
    "on",
    "init/main.c: initcall_blacklist requires CONFIG_KALLSYMS",
  ],
  [
    "initcall_blacklist of a module",
    { ...BLACKLISTED, ...MODULAR },
    "off",
    "kernel/module/main.c, do_init_module: do_one_initcall; a module loaded in a booted 6.1",
  ],
];

const BOOTCONFIG: FlatFiles = { ...DEBIAN_12, ...cmdline("bootconfig") };

/** More arguments from the end of the initramfs, which is not read. */
const BEHIND_INITRAMFS: readonly Cells[] = [
  ["bootconfig", { ...BOOTCONFIG, ...config("CONFIG_BOOT_CONFIG=y") }, "unknown", "bootconfig.rst"],
  ["bootconfig, sysctl", { ...BOOTCONFIG, ...SET }, "off", "bootconfig.rst: it comes before the line"],
  [
    "bootconfig, ipv6.disable",
    { ...DEBIAN_12, ...cmdline("bootconfig ipv6.disable=1") },
    "off",
    "bootconfig.rst: it comes before the line",
  ],
  [
    "bootconfig, not built in",
    { ...BOOTCONFIG, ...config("# CONFIG_BOOT_CONFIG is not set") },
    "on",
    "init/main.c, setup_boot_config",
  ],
  ["bootconfig, for init", { ...DEBIAN_12, ...cmdline("-- bootconfig") }, "on", "kernel/params.c: --"],
];

/** A grub.cfg whose entry gets `argument` where `condition` holds. */
function grub(condition: string, argument: string): FlatFiles {
  const text = `if ${condition}; then\n set x="${argument}"\nfi\nmenuentry 'Debian' {\n\tlinux /boot/vmlinuz-6.1.0-18-cloud-amd64 root=/dev/sda1 ro quiet $x\n}\n`;
  return { ...DEBIAN_12, "/boot/grub/grub.cfg": text };
}

const EFI = '[ "$grub_platform" = "efi" ]';

/** Lines that only the running machine knows. */
const UNTOLD: readonly Cells[] = [
  ["ipv6.disable with EFI only", grub(EFI, "ipv6.disable=1"), "unknown", "GRUB manual: grub_platform"],
  ["ipv6.disable on some processors", grub("cpuid -l", "ipv6.disable=1"), "unknown", "GRUB manual: cpuid"],
  ["ipv6.disable=0 with EFI only", grub(EFI, "ipv6.disable=0"), "on", "either way it is on"],
  [
    "ipv6.disable with EFI only, sysctl",
    { ...grub(EFI, "ipv6.disable=1"), ...SET },
    "off",
    "either way it is off",
  ],
  [
    "ipv6.disable_ipv6 with EFI only",
    grub(EFI, "ipv6.disable_ipv6=1"),
    "unknown",
    "GRUB manual: grub_platform",
  ],
  ["another argument with EFI only", grub(EFI, "noefi"), "on", "either way it is on"],
];

const HEAD = `load_env
if [ "\${next_entry}" ] ; then
  set default="\${next_entry}"
  set next_entry=
  save_env next_entry
else
  set default="\${saved_entry}"
fi
`;

/** GRUB with two entries, of which the second boots next; arguments of both. */
function once(saved: string, next: string, head: string = HEAD): FlatFiles {
  const entry = (id: string, args: string): string =>
    `menuentry '${id}' --id ${id} {\n\tlinux /boot/vmlinuz-6.1.0-18-cloud-amd64 root=/dev/sda1 ro ${args}\n}\n`;
  return {
    ...DEBIAN_12,
    "/boot/grub/grub.cfg": `${head}${entry("a", saved)}${entry("b", next)}`,
    "/boot/grub/grubenv": "# GRUB Environment Block\nsaved_entry=a\nnext_entry=b\n####",
  };
}

/** An entry that grub-reboot has set. */
const ONCE: readonly Cells[] = [
  ["next_entry off, then on", once("", "ipv6.disable=1"), "unknown", "grub-reboot(8)"],
  ["next_entry off, then off", once("ipv6.disable=2", "ipv6.disable=1"), "off", "grub-reboot(8)"],
  ["next_entry on, then off", once("ipv6.disable=1", ""), "on", "grub-reboot(8)"],
  ["next_entry off, sysctl", { ...once("", "ipv6.disable=1"), ...SET }, "off", "grub-reboot(8)"],
  [
    "next_entry off, then what the machine tells",
    once("$x", "ipv6.disable=1", `if ${EFI}; then set x=ipv6.disable=1; fi\n${HEAD}`),
    "unknown",
    "grub-reboot(8)",
  ],
  [
    "next_entry off, and never cleared",
    once("", "ipv6.disable=1", HEAD.replace("  save_env next_entry\n", "")),
    "off",
    "GRUB manual: save_env",
  ],
];

truthTable("arguments of the kernel", OPTIONS);
truthTable("arguments behind the initramfs", BEHIND_INITRAMFS);
truthTable("arguments that depend on the machine", UNTOLD);
truthTable("an entry that boots once", ONCE);

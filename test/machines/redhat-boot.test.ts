import type { FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { amazon2, bls, grub, redHat, redHat7, wanted } from "./distributions.ts";
import { ifcfg, OFF, ROOT, SET, without } from "./settings.ts";

const EL8 = "4.18.0-553.el8_10.x86_64";
/** RHEL 8 keeps the options of all entries in grubenv. */
const el8 = (kernelopts: string): FlatFiles => ({
  ...without(redHat("8.10"), "/boot/loader/entries"),
  [`/boot/config-${EL8}`]: "CONFIG_IPV6=y\n",
  ...bls("$kernelopts $tuned_params", EL8),
  "/boot/grub2/grubenv": `# GRUB Environment Block\nsaved_entry=0123456789abcdef0123456789abcdef-${EL8}\nkernelopts=${ROOT} ${kernelopts}\n`,
});

const BOOT: readonly Cells[] = [
  ["9, entry", { ...redHat("9.4"), ...bls(`${ROOT} ipv6.disable=1`) }, "off", "af_inet6.c"],
  [
    "9, ipv6.disable_ipv6=1",
    { ...redHat("9.4"), ...bls(`${ROOT} ipv6.disable_ipv6=1`) },
    "on",
    "NetworkManager writes 0",
  ],
  [
    "9, only /etc/default/grub",
    { ...redHat("9.4"), "/etc/default/grub": 'GRUB_CMDLINE_LINUX="ipv6.disable=1"\n' },
    "on",
    "entries are what counts",
  ],
  [
    "9, only /etc/kernel/cmdline",
    { ...redHat("9.4"), "/etc/kernel/cmdline": `${ROOT} ipv6.disable=1\n` },
    "on",
    "for kernels installed later",
  ],
  [
    "9, kernelopts nobody uses",
    { ...redHat("9.4"), "/boot/grub2/grubenv": "# GRUB Environment Block\nkernelopts=ipv6.disable=1\n" },
    "on",
    "the entry does not expand it",
  ],
  ["8, kernelopts", el8("ipv6.disable=1"), "off", "blscfg.c expands $kernelopts"],
  ["8, kernelopts without", el8("crashkernel=auto"), "on", "blscfg.c"],
  ["8, twice", el8("ipv6.disable=1 ipv6.disable=0"), "on", "the last one wins"],
  [
    "9, older entry has it",
    {
      ...redHat("9.4"),
      "/boot/loader/entries/0123456789abcdef0123456789abcdef-5.14.0-300.el9.x86_64.conf": `title Old\nversion 5.14.0-300.el9.x86_64\nlinux /vmlinuz-5.14.0-300.el9.x86_64\noptions ${ROOT} ipv6.disable=1\n`,
    },
    "on",
    "the newest is the default",
  ],
  [
    "9, rescue entry has it",
    {
      ...redHat("9.4"),
      "/boot/loader/entries/0123456789abcdef0123456789abcdef-0-rescue.conf": `title Rescue\nversion 0-rescue\nlinux /vmlinuz-0-rescue\noptions ${ROOT} ipv6.disable=1\n`,
    },
    "on",
    "sorted last",
  ],
];

const OLDER: readonly Cells[] = [
  [
    "7, network service, sysctl",
    {
      ...redHat7(),
      ...SET,
      ...ifcfg("IPV6INIT=no\n"),
      "/etc/rc.d/rc3.d/S10network": { link: "../init.d/network" },
    },
    "off",
    "ifup-ipv6 never writes the switch",
  ],
  [
    "7, network service, IPV6INIT=no only",
    {
      ...redHat7(),
      ...ifcfg("IPV6INIT=no\n"),
      "/etc/sysconfig/network": "NETWORKING=yes\nNETWORKING_IPV6=no\n",
      "/etc/rc.d/rc3.d/S10network": { link: "../init.d/network" },
    },
    "on",
    "initscripts 9.49",
  ],
  [
    "7, NetworkManager, sysctl, IPV6INIT=yes",
    { ...redHat7(), ...SET, ...ifcfg("IPV6INIT=yes\n"), ...wanted("NetworkManager.service") },
    "on",
    "NetworkManager 1.18 writes 0 for auto",
  ],
  [
    "7, NetworkManager, NM_CONTROLLED=no",
    {
      ...redHat7(),
      ...SET,
      "/boot/grub2/grub.cfg": grub("3.10.0-1160.el7.x86_64", "net.ifnames=0"),
      ...ifcfg("NM_CONTROLLED=no\n"),
      ...wanted("NetworkManager.service"),
      "/etc/rc.d/rc3.d/S10network": { link: "../init.d/network" },
    },
    "off",
    "ifcfg-rh: unmanaged",
  ],
  [
    "7, command line",
    { ...redHat7(), "/boot/grub2/grub.cfg": grub("3.10.0-1160.el7.x86_64", "ipv6.disable=1") },
    "off",
    "af_inet6.c",
  ],
  [
    "7, modprobe options, built in",
    {
      ...redHat7(),
      "/etc/modprobe.d/ipv6.conf": "options ipv6 disable=1\ninstall ipv6 /bin/true\n",
      ...ifcfg(""),
    },
    "on",
    "modprobe is not asked",
  ],
  ["Amazon 2, nothing set", amazon2(), "on", "initscripts"],
  ["Amazon 2, sysctl", { ...amazon2(), ...SET }, "off", "initscripts never writes the switch"],
  ["Amazon 2, sysctl.conf", { ...amazon2(), "/etc/sysctl.conf": OFF }, "off", "99-sysctl.conf"],
  [
    "Amazon 2, eth0 by name",
    { ...amazon2(), "/etc/sysctl.d/1.conf": "net.ipv6.conf.eth0.disable_ipv6=1\n" },
    "off",
    "net.ifnames=0; udev applies it when the card appears",
  ],
  [
    "Amazon 2, eth1 by name",
    { ...amazon2(), "/etc/sysctl.d/1.conf": "net.ipv6.conf.eth1.disable_ipv6=1\n" },
    "on",
    "another card",
  ],
];

truthTable("boot entries", BOOT);
truthTable("initscripts", OLDER);

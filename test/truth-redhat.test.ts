import {
  amazon2,
  amazon2023,
  bls,
  coreOs,
  fedora,
  grub,
  redHat,
  redHat7,
  wanted,
} from "./support/distributions.ts";
import type { FlatFiles } from "./support/machine.ts";
import { type Cells, truthTable } from "./support/truth-case.ts";

const OFF = "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n";
const SET: FlatFiles = { "/etc/sysctl.d/70-ipv6.conf": OFF };
const ROOT = "root=UUID=33333333-3333-4333-8333-333333333333 ro";
const keyfile = (ipv6: string, connection = ""): FlatFiles => ({
  "/etc/NetworkManager/system-connections/eth0.nmconnection": `[connection]\nid=eth0\ntype=ethernet\n${connection}[ipv4]\nmethod=auto\n${ipv6}`,
});
const ifcfg = (text: string): FlatFiles => ({
  "/etc/sysconfig/network-scripts/ifcfg-eth0": `DEVICE=eth0\nBOOTPROTO=dhcp\nONBOOT=yes\nTYPE=Ethernet\n${text}`,
});
const without = (files: FlatFiles, path: string): FlatFiles =>
  Object.fromEntries(Object.entries(files).filter(([one]) => !one.startsWith(path)));
const EL8 = "4.18.0-553.el8_10.x86_64";
/** RHEL 8 keeps the options of all entries in grubenv. */
const el8 = (kernelopts: string): FlatFiles => ({
  ...without(redHat("8.10"), "/boot/loader/entries"),
  [`/boot/config-${EL8}`]: "CONFIG_IPV6=y\n",
  ...bls("$kernelopts $tuned_params", EL8),
  "/boot/grub2/grubenv": `# GRUB Environment Block\nsaved_entry=0123456789abcdef0123456789abcdef-${EL8}\nkernelopts=${ROOT} ${kernelopts}\n`,
});
const tuned = (profile: string): FlatFiles => ({
  ...wanted("tuned.service"),
  "/etc/tuned/active_profile": "mine\n",
  "/etc/tuned/mine/tuned.conf": profile,
});
const NETWORK_MANAGER: readonly Cells[] = [
  ["9, nothing set", redHat("9.4"), "on", "nm-device.c: ip6_managed_setup"],
  [
    "9, sysctl, no profile",
    { ...redHat("9.4"), ...SET },
    "on",
    "auto-default connection has ipv6.method auto",
  ],
  [
    "9, sysctl, profile without ipv6",
    { ...redHat("9.4"), ...SET, ...keyfile("") },
    "on",
    "nm-settings(5): auto",
  ],
  [
    "9, method=disabled",
    { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=disabled\n") },
    "off",
    "NetworkManager 1.20",
  ],
  [
    "9, method=disabled, another card",
    { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=disabled\n", "interface-name=eth7\n") },
    "on",
    "the first card is not eth7; auto-default",
  ],
  [
    "9, method=ignore",
    { ...redHat("9.4"), ...SET, ...keyfile("[ipv6]\nmethod=ignore\n") },
    "off",
    "nm-settings(5): ignore",
  ],
  [
    "9, method=ignore, nothing set",
    { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=ignore\n") },
    "on",
    "the kernel configures it",
  ],
  [
    "9, method=link-local",
    { ...redHat("9.4"), ...SET, ...keyfile("[ipv6]\nmethod=link-local\n") },
    "on",
    "writes 0",
  ],
  [
    "9, no autoconnect",
    { ...redHat("9.4"), ...SET, ...keyfile("[ipv6]\nmethod=disabled\n", "autoconnect=false\n") },
    "partial",
    "nm-device.c: taken over, nothing started",
  ],
  [
    "9, no-auto-default, no profile",
    { ...redHat("9.4"), ...SET, "/etc/NetworkManager/conf.d/x.conf": "[main]\nno-auto-default=*\n" },
    "partial",
    "taken over all the same",
  ],
  [
    "9, unmanaged",
    { ...redHat("9.4"), ...SET, "/etc/NetworkManager/conf.d/x.conf": "[keyfile]\nunmanaged-devices=*\n" },
    "off",
    "NetworkManager.conf(5)",
  ],
  [
    "9, two profiles, priority",
    {
      ...redHat("9.4"),
      ...keyfile("[ipv6]\nmethod=disabled\n", "autoconnect-priority=10\n"),
      "/etc/NetworkManager/system-connections/b.nmconnection":
        "[connection]\nid=b\ntype=ethernet\n[ipv6]\nmethod=auto\n",
    },
    "off",
    "nm-settings(5): higher priority first",
  ],
  [
    "9, profile of the vendor hidden by /etc",
    {
      ...redHat("9.4"),
      "/usr/lib/NetworkManager/system-connections/eth0.nmconnection":
        "[connection]\ntype=ethernet\n[ipv6]\nmethod=disabled\n",
      ...keyfile("[ipv6]\nmethod=auto\n"),
    },
    "on",
    "keyfile plugin: /etc first",
  ],
  [
    "9, NetworkManager disabled",
    { ...without(redHat("9.4"), "/etc/systemd/system/multi-user.target.wants/NetworkManager"), ...SET },
    "off",
    "nobody else writes",
  ],
  [
    "9, NetworkManager masked",
    { ...redHat("9.4"), ...SET, "/etc/systemd/system/NetworkManager.service": { link: "/dev/null" } },
    "off",
    "systemd.unit(5)",
  ],
  [
    "9, ifcfg IPV6INIT=no",
    {
      ...redHat("9.4"),
      ...SET,
      ...ifcfg("IPV6INIT=no\n"),
      "/usr/lib64/NetworkManager/1.46.0-8.el9/libnm-settings-plugin-ifcfg-rh.so": "",
    },
    "off",
    "nms-ifcfg-rh-reader.c: ignore",
  ],
  [
    "9, ifcfg IPV6_DISABLED",
    {
      ...redHat("9.4"),
      ...ifcfg("IPV6_DISABLED=yes\n"),
      "/usr/lib64/NetworkManager/1.46.0-8.el9/libnm-settings-plugin-ifcfg-rh.so": "",
    },
    "off",
    "nms-ifcfg-rh-reader.c",
  ],
  [
    "9, ifcfg IPV6INIT=no and nothing else",
    {
      ...redHat("9.4"),
      ...ifcfg("IPV6INIT=no\nIPV6_AUTOCONF=no\n"),
      "/etc/sysconfig/network": "NETWORKING_IPV6=no\n",
    },
    "on",
    "read by nothing",
  ],
  ["9, ifcfg IPV6INIT=yes", { ...redHat("9.4"), ...SET, ...ifcfg("IPV6INIT=yes\n") }, "on", "method auto"],
  [
    "10, ifcfg is dead",
    { ...redHat("10.0"), ...SET, ...ifcfg("IPV6INIT=no\n") },
    "on",
    "RHEL 10: no ifcfg plugin; auto-default",
  ],
  [
    "Fedora 40, ifcfg without the plugin",
    { ...fedora("40"), ...SET, ...ifcfg("IPV6INIT=no\n") },
    "on",
    "NetworkManager-initscripts-ifcfg-rh is a package of its own",
  ],
  [
    "Fedora 40, ifcfg IPV6_DISABLED without the plugin",
    { ...fedora("40"), ...ifcfg("IPV6_DISABLED=yes\n") },
    "on",
    "same",
  ],
  [
    "Fedora 40, ifcfg with the plugin",
    {
      ...fedora("40"),
      ...ifcfg("IPV6_DISABLED=yes\n"),
      "/usr/lib64/NetworkManager/1.46.2-1.fc40/libnm-settings-plugin-ifcfg-rh.so": "",
    },
    "off",
    "nms-ifcfg-rh-reader.c",
  ],
  ["Fedora CoreOS, sysctl", { ...coreOs(), ...SET }, "on", "auto-default connection"],
  [
    "Fedora CoreOS, keyfile",
    { ...coreOs(), ...keyfile("[ipv6]\nmethod=disabled\n") },
    "off",
    "NetworkManager 1.46",
  ],
  [
    "Oracle 8, TuneD applies sysctl once more",
    { ...redHat("8.10", "ol"), ...SET, ...tuned("[main]\nsummary=x\n[sysctl]\nvm.swappiness=10\n") },
    "unknown",
    "plugin_sysctl.py: reapply_sysctl, in a race",
  ],
  [
    "Oracle 8, TuneD without sysctl",
    { ...redHat("8.10", "ol"), ...SET, ...tuned("[cpu]\ngovernor=performance\n") },
    "on",
    "plugin_sysctl.py is not loaded",
  ],
  [
    "dispatcher script",
    {
      ...redHat("9.4"),
      ...SET,
      ...keyfile("[ipv6]\nmethod=ignore\n"),
      "/etc/NetworkManager/dispatcher.d/30-v6":
        "#!/bin/sh\necho 0 > /proc/sys/net/ipv6/conf/$1/disable_ipv6\n",
    },
    "unknown",
    "NetworkManager-dispatcher(8)",
  ],
  ["openEuler, sysctl, no profile", { ...redHat("22.03", "openEuler"), ...SET }, "on", "as RHEL"],
];

const SYSCTL: readonly Cells[] = [
  [
    "9, only /etc/sysctl.conf, unmanaged",
    {
      ...redHat("9.4"),
      "/etc/sysctl.conf": OFF,
      "/etc/NetworkManager/conf.d/x.conf": "[keyfile]\nunmanaged-devices=*\n",
    },
    "off",
    "99-sysctl.conf is a link to it",
  ],
  [
    "9, link gone, unmanaged",
    {
      ...without(redHat("9.4"), "/etc/sysctl.d/99"),
      "/etc/sysctl.conf": OFF,
      "/etc/NetworkManager/conf.d/x.conf": "[keyfile]\nunmanaged-devices=*\n",
    },
    "on",
    "systemd-sysctl does not read it",
  ],
];

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

const AMAZON_2023: readonly Cells[] = [
  ["nothing set", amazon2023(), "on", "80-ec2.network: DHCP=yes"],
  ["sysctl", { ...amazon2023(), ...SET }, "on", "networkd 252 writes 0"],
  [
    "drop-in LinkLocalAddressing=no",
    {
      ...amazon2023(),
      ...SET,
      "/etc/systemd/network/80-ec2.network.d/v6.conf": "[Network]\nLinkLocalAddressing=no\n",
    },
    "off",
    "networkd-link.c",
  ],
  [
    "drop-in DHCP=ipv4 only",
    {
      ...amazon2023(),
      ...SET,
      "/etc/systemd/network/80-ec2.network.d/v6.conf": "[Network]\nDHCP=ipv4\nIPv6AcceptRA=no\n",
    },
    "on",
    "link-local addressing is on by default",
  ],
  [
    "vendor file masked",
    { ...amazon2023(), ...SET, "/etc/systemd/network/80-ec2.network": { link: "/dev/null" } },
    "off",
    "systemd.network(5)",
  ],
  [
    "own file with the same name",
    {
      ...amazon2023(),
      ...SET,
      "/etc/systemd/network/80-ec2.network":
        "[Match]\nDriver=ena\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=ipv4\n",
    },
    "off",
    "systemd.network(5): /etc first",
  ],
  [
    "earlier file matches",
    {
      ...amazon2023(),
      ...SET,
      "/etc/systemd/network/10-x.network":
        "[Match]\nName=en*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n",
    },
    "off",
    "the first that fits",
  ],
  [
    "command line",
    { ...amazon2023(), ...bls(`${ROOT} ipv6.disable=1`, "6.1.94-99.176.amzn2023.x86_64") },
    "off",
    "af_inet6.c",
  ],
];

truthTable("NetworkManager", NETWORK_MANAGER);
truthTable("sysctl", SYSCTL);
truthTable("boot entries", BOOT);
truthTable("initscripts", OLDER);
truthTable("Amazon Linux 2023", AMAZON_2023);

import { bls, enable, grub, without } from "./parts.ts";
import {
  amazon2,
  amazon2023,
  centos7,
  fedora,
  fedoraCoreos,
  openEuler,
  oracle8,
  rhel7,
  rhel8,
  rhel9,
  rhel9Renamed,
  rhel10,
  rhel10Bare,
} from "./redhat.ts";
import { type Case, check, HARDENED, OFF_LINES, sysctl } from "./run.ts";

const SYSCTL = "systemd-sysctl(8), sysctl.d(5)";
const NM = "nm-device.c, ip6_managed_setup; run with 1.42 and 1.52";
const SCRIPTS = "initscripts, ifup-ipv6: never writes disable_ipv6";
const IFCFG = "nms-ifcfg-rh-reader.c, make_ip6_setting";
const NO_PLUGIN = "no libnm-settings-plugin-ifcfg-rh.so: RHEL 10, Fedora 36";
const NETWORKD = "systemd.network(5); systemd-networkd run from 245 to 257";

const EL8 = "4.18.0-553.el8_10.x86_64";
const EL9 = "5.14.0-427.13.1.el9_4.x86_64";
const ifcfg = (more: string): Case[1] => ({
  "/etc/sysconfig/network-scripts/ifcfg-eth0": `DEVICE=eth0\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=dhcp\n${more}`,
});
const profile = (ipv6: string, connection = ""): Case[1] => ({
  "/etc/NetworkManager/system-connections/x.nmconnection": `[connection]\nid=x\ntype=ethernet\n${connection}\n[ipv4]\nmethod=auto\n\n${ipv6}`,
});
const nm = (text: string): Case[1] => ({ "/etc/NetworkManager/conf.d/x.conf": text });

check("as they come", [
  ["RHEL 7", rhel7, "on", IFCFG],
  ["CentOS 7 without NetworkManager", centos7, "on", SCRIPTS],
  ["RHEL 8", rhel8, "on", IFCFG],
  ["RHEL 9", rhel9, "on", NM],
  ["RHEL 10", rhel10, "on", NM],
  ["Fedora", fedora, "on", NM],
  ["Fedora CoreOS", fedoraCoreos, "on", NM],
  ["Oracle Linux 8", oracle8, "on", IFCFG],
  ["openEuler", openEuler, "on", IFCFG],
  ["Amazon Linux 2, NETWORKING_IPV6=no", amazon2, "on", SCRIPTS],
  ["Amazon Linux 2023", amazon2023, "on", NETWORKD],
]);

check("hardened by sysctl.d", [
  ["RHEL 7, IPV6INIT=no", { ...rhel7, ...HARDENED }, "off", IFCFG],
  ["CentOS 7", { ...centos7, ...HARDENED }, "off", SCRIPTS],
  ["CentOS 7, sysctl.conf", { ...centos7, ...sysctl(OFF_LINES, "/etc/sysctl.conf") }, "off", SYSCTL],
  ["RHEL 8, IPV6INIT=yes", { ...rhel8, ...HARDENED }, "on", IFCFG],
  ["RHEL 9, no profile", { ...rhel9, ...HARDENED }, "on", NM],
  ["RHEL 10", { ...rhel10, ...HARDENED }, "on", NM],
  ["Fedora", { ...fedora, ...HARDENED }, "on", NM],
  ["Fedora CoreOS", { ...fedoraCoreos, ...HARDENED }, "on", NM],
  ["Oracle Linux 8", { ...oracle8, ...HARDENED }, "on", IFCFG],
  ["openEuler", { ...openEuler, ...HARDENED }, "on", IFCFG],
  ["Amazon Linux 2", { ...amazon2, ...HARDENED }, "off", SCRIPTS],
  ["Amazon Linux 2023", { ...amazon2023, ...HARDENED }, "on", NETWORKD],
]);

check("one card by name", [
  ["eth0", { ...amazon2, ...sysctl("net.ipv6.conf.eth0.disable_ipv6=1\n") }, "off", "net.ifnames=0"],
  ["eth1", { ...amazon2, ...sysctl("net.ipv6.conf.eth1.disable_ipv6=1\n") }, "on", "net.ifnames=0"],
  ["that of ifcfg-eth0", { ...centos7, ...sysctl("net.ipv6.conf.eth0.disable_ipv6=1\n") }, "off", SYSCTL],
]);

check("ifcfg files", [
  ["RHEL 8, IPV6INIT=no", { ...rhel8, ...ifcfg("IPV6INIT=no\n") }, "on", IFCFG],
  ["RHEL 8, IPV6INIT=no, hardened", { ...rhel8, ...HARDENED, ...ifcfg("IPV6INIT=no\n") }, "off", IFCFG],
  [
    "RHEL 8, plugins=keyfile, hardened",
    { ...rhel8, ...HARDENED, ...nm("[main]\nplugins=keyfile\n"), ...ifcfg("IPV6INIT=no\n") },
    "on",
    "NetworkManager.conf(5), plugins",
  ],
  ["RHEL 9, IPV6_DISABLED", { ...rhel9, ...ifcfg("IPV6_DISABLED=yes\n") }, "off", IFCFG],
  ["RHEL 10, IPV6_DISABLED", { ...rhel10, ...ifcfg("IPV6_DISABLED=yes\n") }, "on", NO_PLUGIN],
  ["RHEL 10, IPV6INIT=no, hardened", { ...rhel10, ...HARDENED, ...ifcfg("IPV6INIT=no\n") }, "on", NO_PLUGIN],
  ["the same by release", { ...rhel10Bare, ...HARDENED, ...ifcfg("IPV6INIT=no\n") }, "on", NO_PLUGIN],
  ["Fedora, hardened", { ...fedora, ...HARDENED, ...ifcfg("IPV6INIT=no\n") }, "on", NO_PLUGIN],
  [
    "RHEL 7, IPV6_DISABLED",
    { ...rhel7, ...ifcfg("IPV6INIT=yes\nIPV6_DISABLED=yes\n") },
    "on",
    "NetworkManager 1.20 NEWS",
  ],
  [
    "RHEL 7, NM_CONTROLLED=no, hardened",
    { ...rhel7, ...HARDENED, ...ifcfg("IPV6INIT=yes\nNM_CONTROLLED=no\n") },
    "off",
    SCRIPTS,
  ],
]);

check("NetworkManager", [
  ["disabled", { ...rhel9, ...profile("[ipv6]\nmethod=disabled\n") }, "off", NM],
  [
    "disabled, for ens192",
    { ...rhel9Renamed, ...profile("[ipv6]\nmethod=disabled\n", "interface-name=ens192\n") },
    "off",
    NM,
  ],
  [
    "disabled, before 1.20",
    { ...without(rhel7, /ifcfg/), ...profile("[ipv6]\nmethod=disabled\n") },
    "on",
    NM,
  ],
  ["ignore", { ...rhel9, ...profile("[ipv6]\nmethod=ignore\n") }, "on", NM],
  ["ignore, hardened", { ...rhel9, ...HARDENED, ...profile("[ipv6]\nmethod=ignore\n") }, "off", NM],
  [
    "no such default",
    { ...rhel9, ...HARDENED, ...nm("[connection]\nipv6.method=disabled\n") },
    "on",
    "NetworkManager.conf(5), connection section",
  ],
  [
    "unmanaged-devices, hardened",
    { ...rhel9, ...HARDENED, ...nm("[keyfile]\nunmanaged-devices=interface-name:eth0\n") },
    "off",
    "NetworkManager.conf(5)",
  ],
  [
    "[device] managed=0, hardened",
    { ...rhel9, ...HARDENED, ...nm("[device-x]\nmatch-device=interface-name:eth*\nmanaged=0\n") },
    "off",
    "NetworkManager.conf(5)",
  ],
  [
    "a rule of udev, hardened",
    { ...rhel9, ...HARDENED, "/etc/udev/rules.d/90.rules": 'SUBSYSTEM=="net", ENV{NM_UNMANAGED}="1"\n' },
    "unknown",
    "NetworkManager.conf(5), NM_UNMANAGED",
  ],
  [
    "TuneD, hardened",
    {
      ...rhel9,
      ...HARDENED,
      ...enable("tuned.service"),
      "/etc/tuned/active_profile": "virtual-guest\n",
    },
    "unknown",
    "plugin_sysctl.py, reapply_sysctl",
  ],
]);

const kernelopts = (options: string | undefined, fallback: string): Case[1] =>
  bls(EL8, "$kernelopts $tuned_params", {
    ...(options === undefined ? {} : { kernelopts: options }),
    fallback,
  });
const SNIPPETS = "grub2, blscfg.c and 10_linux";

check("command line", [
  ["$kernelopts of grubenv", { ...rhel8, ...kernelopts("ipv6.disable=1", "quiet") }, "off", SNIPPETS],
  [
    "those of grub.cfg, where grubenv has none",
    { ...rhel8, ...kernelopts(undefined, "ipv6.disable=1") },
    "off",
    SNIPPETS,
  ],
  [
    "those of grub.cfg beside grubenv's",
    { ...rhel8, ...kernelopts("quiet", "ipv6.disable=1") },
    "on",
    SNIPPETS,
  ],
  ["the snippet", { ...rhel9, ...bls(EL9, "root=UUID=aa ro ipv6.disable=1") }, "off", SNIPPETS],
  ["the start value", { ...rhel9, ...bls(EL9, "root=UUID=aa ro ipv6.disable_ipv6=1") }, "on", NM],
  [
    "only what makes snippets",
    {
      ...rhel9,
      "/etc/default/grub": 'GRUB_CMDLINE_LINUX="ipv6.disable=1"\n',
      "/etc/kernel/cmdline": "root=UUID=aa ro ipv6.disable=1\n",
    },
    "on",
    "kernel-install(8)",
  ],
  [
    "sysctl argument, 3.10",
    {
      ...centos7,
      ...grub("/boot/grub2", "3.10.0-1160.el7.x86_64", "sysctl.net.ipv6.conf.all.disable_ipv6=1", ""),
    },
    "on",
    "kernel-parameters.txt of 5.8, sysctl.*=",
  ],
  [
    "sysctl argument, Red Hat's 4.18",
    {
      ...without(centos7, /boot/),
      [`/boot/config-${EL8}`]: "CONFIG_IPV6=y\n",
      ...grub("/boot/grub2", EL8, "sysctl.net.ipv6.conf.all.disable_ipv6=1", ""),
    },
    "unknown",
    "nobody says whether it was taken over",
  ],
  [
    "sysctl argument, 5.10",
    {
      ...amazon2,
      ...grub("/boot/grub2", "5.10.225-213.878.amzn2.x86_64", "sysctl.net.ipv6.conf.all.disable_ipv6=1"),
    },
    "off",
    "kernel-parameters.txt of 5.8, sysctl.*=",
  ],
  [
    "modprobe.d about what is built in",
    {
      ...rhel8,
      "/etc/modprobe.d/x.conf": "options ipv6 disable=1\ninstall ipv6 /bin/true\nblacklist ipv6\n",
    },
    "on",
    "CONFIG_IPV6=y",
  ],
]);

check("Amazon's file for networkd, hardened", [
  [
    "LinkLocalAddressing=no",
    {
      ...amazon2023,
      ...HARDENED,
      "/etc/systemd/network/80-ec2.network.d/x.conf": "[Network]\nLinkLocalAddressing=no\n",
    },
    "off",
    NETWORKD,
  ],
  [
    "DHCP=ipv4",
    { ...amazon2023, ...HARDENED, "/etc/systemd/network/80-ec2.network.d/x.conf": "[Network]\nDHCP=ipv4\n" },
    "on",
    NETWORKD,
  ],
  [
    "masked",
    { ...amazon2023, ...HARDENED, "/etc/systemd/network/80-ec2.network": { link: "/dev/null" } },
    "off",
    NETWORKD,
  ],
]);

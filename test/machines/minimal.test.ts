import { type Cells, truthTable } from "../support/truth-table.ts";
import { alpine, arch, flatcar, photon, suse, tumbleweed, wanted } from "./distributions.ts";
import { OFF, ON, SET, without } from "./settings.ts";

const SUSE: readonly Cells[] = [
  ["15, nothing set", suse(), "on", "wicked finds no setting"],
  ["15, sysctl", { ...suse(), ...SET }, "off", "wicked writes what sysctl.d says"],
  [
    "15, sysctl.conf",
    { ...suse(), "/etc/sysctl.conf": OFF },
    "off",
    "99-sysctl.conf, and wicked reads it as well",
  ],
  [
    "15, ifsysctl on",
    {
      ...suse(),
      ...SET,
      "/etc/sysconfig/network/ifsysctl-eth0": "net.ipv6.conf.$INTERFACE.disable_ipv6 = 0\n",
    },
    "on",
    "ifsysctl.c: the interface first",
  ],
  [
    "15, ifsysctl of all interfaces on",
    {
      ...suse(),
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\n",
      "/etc/sysconfig/network/ifsysctl": "net.ipv6.conf.$SYSCTL_IF.disable_ipv6 = 0\n",
    },
    "on",
    "ifsysctl.c: $SYSCTL_IF is default, which comes before all",
  ],
  [
    "15, a later key with -",
    {
      ...suse(),
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=0\n",
      "/etc/sysctl.d/2.conf": "-net.ipv6.conf.all.disable_ipv6=1\n",
    },
    "on",
    "ifsysctl.c: `-net` is no key that it knows",
  ],
  [
    "15, default=1 and no STARTMODE",
    {
      ...suse(),
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.default.disable_ipv6=1\n",
      "/etc/sysconfig/network/ifcfg-eth0": "BOOTPROTO='dhcp'\n",
    },
    "unknown",
    "compat-suse.c: manual, so that it depends on when the card appears",
  ],
  [
    "15, ifsysctl off",
    { ...suse(), "/etc/sysconfig/network/ifsysctl-eth0": "net.ipv6.conf.$INTERFACE.disable_ipv6 = 1\n" },
    "off",
    "ifsysctl.c",
  ],
  [
    "15, default=0 with all=1",
    {
      ...suse(),
      "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=0\n",
    },
    "on",
    "ifsysctl.c: default before all",
  ],
  [
    "15, sysctl.conf of the kernel",
    { ...suse(), "/boot/sysctl.conf-5.14.21-150500.55.68-default": OFF },
    "off",
    "SUSE's systemd and wicked read it",
  ],
  [
    "15, NetworkManager",
    {
      ...without(
        suse(),
        "/etc/systemd/system/multi-user.target.wants/wicked.service",
        "/etc/systemd/system/network-online.target.wants/wicked.service",
      ),
      ...SET,
      ...wanted("NetworkManager.service"),
      "/etc/systemd/system/network.service": { link: "/usr/lib/systemd/system/NetworkManager.service" },
    },
    "on",
    "auto-default connection",
  ],
  ["Leap, sysctl", { ...suse("15.6", "opensuse-leap"), ...SET }, "off", "as SLES"],
  ["12, sysctl", { ...suse("12.5"), ...SET }, "off", "as SLES 15"],
  [
    "15, startmode off",
    { ...suse(), ...SET, "/etc/sysconfig/network/ifcfg-eth0": "STARTMODE='off'\nBOOTPROTO='dhcp'\n" },
    "off",
    "sysctl alone",
  ],
  ["Tumbleweed, nothing set", tumbleweed(), "on", "addrconf.c"],
];

const ALPINE: readonly Cells[] = [
  ["nothing set", alpine(), "on", "addrconf.c"],
  ["sysctl.conf", { ...alpine(), "/etc/sysctl.conf": OFF }, "off", "sysctl.initd"],
  ["sysctl.d", { ...alpine(), ...SET }, "off", "sysctl.initd"],
  [
    "sysctl.conf, which the service's script names",
    {
      ...alpine(),
      "/etc/init.d/sysctl":
        '#!/sbin/openrc-run\nstart() {\n\tveinfo "Ignoring $f due to"\n\tif [ -f /etc/sysctl.conf ]; then\n\t\tsysctl $quiet -p /etc/sysctl.conf\n\tfi\n}\n',
      "/etc/sysctl.conf": OFF,
    },
    "off",
    "sysctl.initd",
  ],
  [
    "sysctl.conf comes after sysctl.d",
    { ...alpine(), "/etc/sysctl.d/zz.conf": OFF, "/etc/sysctl.conf": ON },
    "on",
    "sysctl.initd",
  ],
  [
    "vendor hidden by name",
    { ...alpine(), "/usr/lib/sysctl.d/00-alpine.conf": OFF, "/etc/sysctl.d/00-alpine.conf": "#\n" },
    "on",
    "sysctl.initd: same name in /etc",
  ],
  [
    "sysctl in no runlevel",
    { ...without(alpine(), "/etc/runlevels/boot/sysctl"), "/etc/sysctl.conf": OFF },
    "on",
    "openrc(8)",
  ],
  [
    "module disabled",
    { ...alpine(), "/etc/modprobe.d/ipv6.conf": "options ipv6 disable=1\n" },
    "off",
    "modprobe.d(5)",
  ],
  [
    "install line",
    { ...alpine(), "/etc/modprobe.d/ipv6.conf": "install ipv6 /bin/true\n" },
    "off",
    "modprobe.d(5)",
  ],
  [
    "extlinux",
    {
      ...alpine(),
      "/boot/extlinux.conf":
        "DEFAULT virt\nLABEL virt\n  LINUX vmlinuz-virt\n  APPEND root=LABEL=x modules=ext4 ipv6.disable=1\n",
    },
    "off",
    "kmod reads /proc/cmdline",
  ],
  [
    "update-extlinux.conf only",
    { ...alpine(), "/etc/update-extlinux.conf": 'default_kernel_opts="ipv6.disable=1"\n' },
    "on",
    "it has not run",
  ],
  [
    "local.d",
    {
      ...alpine(),
      "/etc/sysctl.conf": OFF,
      "/etc/local.d/v6.start": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      "/etc/runlevels/default/local": { link: "/etc/init.d/local" },
    },
    "unknown",
    "openrc: local",
  ],
  [
    "local.d, not in a runlevel",
    {
      ...alpine(),
      "/etc/sysctl.conf": OFF,
      "/etc/local.d/v6.start": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "off",
    "openrc: local is not started",
  ],
  [
    "local.d, .stop",
    {
      ...alpine(),
      "/etc/sysctl.conf": OFF,
      "/etc/local.d/v6.stop": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      "/etc/runlevels/default/local": { link: "/etc/init.d/local" },
    },
    "off",
    "local.d/README",
  ],
  [
    "interfaces, pre-up",
    {
      ...alpine(),
      "/etc/network/interfaces":
        "auto eth0\niface eth0 inet dhcp\n\tpre-up echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6\n",
    },
    "off",
    "ifupdown-ng: pre-up",
  ],
  [
    "own init script",
    {
      ...alpine(),
      "/etc/sysctl.conf": OFF,
      "/etc/init.d/v6": "#!/sbin/openrc-run\nstart() {\n\tsysctl -w net.ipv6.conf.all.disable_ipv6=0\n}\n",
      "/etc/runlevels/default/v6": { link: "/etc/init.d/v6" },
    },
    "unknown",
    "openrc-run(8)",
  ],
  [
    "dhcpcd",
    {
      ...alpine(),
      "/etc/sysctl.conf": OFF,
      "/etc/runlevels/default/dhcpcd": { link: "/etc/init.d/dhcpcd" },
      "/etc/dhcpcd.conf": "duid\n",
    },
    "off",
    "dhcpcd never writes the switch",
  ],
];

const ARCH: readonly Cells[] = [
  ["nothing set", arch(), "on", "addrconf.c"],
  ["sysctl", { ...arch(), ...SET }, "on", "networkd 256 writes 0"],
  [
    "sysctl.conf",
    { ...without(arch(), "/etc/systemd/network/20-ethernet.network"), "/etc/sysctl.conf": OFF },
    "on",
    "no link to it",
  ],
  ["command line", arch("ipv6.disable=1"), "off", "af_inet6.c"],
  [
    "another entry",
    {
      ...arch(),
      "/boot/loader/entries/fallback.conf": "title Fallback\nlinux /vmlinuz-linux\noptions ipv6.disable=1\n",
    },
    "on",
    "loader.conf: default arch.conf",
  ],
  [
    "networkd without file, sysctl",
    { ...without(arch(), "/etc/systemd/network/20-ethernet.network"), ...SET },
    "off",
    "no file matches",
  ],
  [
    "dhcpcd, ipv6 off in itself",
    {
      ...without(arch(), "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"),
      ...wanted("dhcpcd.service"),
      "/etc/dhcpcd.conf": "noipv6rs\nnoipv6\n",
    },
    "on",
    "dhcpcd.conf(5)",
  ],
  [
    "NetworkManager, ignore",
    {
      ...without(arch(), "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"),
      ...SET,
      ...wanted("NetworkManager.service"),
      "/etc/NetworkManager/system-connections/a.nmconnection":
        "[connection]\ntype=ethernet\n[ipv6]\nmethod=ignore\n",
    },
    "off",
    "nm-settings(5)",
  ],
];

const OTHERS: readonly Cells[] = [
  ["Photon, nothing set", photon(), "on", "networkd"],
  ["Photon, sysctl", { ...photon(), ...SET }, "on", "networkd 253 writes 0"],
  [
    "Photon 3, LinkLocalAddressing=no",
    {
      ...photon("3.0"),
      "/etc/systemd/network/99-dhcp-en.network":
        "[Match]\nName=e*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n",
    },
    "off",
    "systemd 239 writes 1",
  ],
  [
    "Photon 5, LinkLocalAddressing=no",
    {
      ...photon(),
      "/etc/systemd/network/99-dhcp-en.network":
        "[Match]\nName=e*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n",
    },
    "partial",
    "systemd 253 writes nothing",
  ],
  ["Azure Linux, sysctl", { ...photon("3.0", "azurelinux"), ...SET }, "on", "networkd 255"],
  ["Mariner, sysctl", { ...photon("2.0", "mariner"), ...SET }, "on", "networkd 250"],
  [
    "Mariner, sysctl, the card not matched",
    {
      ...photon("2.0", "mariner"),
      ...SET,
      "/etc/systemd/network/99-dhcp-en.network": "[Match]\nName=wl*\n[Network]\nDHCP=yes\n",
    },
    "off",
    "no file matches",
  ],
  ["Flatcar, nothing set", flatcar(), "on", "zz-default.network"],
  ["Flatcar, sysctl", { ...flatcar(), ...SET }, "on", "networkd 255 writes 0"],
  [
    "Flatcar, sysctl, own units in /etc",
    { ...flatcar(), ...SET, ...wanted("docker.service") },
    "on",
    "links of /usr count as well",
  ],
  [
    "Flatcar, own file",
    {
      ...flatcar(),
      ...SET,
      "/etc/systemd/network/00-eth.network":
        "[Match]\nName=e*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n",
    },
    "off",
    "the first that fits",
  ],
  [
    "no os-release, sysctl, nothing else",
    {
      ...without(
        photon(),
        "/etc/os-release",
        "/usr/lib/os-release",
        "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service",
      ),
      ...SET,
    },
    "off",
    "systemd is there",
  ],
  ["no os-release, OpenRC, nothing set", without(alpine(), "/etc/os-release"), "on", "addrconf.c"],
  [
    "no os-release, OpenRC, sysctl in no runlevel",
    { ...without(alpine(), "/etc/os-release", "/etc/runlevels/boot/sysctl"), "/etc/sysctl.d/1.conf": OFF },
    "on",
    "OpenRC is there, systemd is not",
  ],
];

truthTable("SUSE", SUSE);
truthTable("Alpine", ALPINE);
truthTable("Arch", ARCH);
truthTable("others", OTHERS);

import {
  alpine,
  arch,
  bottlerocket,
  containerOptimized,
  flatcar,
  mariner,
  photon,
  sles15,
  tumbleweed,
} from "./others.ts";
import { enable, without } from "./parts.ts";
import { ALL_OFF, type Case, check, HARDENED, OFF_LINES, sysctl } from "./run.ts";

const NETWORKD = "systemd.network(5); systemd-networkd run from 245 to 257";
const WICKED = "wicked, client/suse/ifsysctl.c: the interface, then default, then all";
const OPENRC = "aports, main/openrc, sysctl.initd";
const KMOD = "modprobe.d(5); kmod run from 27 to 34";
const NM = "nm-device.c, ip6_managed_setup; run with 1.42 and 1.52";
const VENDOR = "systemd.unit(5): .wants folders of all unit paths";
const NAMES = "systemd.link(5), Name=; systemd.network(5), [Match] Name=";

const network = (text: string, path = "/etc/systemd/network/20-ethernet.network"): Case[1] => ({
  [path]: text,
});
const extlinux = (args: string): Case[1] => ({
  "/boot/extlinux.conf": `DEFAULT virt\nLABEL virt\n  LINUX vmlinuz-virt\n  APPEND root=UUID=aa ${args}\n`,
});
const modprobe = (text: string): Case[1] => ({ "/etc/modprobe.d/ipv6.conf": text });
const renamed = (name: string): Case[1] => ({
  ...without(arch, /20-ethernet/),
  ...HARDENED,
  "/etc/systemd/network/10-lan.link": `[Match]\nType=ether\n[Link]\nName=${name}\n`,
  "/etc/systemd/network/20-lan.network": `[Match]\nName=${name}\n[Network]\nDHCP=yes\n`,
});
const unmanaged = without(arch, /networkd|network1/);

check("as they come", [
  ["SLES 15", sles15, "on", WICKED],
  ["openSUSE Tumbleweed", tumbleweed, "on", NM],
  ["Alpine", alpine, "on", OPENRC],
  ["Arch", arch, "on", NETWORKD],
  ["Photon", photon, "on", NETWORKD],
  ["Mariner", mariner, "on", NETWORKD],
  ["Flatcar", flatcar, "on", NETWORKD],
  ["Container-Optimized OS", containerOptimized, "on", NETWORKD],
  ["Bottlerocket", bottlerocket, "on", NETWORKD],
]);

check("hardened by sysctl.d", [
  ["SLES 15", { ...sles15, ...HARDENED }, "off", WICKED],
  ["SLES 15, all alone, as YaST does", { ...sles15, ...ALL_OFF }, "off", WICKED],
  ["openSUSE Tumbleweed", { ...tumbleweed, ...HARDENED }, "on", NM],
  ["Alpine", { ...alpine, ...HARDENED }, "off", OPENRC],
  ["Alpine, sysctl.conf", { ...alpine, ...sysctl(OFF_LINES, "/etc/sysctl.conf") }, "off", OPENRC],
  ["Arch", { ...arch, ...HARDENED }, "on", NETWORKD],
  ["Photon", { ...photon, ...HARDENED }, "on", NETWORKD],
  ["Mariner", { ...mariner, ...HARDENED }, "on", NETWORKD],
  ["Flatcar", { ...flatcar, ...HARDENED }, "on", VENDOR],
  [
    "Flatcar with a service of its own in /etc",
    { ...flatcar, ...HARDENED, ...enable("docker.service") },
    "on",
    VENDOR,
  ],
  ["Container-Optimized OS", { ...containerOptimized, ...HARDENED }, "on", VENDOR],
  [
    "Bottlerocket",
    {
      ...bottlerocket,
      ...HARDENED,
      ...network("[Match]\nName=e*\n[Network]\nDHCP=yes\n", "/usr/lib/systemd/network/10-eth.network"),
    },
    "on",
    VENDOR,
  ],
]);

check("wicked", [
  [
    "default=0 before all=1",
    { ...sles15, ...sysctl("net.ipv6.conf.default.disable_ipv6=0\nnet.ipv6.conf.all.disable_ipv6=1\n") },
    "on",
    WICKED,
  ],
  ["the card by name", { ...sles15, ...sysctl("net.ipv6.conf.eth0.disable_ipv6=1\n") }, "off", WICKED],
  ["sysctl.conf", { ...sles15, ...sysctl(OFF_LINES, "/etc/sysctl.conf") }, "off", WICKED],
  [
    "ifsysctl switches on again",
    {
      ...sles15,
      ...HARDENED,
      ...sysctl("net.ipv6.conf.$INTERFACE.disable_ipv6=0\n", "/etc/sysconfig/network/ifsysctl"),
    },
    "on",
    "ifsysctl(5)",
  ],
  [
    "ifsysctl of the card",
    {
      ...sles15,
      ...sysctl("net.ipv6.conf.eth0.disable_ipv6 = 1\n", "/etc/sysconfig/network/ifsysctl-eth0"),
    },
    "off",
    "ifsysctl(5)",
  ],
]);

check("Alpine, IPv6 a module", [
  ["ipv6.disable=1", { ...alpine, ...extlinux("ipv6.disable=1") }, "off", "kmod reads /proc/cmdline"],
  ["module_blacklist", { ...alpine, ...extlinux("module_blacklist=ipv6") }, "off", "kernel/module/main.c"],
  [
    "only update-extlinux.conf",
    { ...alpine, "/etc/update-extlinux.conf": 'default_kernel_opts="quiet ipv6.disable=1"\n' },
    "on",
    "update-extlinux: a source of extlinux.conf",
  ],
  ["options", { ...alpine, ...modprobe("options ipv6 disable=1\n") }, "off", KMOD],
  ["start value", { ...alpine, ...modprobe("options ipv6 disable_ipv6=1\n") }, "off", KMOD],
  ["install", { ...alpine, ...modprobe("install ipv6 /bin/true\n") }, "off", KMOD],
  ["blacklist", { ...alpine, ...modprobe("blacklist ipv6\n") }, "unknown", "modules that need it load it"],
  [
    "sysctl in no runlevel",
    { ...without(alpine, /runlevels\/boot\/sysctl/), ...HARDENED },
    "on",
    "openrc-run(8)",
  ],
]);

const START = "/etc/local.d/ipv6.start";
const OFF = "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=1\n";
const local = { ...alpine, "/etc/runlevels/default/local": { link: "/etc/init.d/local" } };

check("Alpine, local.d", [
  ["runs", { ...local, [START]: { script: OFF } }, "unknown", "local.initd: *.start that may be executed"],
  ["may not be executed", { ...local, [START]: OFF }, "on", "local.initd"],
  ["*.stop", { ...local, "/etc/local.d/ipv6.stop": { script: OFF } }, "on", "local.initd"],
  ["local in no runlevel", { ...alpine, [START]: { script: OFF } }, "on", "openrc-run(8)"],
]);

check("networkd after the textbook setting", [
  [
    "LinkLocalAddressing=no",
    {
      ...arch,
      ...HARDENED,
      ...network("[Match]\nName=en*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n"),
    },
    "off",
    NETWORKD,
  ],
  [
    "LinkLocalAddressing=ipv4",
    {
      ...arch,
      ...HARDENED,
      ...network("[Match]\nName=en*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=ipv4\n"),
    },
    "off",
    NETWORKD,
  ],
  [
    "Name=!lo",
    { ...arch, ...HARDENED, ...network("[Match]\nName=!lo\n[Network]\nDHCP=ipv4\n") },
    "on",
    NETWORKD,
  ],
  [
    "Kind=!* and Type=ether",
    { ...arch, ...HARDENED, ...network("[Match]\nKind=!*\nType=ether\n[Network]\nDHCP=ipv4\n") },
    "on",
    NETWORKD,
  ],
  [
    "another card",
    { ...arch, ...HARDENED, ...network("[Match]\nName=wl*\n[Network]\nDHCP=yes\n") },
    "off",
    NETWORKD,
  ],
  ["a card renamed lan0", renamed("lan0"), "on", NAMES],
  ["a card renamed net0", renamed("net0"), "on", NAMES],
  ["a card that biosdevname calls em1", renamed("em1"), "on", NAMES],
  ["not enabled", { ...unmanaged, ...HARDENED }, "off", "systemctl(1), enable"],
  [
    "masked",
    {
      ...arch,
      ...HARDENED,
      "/etc/systemd/system/systemd-networkd.service": { link: "/dev/null" },
      "/etc/systemd/system/systemd-networkd.socket": { link: "/dev/null" },
    },
    "off",
    "systemctl(1), mask",
  ],
  [
    "Photon's file with a drop-in",
    {
      ...photon,
      ...HARDENED,
      ...network("[Network]\nLinkLocalAddressing=no\n", "/etc/systemd/network/99-dhcp-en.network.d/10.conf"),
    },
    "off",
    NETWORKD,
  ],
]);

const photonCfg = (args: string): Case[1] => ({
  "/boot/linux-6.1.109-1.ph5.cfg": `# GRUB Environment Block\nphoton_cmdline=init=/lib/systemd/systemd ro ${args}\nphoton_linux=vmlinuz-6.1.109-1.ph5\n`,
});

check("boot loaders", [
  ["Photon's own environment", { ...photon, ...photonCfg("ipv6.disable=1") }, "off", "GRUB manual, load_env"],
  [
    "systemd-boot, the second line of options",
    {
      ...arch,
      "/boot/loader/entries/arch.conf":
        "title Arch\nlinux /vmlinuz-linux\noptions root=/dev/vda2 rw\noptions ipv6.disable=1\n",
    },
    "off",
    "loader.conf(5), Boot Loader Specification",
  ],
  [
    "systemd-boot, another entry",
    {
      ...arch,
      "/boot/loader/entries/other.conf": "title Other\nlinux /vmlinuz-linux\noptions rw ipv6.disable=1\n",
    },
    "on",
    "loader.conf(5), default",
  ],
]);

check("other managers", [
  [
    "dhcpcd, noipv6",
    { ...unmanaged, ...enable("dhcpcd.service"), "/etc/dhcpcd.conf": "noipv6rs\nnoipv6\n" },
    "on",
    "dhcpcd.conf(5)",
  ],
  [
    "dhcpcd of one card, hardened",
    { ...unmanaged, ...HARDENED, ...enable("dhcpcd@eth0.service") },
    "off",
    "if-linux.c",
  ],
  ["ConnMan", { ...unmanaged, ...enable("connman.service") }, "on", "connman, src/ipconfig.c"],
  ["ConnMan, hardened", { ...unmanaged, ...HARDENED, ...enable("connman.service") }, "unknown", "the same"],
]);

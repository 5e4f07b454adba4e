import { DEBIAN_12, type FlatFiles, grubConfig } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import {
  alpine,
  amazon2,
  arch,
  bls,
  fedora,
  flatcar,
  redHat,
  redHat7,
  suse,
  ubuntu,
  wanted,
} from "./distributions.ts";
import { ifcfg, keyfile, netplan, OFF, SET, unit, without } from "./settings.ts";

const D = "[ipv6]\nmethod=disabled\n";
const VENDOR_NET: FlatFiles = {
  "/usr/lib/systemd/network/80-container-host0.network":
    "[Match]\nKind=veth\nName=host0\nVirtualization=container\n\n[Network]\nDHCP=yes\nLinkLocalAddressing=yes\n",
  "/usr/lib/systemd/network/80-vm-vt.network":
    "[Match]\nName=vt-*\nDriver=tun\n\n[Network]\nAddress=0.0.0.0/28\nLinkLocalAddressing=yes\nDHCPServer=yes\n",
  "/usr/lib/systemd/network/80-wifi-adhoc.network":
    "[Match]\nWLANInterfaceType=ad-hoc\n\n[Network]\nAddress=0.0.0.0/28\n",
  "/usr/lib/systemd/network/89-ethernet.network.example": "[Match]\nName=en*\n[Network]\nDHCP=yes\n",
};

const UNUSUAL: readonly Cells[] = [
  [
    "keyfile disabled for a foreign MAC",
    { ...redHat("9.4"), ...keyfile(D, "", "[ethernet]\nmac-address=52:54:00:12:34:56\n") },
    "unknown",
    "nm-settings(5): whether the card has that address",
  ],
  [
    "keyfile disabled for wifi",
    {
      ...redHat("9.4"),
      "/etc/NetworkManager/system-connections/w.nmconnection": `[connection]\nid=w\ntype=wifi\n${D}`,
    },
    "on",
    "nm-settings(5): connection.type",
  ],
  [
    "keyfile disabled for eth1",
    { ...redHat("9.4"), ...keyfile(D, "interface-name=eth1\n") },
    "on",
    "the first card is eth0: auto-default",
  ],
  [
    "keyfile disabled with a wrong name",
    {
      ...redHat("9.4"),
      "/etc/NetworkManager/system-connections/.x.nmconnection": `[connection]\ntype=ethernet\n${D}`,
    },
    "on",
    "nm_keyfile_utils_ignore_filename: hidden files",
  ],
  [
    "ifcfg-eth1 disabled",
    { ...redHat("9.4"), ...ifcfg("IPV6_DISABLED=yes\n", "eth1") },
    "on",
    "the first card is eth0: auto-default",
  ],
  [
    "plugins=keyfile, ifcfg disabled",
    {
      ...redHat("9.4"),
      ...ifcfg("IPV6_DISABLED=yes\n"),
      "/etc/NetworkManager/conf.d/p.conf": "[main]\nplugins=keyfile\n",
    },
    "on",
    "NetworkManager.conf(5): plugins",
  ],
  [
    "conf.d default ipv6.method",
    { ...redHat("9.4"), "/etc/NetworkManager/conf.d/p.conf": "[connection]\nipv6.method=disabled\n" },
    "on",
    "NetworkManager.conf(5): no default for ipv6.method",
  ],
  ["no kernel at all, sysctl", { ...without(DEBIAN_12, "/boot"), ...SET }, "off", "debatable"],
  [
    "no kernel, no loader, docker-like, NM",
    { ...without(redHat("9.4"), "/boot"), ...SET },
    "on",
    "NetworkManager writes 0",
  ],
  [
    "networkd with vendor files only, ifupdown",
    { ...DEBIAN_12, ...wanted("systemd-networkd.service"), ...VENDOR_NET, ...SET },
    "off",
    "none of the vendor's files fits a cloud's card",
  ],
  [
    "netplan for desktop",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...wanted("NetworkManager.service"),
      "/etc/netplan/50-cloud-init.yaml": "",
      "/etc/netplan/01-network-manager-all.yaml": "network:\n  version: 2\n  renderer: NetworkManager\n",
    },
    "on",
    "NetworkManager manages all: auto-default",
  ],
  [
    "netplan with a MAC",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...netplan(
        "  ethernets:\n    x:\n      match: {macaddress: '52:54:00:12:34:56'}\n      set-name: eth0\n      dhcp4: true\n",
      ),
    },
    "unknown",
    "netplan(5): whether the card has that address",
  ],
  [
    "cloud-init network disabled, no netplan",
    {
      ...without(ubuntu("24.04"), "/etc/netplan"),
      ...SET,
      "/etc/cloud/cloud.cfg": "x: 1\n",
      "/etc/cloud/cloud.cfg.d/99-disable.cfg": "network: {config: disabled}\n",
      ...wanted("cloud-init.service"),
    },
    "off",
    "networkd has no file that fits",
  ],
  [
    "cloud-init with netplan renders, sysctl",
    {
      ...without(ubuntu("24.04"), "/etc/netplan/50"),
      "/etc/netplan/README": "",
      ...SET,
      "/etc/cloud/cloud.cfg": "system_info:\n  network:\n    renderers: ['netplan', 'eni', 'sysconfig']\n",
      "/etc/systemd/system/cloud-init.target.wants/cloud-init-local.service": "",
    },
    "on",
    "cloud-init, net/netplan.py; netplan: LinkLocalAddressing=ipv6",
  ],
  [
    "el8 tuned_params",
    {
      ...without(redHat("8.10"), "/boot"),
      "/boot/config-4.18.0-553.el8_10.x86_64": "CONFIG_IPV6=y\n",
      ...bls("$kernelopts $tuned_params", "4.18.0-553.el8_10.x86_64"),
      "/boot/grub2/grubenv":
        "# GRUB Environment Block\nsaved_entry=0123456789abcdef0123456789abcdef-4.18.0-553.el8_10.x86_64\nkernelopts=root=/dev/vda1 ro\ntuned_params=ipv6.disable=1\n",
    },
    "off",
    "blscfg.c expands $tuned_params of grubenv",
  ],
  [
    "dangling networkd link",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": {
        link: "/usr/lib/systemd/system/systemd-networkd.service",
      },
    },
    "off",
    "no file of networkd's fits",
  ],
  [
    "unit not enabled, would switch off",
    {
      ...DEBIAN_12,
      "/etc/systemd/system/v6.service":
        "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n[Install]\nWantedBy=multi-user.target\n",
    },
    "on",
    "nothing starts it",
  ],
  [
    "unit enabled, switches off, ifupdown",
    {
      ...DEBIAN_12,
      ...unit(
        "/etc/systemd/system/v6.service",
        "[Unit]\nAfter=network.target\n[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n[Install]\nWantedBy=multi-user.target\n",
      ),
    },
    "unknown",
    "off, but what scripts do is not followed",
  ],
  [
    "rc.local switches off, ifupdown",
    {
      ...DEBIAN_12,
      "/etc/rc.local": "#!/bin/sh -e\necho 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6\nexit 0\n",
    },
    "unknown",
    "off, but what scripts do is not followed",
  ],
  [
    "tmpfiles off, ifupdown",
    { ...DEBIAN_12, "/etc/tmpfiles.d/v6.conf": "w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 1\n" },
    "unknown",
    "tmpfiles and sysctl run in no order",
  ],
  [
    "unit enabled, switches off, networkd",
    {
      ...ubuntu("24.04"),
      ...unit(
        "/etc/systemd/system/v6.service",
        "[Unit]\nAfter=network-online.target\n[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
      ),
    },
    "unknown",
    "networkd may write 0 before or after",
  ],
  [
    "presets enable NetworkManager at first boot",
    {
      ...without(redHat("9.4"), "/etc/systemd/system/multi-user.target.wants/NetworkManager"),
      ...SET,
      "/etc/machine-id": "uninitialized\n",
      "/usr/lib/systemd/system-preset/90-default.preset":
        "enable NetworkManager.service\nenable sshd.service\n",
      "/usr/lib/systemd/system/NetworkManager.service": "[Install]\nWantedBy=multi-user.target\nAlso=x\n",
    },
    "on",
    "manager_preset_all",
  ],
  [
    "connman",
    { ...DEBIAN_12, ...SET, ...wanted("connman.service") },
    "unknown",
    "ConnMan writes disable_ipv6 by itself",
  ],
  [
    "netctl",
    {
      ...arch(),
      ...without(arch(), "/etc/systemd/system/multi-user.target.wants/systemd-networkd"),
      "/etc/systemd/system/multi-user.target.wants/netctl@eth0.service": "",
      "/etc/netctl/eth0": "Interface=eth0\nConnection=ethernet\nIP=dhcp\n",
      "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": "",
      "/etc/systemd/system/systemd-networkd.service": { link: "/dev/null" },
      ...SET,
    },
    "unknown",
    "netctl writes disable_ipv6 by itself",
  ],
  [
    "modular, blacklist + sysctl",
    {
      ...DEBIAN_12,
      "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=m\n",
      "/etc/modprobe.d/b.conf": "blacklist ipv6\n",
      ...SET,
    },
    "unknown",
    "modprobe.d(5): a dependency still loads it",
  ],
  [
    "modular, modprobe.blacklist",
    {
      ...DEBIAN_12,
      "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=m\n",
      "/boot/grub/grub.cfg": grubConfig("modprobe.blacklist=ipv6"),
    },
    "unknown",
    "modprobe.d(5): a dependency still loads it",
  ],
  [
    "modular, install false",
    {
      ...DEBIAN_12,
      "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=m\n",
      "/etc/modprobe.d/b.conf": "install ipv6 /bin/false\n",
    },
    "off",
    "modprobe.d(5)",
  ],
  [
    "modular, install exit 0",
    {
      ...DEBIAN_12,
      "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=m\n",
      "/etc/modprobe.d/b.conf": "install ipv6 /usr/bin/true\noptions ipv6 disable=0\n",
    },
    "off",
    "modprobe.d(5): install stands in for loading",
  ],
  [
    "suse 15, NM and wicked both linked, network.service to NM",
    { ...suse(), ...SET, ...wanted("NetworkManager.service") },
    "unknown",
    "both write",
  ],
  [
    "fedora keyfile under /usr/lib disabled",
    {
      ...fedora("40"),
      "/usr/lib/NetworkManager/system-connections/e.nmconnection": `[connection]\nid=e\ntype=ethernet\n${D}`,
    },
    "off",
    "keyfile plugin: /usr/lib",
  ],
  [
    "el7 IPV6_DISABLED unknown to 1.18",
    { ...redHat7(), ...ifcfg("IPV6_DISABLED=yes\n"), ...wanted("NetworkManager.service") },
    "on",
    "nms-ifcfg-rh-reader.c of 1.18",
  ],
  [
    "el7 keyfile disabled unknown to 1.18",
    {
      ...redHat7(),
      ...SET,
      "/etc/NetworkManager/NetworkManager.conf": "[main]\nplugins=keyfile\n",
      ...keyfile(D),
      ...wanted("NetworkManager.service"),
    },
    "on",
    "refused → auto-default",
  ],
  [
    "AL2 with IPV6 sysctl in default only",
    { ...amazon2(), "/etc/sysctl.d/1.conf": "net.ipv6.conf.default.disable_ipv6=1\n" },
    "unknown",
    "depends on when the card appears",
  ],
  [
    "alpine, tmp sysctl after modules",
    { ...alpine(), "/etc/modules": "af_packet\n", "/etc/sysctl.conf": OFF },
    "unknown",
    "the module may come after the settings",
  ],
  [
    "flatcar with ignition unit",
    {
      ...flatcar(),
      ...SET,
      ...unit("/etc/systemd/system/v6.service", "[Service]\nExecStart=/usr/bin/true\n"),
    },
    "on",
    "networkd 255 writes 0",
  ],
  [
    "absolute link os-release and sysctl.d",
    {
      ...without(DEBIAN_12, "/etc/sysctl.d"),
      "/etc/sysctl.d": { link: "/usr/local/etc/sysctl.d" },
      "/usr/local/etc/sysctl.d/1.conf": OFF,
    },
    "off",
    "sysctl.d(5): links of folders",
  ],
  [
    "ON in /run is lost",
    { ...DEBIAN_12, ...SET, "/etc/sysctl.d/99-z.conf": { link: "/run/z.conf" } },
    "off",
    "/run is empty at boot",
  ],
  [
    "systemd.unit=rescue.target",
    { ...DEBIAN_12, "/boot/grub/grub.cfg": grubConfig("systemd.unit=rescue.target"), ...SET },
    "off",
    "",
  ],
];

truthTable("unusual machines", UNUSUAL);

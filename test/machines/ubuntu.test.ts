import { type FlatFiles, grubConfig } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { ubuntu, wanted } from "./distributions.ts";
import { netplan, SET } from "./settings.ts";

const UBUNTU: readonly Cells[] = [
  ["24.04, nothing set", ubuntu("24.04"), "on", "netplan writes LinkLocalAddressing=ipv6"],
  ["24.04, sysctl", { ...ubuntu("24.04"), ...SET }, "on", "systemd#33762"],
  ["22.04, sysctl", { ...ubuntu("22.04"), ...SET }, "on", "systemd 249 writes 0"],
  ["20.04, sysctl", { ...ubuntu("20.04"), ...SET }, "on", "systemd 245 writes 0"],
  [
    "18.04, sysctl",
    { ...ubuntu("18.04"), ...SET },
    "on",
    "systemd 237 writes what LinkLocalAddressing means",
  ],
  [
    "18.04, link-local: []",
    { ...ubuntu("18.04"), ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: []\n") },
    "off",
    "systemd 237 writes 1",
  ],
  [
    "24.04, link-local: []",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: []\n"),
    },
    "off",
    "networkd-link.c",
  ],
  [
    "24.04, link-local: [ ipv4 ]",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: [ ipv4 ]\n"),
    },
    "off",
    "networkd-link.c",
  ],
  [
    "24.04, accept-ra: no",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      dhcp6: false\n      accept-ra: no\n"),
    },
    "on",
    "accept-ra is about addresses",
  ],
  [
    "24.04, another file merges",
    {
      ...ubuntu("24.04"),
      ...SET,
      "/etc/netplan/99-off.yaml": "network:\n  ethernets:\n    ens5:\n      link-local: []\n",
    },
    "off",
    "netplan(5): files are merged",
  ],
  [
    "24.04, drop-in of networkd",
    {
      ...ubuntu("24.04"),
      ...SET,
      "/etc/systemd/network/10-netplan-ens5.network.d/x.conf": "[Network]\nLinkLocalAddressing=no\n",
    },
    "off",
    "systemd.network(5): drop-ins of any folder",
  ],
  [
    "24.04, NetworkManager renders, no ipv6",
    {
      ...ubuntu("24.04"),
      ...SET,
      ...wanted("NetworkManager.service"),
      ...netplan("  renderer: NetworkManager\n  ethernets:\n    ens5:\n      dhcp4: true\n"),
    },
    "off",
    "netplan nm.c: method=ignore keeps what sysctl set",
  ],
  [
    "24.04, ipv6.disable=1",
    {
      ...ubuntu("24.04"),
      "/boot/grub/grub.cfg": grubConfig("ipv6.disable=1").replaceAll(
        "6.1.0-18-cloud-amd64",
        "6.8.0-1010-aws",
      ),
    },
    "off",
    "af_inet6.c",
  ],
  [
    "24.04, in 50-cloudimg-settings.cfg only",
    {
      ...ubuntu("24.04"),
      "/etc/default/grub.d/50-cloudimg-settings.cfg": 'GRUB_CMDLINE_LINUX_DEFAULT="ipv6.disable=1"\n',
    },
    "on",
    "grub-mkconfig has not run",
  ],
  [
    "24.04, network-config by cloud.cfg.d",
    {
      ...ubuntu("24.04"),
      ...SET,
      "/etc/netplan/50-cloud-init.yaml": "",
      "/etc/cloud/cloud.cfg": "system_info:\n  network:\n    renderers: ['netplan', 'eni']\n",
      "/etc/cloud/cloud.cfg.d/99-net.cfg":
        "network:\n  version: 2\n  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: []\n",
      "/etc/systemd/system/cloud-init.target.wants/cloud-init-local.service": {
        link: "/usr/lib/systemd/system/cloud-init-local.service",
      },
    },
    "off",
    "netplan passthrough of v2",
  ],
  ...seeded(),
];

truthTable("Ubuntu", UBUNTU);

/** Off by a netplan file beside that of cloud-init, which writes what the seed says: names decide which counts. */
function seeded(): readonly Cells[] {
  const off: FlatFiles = {
    ...ubuntu("24.04"),
    ...SET,
    "/etc/cloud/cloud.cfg": "datasource_list: [NoCloud]\n",
    "/etc/netplan/99-own.yaml":
      'network:\n  ethernets:\n    all:\n      match: {name: "e*"}\n      dhcp4: true\n      link-local: []\n',
    "/etc/systemd/system/cloud-init.target.wants/cloud-init-local.service": {
      link: "/usr/lib/systemd/system/cloud-init-local.service",
    },
  };
  const network = "version: 2\nethernets:\n  aa:\n    match: {name: 'e*'}\n    dhcp6: true\n";
  return [
    ["24.04, a seed without network", off, "off", "10-netplan-all.network comes first"],
    [
      "24.04, a seed with a network",
      { ...off, "/var/lib/cloud/seed/nocloud/network-config": network },
      "unknown",
      "cloud-init, DataSourceNoCloud: network-config",
    ],
    [
      "24.04, a seed with an empty network",
      { ...off, "/var/lib/cloud/seed/nocloud/network-config": "# nothing\n" },
      "off",
      "cloud-init, DataSourceNoCloud",
    ],
    [
      "24.04, a network in the datasource's settings",
      {
        ...off,
        "/etc/cloud/cloud.cfg.d/90.cfg": `datasource:\n  NoCloud:\n    network-config: |\n${network.replace(/^/gm, "      ")}`,
      },
      "unknown",
      "cloud-init, DataSourceNoCloud: seedfrom, network-config",
    ],
  ];
}

import { NIC } from "./container.ts";
import { type Dice, enabled, LIB, OWN, type Part } from "./dice.ts";
import { packaged } from "./packages.ts";
import { started } from "./tables/starts.ts";

/** Who configures the card; `has`: whether the root has a path. */
export function manager(dice: Dice, has: (path: string) => boolean): Part {
  return dice([
    ...packaged(has),
    nobody,
    ifupdown,
    ifupdown,
    networkd,
    networkd,
    networkManager,
    networkManager,
    netplan,
    netplan,
    ports,
  ])(dice);
}

function nobody(): Part {
  return ["no manager", {}];
}

function ifupdown(dice: Dice): Part {
  const name = dice([NIC, NIC, "eth7"]);
  const start = dice(["auto", "auto", "allow-hotplug"]);
  const extra = dice([
    "",
    "",
    `  up sysctl -w net.ipv6.conf.${NIC}.disable_ipv6=0\n`,
    "  post-up echo 0 > /proc/sys/net/ipv6/conf/$IFACE/disable_ipv6\n",
    "  pre-up sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
    `iface ${name} inet6 manual\n`,
    `iface ${name} inet6 auto\n  accept_ra 0\n`,
  ]);
  const [by, starts] = started(dice, "networking.service");
  const what = dice([
    `${start} ${name}\niface ${name} inet manual\n${extra}`,
    `${start} ${name}\niface ${name} inet manual\n${extra}`,
    `${start} ${name}\niface ${name} inet static\n  address 192.0.2.5/24\n${extra}`,
    `${start} /en*\niface /en* inet manual\n${extra}`,
    `${start} ${name}=home\niface home inet manual\n${extra}`,
    `${start} ${name}\niface base inet manual\n${extra}iface ${name} inet manual inherits base\n`,
    `${start} ${name}\niface ${name} inet6 static\n  address 2001:db8::5/64\n${extra}`,
    `${start} ${name}\niface ${name} inet manual\n  pre-up false\n${extra}`,
    `${start} ${name}\nmapping ${name}\n  script /bin/cat\n  map home\niface ${name} inet manual\n${extra}`,
  ]);
  return [
    `ifupdown by ${by}: ${what.trim().replaceAll("\n", " | ")}`,
    {
      "/etc/network/interfaces.d/own": what,
      ...starts,
    },
  ];
}

function networkd(dice: Dice): Part {
  const match = dice([`Name=${NIC}`, "Name=en*", "Name=*", "Type=ether", "Name=!lo"]);
  const settings = dice([
    "DHCP=no",
    "DHCP=no\nLinkLocalAddressing=no",
    "DHCP=no\nLinkLocalAddressing=ipv4",
    "DHCP=no\nLinkLocalAddressing=ipv6",
    "DHCP=no\nLinkLocalAddressing=no\nIPv6AcceptRA=yes",
    "DHCP=no\nLinkLocalAddressing=no\nAddress=2001:db8::5/64",
    "DHCP=no\nLinkLocalAddressing=no\nAddress=192.0.2.5/24",
    "DHCP=no\nIPv6AcceptRA=no",
    "DHCP=ipv6\nLinkLocalAddressing=no",
  ]);
  const link = dice(["", "", "[Link]\nUnmanaged=yes\n", "[Link]\nActivationPolicy=manual\n"]);
  const dropIn = dice([
    "",
    "",
    "[Network]\nLinkLocalAddressing=no\n",
    "[Network]\nLinkLocalAddressing=ipv6\n",
  ]);
  const starts = dice<Part>([
    started(dice, "systemd-networkd.service"),
    started(dice, "systemd-networkd.service"),
    started(dice, "systemd-networkd.service"),
    [
      "its socket",
      { [`${OWN}/sockets.target.wants/systemd-networkd.socket`]: { link: `${LIB}/systemd-networkd.socket` } },
    ],
    [
      "wait-online",
      {
        [`${OWN}/network-online.target.wants/systemd-networkd-wait-online.service`]: {
          link: `${LIB}/systemd-networkd-wait-online.service`,
        },
      },
    ],
  ]);
  const folder = dice(["/etc/systemd/network", "/usr/lib/systemd/network"]);
  const second = dice<Part>([
    ["", {}],
    ["", {}],
    ["", {}],
    ...[
      [
        "/etc/systemd/network/10-first.network",
        "[Match]\nName=*\nType=!loopback\n[Network]\nLinkLocalAddressing=no\n",
      ],
      ["/etc/systemd/network/90-last.network", "[Match]\nName=*\n[Network]\nDHCP=no\n"],
      ["/usr/lib/systemd/network/10-first.network", `[Match]\nName=${NIC}\n[Link]\nUnmanaged=yes\n`],
      [
        "/etc/systemd/network/10-first.network",
        "[Match]\nDriver=veth virtio_net ena gve\n[Network]\nLinkLocalAddressing=no\n",
      ],
      ["/etc/systemd/network/50-own.network.d/z.conf", "[Match]\nName=wl*\n"],
      ["/etc/systemd/network/50-own.network.d/z.conf", "[Network]\nAddress=2001:db8::7/64\n"],
      ["/etc/systemd/network/network.d/z.conf", "[Network]\nLinkLocalAddressing=ipv6\n"],
      ["/etc/systemd/networkd.conf.d/z.conf", "[Network]\nIPv6PrivacyExtensions=yes\n"],
    ].map(([path = "", text = ""]): Part => [`, ${path}: ${text.replaceAll("\n", " ")}`, { [path]: text }]),
    [", 50-own.network masked", { "/etc/systemd/network/50-own.network": { link: "/dev/null" } }],
  ]);
  return [
    `networkd by ${starts[0]}: [${match}] ${settings.replaceAll("\n", " ")} ${link.trim()} ${dropIn.trim()}${second[0]}`,
    {
      [`${folder}/50-own.network`]: `[Match]\n${match}\n${link}[Network]\n${settings}\n`,
      ...(dropIn === "" ? {} : { "/etc/systemd/network/50-own.network.d/a.conf": dropIn }),
      ...second[1],
      ...starts[1],
    },
  ];
}

function networkManager(dice: Dice): Part {
  const method = dice(["auto", "disabled", "disabled", "ignore", "link-local", "", "manual"]);
  const six =
    method === ""
      ? ""
      : `[ipv6]\nmethod=${method}\n${method === "manual" ? "address1=2001:db8::5/64\n" : ""}`;
  const which = dice([
    "",
    "",
    `interface-name=${NIC}\n`,
    "interface-name=eth7\n",
    "autoconnect=false\n",
    `interface-name=${NIC}\nautoconnect-priority=-5\n`,
  ]);
  const config = dice([
    "",
    "",
    "[main]\nno-auto-default=*\n",
    "[keyfile]\nunmanaged-devices=interface-name:ens*\n",
    "[device]\nmanaged=0\n",
    "[device-own]\nmatch-device=type:ethernet\nmanaged=0\n",
    "[main]\nplugins=ifupdown,keyfile\n[ifupdown]\nmanaged=true\n",
    "[main]\nplugins=ifupdown,keyfile\n",
  ]);
  const [starts, links] = dice<Part>([
    started(dice, "NetworkManager.service"),
    started(dice, "NetworkManager.service"),
    [
      "wait-online",
      {
        [`${OWN}/multi-user.target.wants/NetworkManager-wait-online.service`]: {
          link: `${LIB}/NetworkManager-wait-online.service`,
        },
      },
    ],
  ]);
  const other = dice([
    {},
    {},
    {},
    ...["disabled", "auto", "ignore"].flatMap((six) =>
      ["", "autoconnect-priority=10\n", `interface-name=${NIC}\n`].map((more) => ({
        "/etc/NetworkManager/system-connections/other.nmconnection": `[connection]\nid=other\nuuid=2b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n${more}[ipv4]\nmethod=manual\naddress1=192.0.2.6/24\n[ipv6]\nmethod=${six}\n`,
      })),
    ),
    {
      "/usr/lib/NetworkManager/system-connections/other.nmconnection":
        "[connection]\nid=other\nuuid=2b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n[ipv4]\nmethod=manual\naddress1=192.0.2.6/24\n[ipv6]\nmethod=disabled\n",
    },
  ]);
  const profile = `[connection]\nid=own\nuuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n${which}[ipv4]\nmethod=manual\naddress1=192.0.2.5/24\n${six}`;
  return [
    `NetworkManager by ${starts}: ${method || "no [ipv6]"} ${which.trim()} ${config.trim().replace("\n", " ")} ${JSON.stringify(other)}`,
    {
      "/etc/NetworkManager/system-connections/own.nmconnection": profile,
      ...(config === "" ? {} : { "/etc/NetworkManager/conf.d/own.conf": config }),
      ...other,
      ...links,
    },
  ];
}

/** The card belongs to an interface that systemd-networkd makes. */
function ports(dice: Dice): Part {
  // This kernel may have no bonds.
  const kind = dice(["bridge", "vlan"]);
  const member = kind === "vlan" ? "VLAN=own0" : "Bridge=own0";
  const local = dice(["", "", "\nLinkLocalAddressing=no", "\nLinkLocalAddressing=ipv6"]);
  const above = dice(["DHCP=no", "DHCP=no\nLinkLocalAddressing=no", "Address=2001:db8::5/64"]);
  return [
    `networkd: ${NIC} with ${member} ${local.trim()}, own0 ${above.replaceAll("\n", " ")}`,
    {
      "/etc/systemd/network/10-own.netdev": `[NetDev]\nName=own0\nKind=${kind}\n${kind === "vlan" ? "[VLAN]\nId=7\n" : ""}`,
      "/etc/systemd/network/20-port.network": `[Match]\nName=${NIC}\n[Network]\n${member}${local}\n`,
      "/etc/systemd/network/30-own.network": `[Match]\nName=own0\n[Network]\n${above}\n`,
      ...enabled("systemd-networkd.service"),
    },
  ];
}

function netplan(dice: Dice): Part {
  const renderer = dice(["networkd", "networkd", "NetworkManager"]);
  const local = dice([
    "",
    "",
    "      link-local: []\n",
    "      link-local: [ipv4]\n",
    "      link-local: [ipv6]\n",
  ]);
  const name = dice([NIC, NIC, "eth7"]);
  const kind = dice(["", "", "", "bridges"]);
  const more = dice([
    "",
    "",
    "",
    "      accept-ra: false\n",
    "      dhcp6: true\n",
    "      optional: true\n",
    "      activation-mode: manual\n",
    "      activation-mode: off\n",
    "      ipv6-privacy: true\n",
    `      match: {name: ${NIC}}\n`,
    "      match: {name: 'e*'}\n",
  ]);
  const second = dice([
    {},
    {},
    {
      "/etc/netplan/90-more.yaml": `network:\n  ethernets:\n    ${NIC}:\n      link-local: []\n      addresses: [192.0.2.7/24]\n`,
    },
    { "/etc/netplan/90-more.yaml": "network:\n  renderer: NetworkManager\n" },
  ]);
  const above =
    kind === ""
      ? ""
      : `  ${kind}:\n    own0:\n      interfaces: [${name}]\n      addresses: [192.0.2.6/24]\n`;
  return [
    `netplan on ${renderer}: ${name} ${local.trim()} ${more.trim()}${above === "" ? "" : ", port of own0"} ${JSON.stringify(second)}`,
    {
      "/etc/netplan/50-own.yaml": `network:\n  version: 2\n  renderer: ${renderer}\n  ethernets:\n    ${name}:\n      addresses: [192.0.2.5/24]\n${local}${more}${above}`,
      ...second,
      ...dice([{}, enabled("NetworkManager.service"), enabled("NetworkManager.service")]),
    },
  ];
}

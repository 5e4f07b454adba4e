import type { FlatFiles } from "../../support/machine.ts";
import { NIC } from "./container.ts";
import { type Dice, enabled, LIB, OWN, type Part, WANTS } from "./dice.ts";

/** cloud-init goes by this file; where no part is about it, it is to stay away. */
export const CLOUD_INIT_OFF = "/etc/cloud/cloud-init.disabled";

/** Who configures the card, of the packages that not every root has. */
export function packaged(has: (path: string) => boolean): readonly ((dice: Dice) => Part)[] {
  return [
    ...(has("/usr/bin/cloud-init") ? [cloudInit, cloudInit, cloudInit] : []),
    ...(has("/usr/sbin/ufw") ? [ufw] : []),
    ...(has("/usr/sbin/connmand") ? [connman] : []),
    ...(has(`${LIB}/dhcpcd.service`) ? [dhcpcd] : []),
  ];
}

/** What a cloud's image leaves to cloud-init: its own network, the cloud's (DHCP on the first card), none. */
function cloudInit(dice: Dice): Part {
  const source = dice(["datasource_list: [None]\n", "datasource_list: [NoCloud]\n"]);
  const name = dice([NIC, NIC, "eth7"]);
  const network = dice([
    "",
    "network: {config: disabled}\n",
    `network:\n  version: 2\n  ethernets:\n    ${name}:\n      addresses: [192.0.2.5/24]\n`,
    `network:\n  version: 2\n  ethernets:\n    ${name}:\n      addresses: [192.0.2.5/24]\n      link-local: []\n`,
    `network:\n  version: 2\n  ethernets:\n    own:\n      match: {name: '${NIC.slice(0, 2)}*'}\n      addresses: [192.0.2.5/24]\n`,
    `network:\n  version: 2\n  ethernets:\n    ${name}:\n      addresses: ['2001:db8::5/64']\n`,
    `network:\n  version: 1\n  config:\n  - type: physical\n    name: ${name}\n    subnets:\n    - {type: static, address: 192.0.2.5/24}\n`,
    `network:\n  version: 1\n  config:\n  - type: physical\n    name: ${name}\n    subnets:\n    - {type: static6, address: '2001:db8::5/64'}\n`,
    `network:\n  version: 1\n  config:\n  - type: physical\n    name: ${name}\n    subnets:\n    - {type: manual}\n`,
  ]);
  const renderers = dice([
    "",
    "",
    "system_info: {network: {renderers: [networkd]}}\n",
    "system_info: {network: {renderers: [netplan, eni]}}\n",
    "system_info: {network: {renderers: [network-manager, eni]}}\n",
    "system_info: {network: {renderers: [eni]}}\n",
    "system_info: {network: {renderers: [sysconfig, networkd]}}\n",
  ]);
  const does = dice([
    "",
    "",
    "",
    "",
    "bootcmd:\n- sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
    "runcmd:\n- [sysctl, -w, net.ipv6.conf.all.disable_ipv6=0]\n",
    "write_files:\n- {path: /etc/sysctl.d/99-late.conf, content: 'net.ipv6.conf.all.disable_ipv6=0'}\n",
  ]);
  const followers = dice<FlatFiles>([
    enabled("networking.service"),
    enabled("systemd-networkd.service"),
    enabled("NetworkManager.service"),
    enabled("networking.service", "systemd-networkd.service"),
    {},
  ]);
  const said = [source, network, renderers, does].map((one) => one.trim().replaceAll(/\s+/g, " "));
  return [
    `cloud-init: ${said.join(" ")} for ${Object.keys(followers)
      .map((path) => path.slice(WANTS.length + 1))
      .join(" ")}`,
    {
      "/etc/cloud/cloud.cfg.d/99-own.cfg": `${source}${network}${renderers}${does}`,
      "/var/lib/cloud/seed/nocloud/meta-data": "instance-id: own\n",
      "/var/lib/cloud/seed/nocloud/user-data": "#cloud-config\n{}\n",
      // Nobody gives the card an address.
      [`${OWN}/systemd-networkd-wait-online.service`]: { link: "/dev/null" },
      [`${OWN}/NetworkManager-wait-online.service`]: { link: "/dev/null" },
      ...followers,
    },
  ];
}

function ufw(dice: Dice): Part {
  const isOn = dice(["yes", "yes", "no"]);
  const value = dice(["0", "1"]);
  const starts = dice([true, true, false]);
  return [
    `ufw ${starts ? "" : "not started, "}ENABLED=${isOn}, its sysctl.conf says ${value}`,
    {
      "/etc/ufw/ufw.conf": `ENABLED=${isOn}\nLOGLEVEL=low\n`,
      "/etc/ufw/sysctl.conf": `net/ipv6/conf/all/disable_ipv6=${value}\nnet/ipv6/conf/default/disable_ipv6=${value}\n`,
      ...(starts ? enabled("ufw.service") : {}),
    },
  ];
}

function connman(dice: Dice): Part {
  const config = dice([
    "",
    "[General]\nNetworkInterfaceBlacklist=ens\n",
    "[General]\nPreferredTechnologies=ethernet\n",
  ]);
  return [
    `connman ${config.trim().replace("\n", " ")}`,
    { ...(config === "" ? {} : { "/etc/connman/main.conf": config }), ...enabled("connman.service") },
  ];
}

function dhcpcd(dice: Dice): Part {
  const config = dice(["", "noipv6\n", "ipv4only\n", `denyinterfaces ${NIC}\n`, "ipv6only\n"]);
  return [`dhcpcd ${config.trim()}`, { "/etc/dhcpcd.conf": config, ...enabled("dhcpcd.service") }];
}

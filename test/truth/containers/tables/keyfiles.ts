import { NIC } from "../container.ts";
import type { Part } from "../dice.ts";

const FOLDER = "/etc/NetworkManager/system-connections";
const HEAD = "[connection]\nid=own\nuuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n";
const FOUR = "[ipv4]\nmethod=manual\naddress1=192.0.2.5/24\n";
const DISABLED = `${HEAD}${FOUR}[ipv6]\nmethod=disabled\n`;

/** Profiles of NetworkManager that keep IPv6 off, or only look so. Source: nm-settings-keyfile(5). */
export function keyfiles(): readonly Part[] {
  return [
    ...PROFILES.map(([name, text]): Part => [name, { [`${FOLDER}/own.nmconnection`]: text }]),
    ...PATHS.map((path): Part => [path, { [path]: DISABLED }]),
    ...CONFIGS.map(
      ([path, text]): Part => [
        `${path}: ${text.replaceAll("\n", " ")}`,
        { [`${FOLDER}/own.nmconnection`]: DISABLED, [path]: text },
      ],
    ),
    ...OTHERS.map(
      ([name, path, text]): Part => [
        `beside ${name}`,
        { [`${FOLDER}/own.nmconnection`]: DISABLED, [path]: text },
      ],
    ),
  ];
}

function six(lines: string): string {
  return `${HEAD}${FOUR}[ipv6]\n${lines}\n`;
}

const PROFILES: readonly (readonly [name: string, text: string])[] = [
  ["disabled", DISABLED],
  ["auto", six("method=auto")],
  ["ignore", six("method=ignore")],
  ["link-local", six("method=link-local")],
  ["shared", six("method=shared")],
  ["dhcp", six("method=dhcp")],
  ["manual", six("method=manual\naddress1=2001:db8::5/64")],
  ["manual without an address", six("method=manual")],
  ["Disabled", six("method=Disabled")],
  ["in quotes", six('method="disabled"')],
  ["spaces", six("method = disabled ")],
  ["a comment behind", six("method=disabled # off")],
  ["twice, disabled last", six("method=auto\nmethod=disabled")],
  ["twice, auto last", six("method=disabled\nmethod=auto")],
  ["another section of the name", `${DISABLED}[ipv4]\nmay-fail=true\n[ipv6]\nmethod=auto\n`],
  ["with an address", six("method=disabled\naddress1=2001:db8::5/64")],
  ["IPv6", `${HEAD}${FOUR}[IPv6]\nmethod=disabled\n`],
  ["no [ipv6]", `${HEAD}${FOUR}`],
  ["an empty [ipv6]", six("")],
  ["lines with CR", DISABLED.replaceAll("\n", "\r\n")],
  ["a byte order mark", `\uFEFF${DISABLED}`],
  ["no type", DISABLED.replace("type=ethernet\n", "")],
  ["the old type", DISABLED.replace("type=ethernet", "type=802-3-ethernet")],
  ["a type of its own", DISABLED.replace("type=ethernet", "type=nonsense")],
  ["wifi", DISABLED.replace("type=ethernet", "type=wifi")],
  ["no id", DISABLED.replace("id=own\n", "")],
  ["no uuid", DISABLED.replace(/uuid=.*\n/, "")],
  ["no uuid to speak of", DISABLED.replace(/uuid=.*\n/, "uuid=x\n")],
  ["no [ipv4]", `${HEAD}[ipv6]\nmethod=disabled\n`],
  ["ipv4 by DHCP", `${HEAD}[ipv4]\nmethod=auto\n[ipv6]\nmethod=disabled\n`],
  ["ipv4 disabled", `${HEAD}[ipv4]\nmethod=disabled\n[ipv6]\nmethod=disabled\n`],
  ["not by itself", DISABLED.replace("[ipv4]", "autoconnect=false\n[ipv4]")],
  ["not by itself, as a number", DISABLED.replace("[ipv4]", "autoconnect=0\n[ipv4]")],
  ["not by itself, as no", DISABLED.replace("[ipv4]", "autoconnect=no\n[ipv4]")],
  ["of a user", DISABLED.replace("[ipv4]", "permissions=user:nobody:;\n[ipv4]")],
  ["for the card", DISABLED.replace("[ipv4]", `interface-name=${NIC}\n[ipv4]`)],
  ["for another card", DISABLED.replace("[ipv4]", "interface-name=eth7\n[ipv4]")],
  ["for a pattern", DISABLED.replace("[ipv4]", "interface-name=en*\n[ipv4]")],
  ["a match", `${DISABLED}[match]\ninterface-name=en*\n`],
  ["a match of another", `${DISABLED}[match]\ninterface-name=eth*\n`],
  ["a match that excludes", `${DISABLED}[match]\ninterface-name=!ens*\n`],
  ["a match of an argument", `${DISABLED}[match]\nkernel-command-line=no.such.argument\n`],
  ["an address of hardware", `${DISABLED}[ethernet]\nmac-address=02:00:00:00:00:01\n`],
  ["all but an address", `${DISABLED}[ethernet]\nmac-address-blacklist=02:00:00:00:00:01\n`],
  ["a port of a bridge", DISABLED.replace("[ipv4]", "master=own0\nslave-type=bridge\n[ipv4]")],
  ["many at once", DISABLED.replace("[ipv4]", "multi-connect=3\n[ipv4]")],
  ["few tries", DISABLED.replace("[ipv4]", "autoconnect-retries=1\n[ipv4]")],
  ["text before", `own\n${DISABLED}`],
  ["a broken section", `${DISABLED}[x\ny=1\n`],
];

const PATHS: readonly string[] = [
  `${FOLDER}/own`,
  `${FOLDER}/own.conf`,
  `${FOLDER}/.own.nmconnection`,
  `${FOLDER}/own.nmconnection~`,
  `${FOLDER}/own.nmconnection.bak`,
  `${FOLDER}/own.rpmsave`,
  `${FOLDER}/more/own.nmconnection`,
  "/usr/lib/NetworkManager/system-connections/own.nmconnection",
  "/usr/lib/NetworkManager/system-connections/own",
];

const CONFIGS: readonly (readonly [path: string, text: string])[] = [
  ["/etc/NetworkManager/conf.d/own.conf", "[main]\nplugins=\n"],
  ["/etc/NetworkManager/conf.d/own.conf", "[main]\nplugins=ifupdown\n"],
  ["/etc/NetworkManager/conf.d/own.conf", "[keyfile]\npath=/opt/profiles\n"],
  ["/etc/NetworkManager/conf.d/own.conf", `[keyfile]\nunmanaged-devices=${NIC}\n`],
  ["/etc/NetworkManager/conf.d/own.conf", `[keyfile]\nunmanaged-devices=interface-name:${NIC}\n`],
  ["/etc/NetworkManager/conf.d/own.conf", "[keyfile]\nunmanaged-devices=*,except:type:wifi\n"],
  ["/etc/NetworkManager/conf.d/own.conf", `[keyfile]\nunmanaged-devices=*;except:interface-name:${NIC}\n`],
  ["/etc/NetworkManager/conf.d/own.conf", "[keyfile]\nunmanaged-devices+=interface-name:ens*\n"],
  [
    "/etc/NetworkManager/conf.d/own.conf",
    "[keyfile]\nunmanaged-devices=type:ethernet\nunmanaged-devices-=type:ethernet\n",
  ],
  ["/etc/NetworkManager/conf.d/own.conf", "[device]\nmanaged=false\n"],
  ["/etc/NetworkManager/conf.d/own.conf", "[device-own]\nmatch-device=interface-name:eth*\nmanaged=0\n"],
  ["/etc/NetworkManager/conf.d/own.conf", "[device]\nallowed-connections=id:other\n"],
  ["/etc/NetworkManager/conf.d/own.conf", "[device]\nkeep-configuration=no\n"],
  ["/etc/NetworkManager/conf.d/own.conf", "[connection]\nipv6.method=auto\nconnection.autoconnect=0\n"],
  ["/etc/NetworkManager/conf.d/own.conf", "[.config]\nenable=false\n[device]\nmanaged=0\n"],
  ["/etc/NetworkManager/conf.d/.own.conf", "[device]\nmanaged=0\n"],
  ["/etc/NetworkManager/conf.d/own", "[device]\nmanaged=0\n"],
  ["/usr/lib/NetworkManager/conf.d/own.conf", "[device]\nmanaged=0\n"],
  ["/usr/local/lib/NetworkManager/conf.d/own.conf", "[device]\nmanaged=0\n"],
  ["/var/lib/NetworkManager/NetworkManager-intern.conf", "[device]\nmanaged=0\n"],
  ["/var/lib/NetworkManager/NetworkManager.state", "[main]\nNetworkingEnabled=false\n"],
  ["/etc/NetworkManager/NetworkManager.conf", "[device]\nmanaged=0\n"],
  ["/etc/NetworkManager/NetworkManager.conf", ""],
];

const OTHER = HEAD.replace("id=own", "id=other").replace("1b3f", "2b3f");
const AUTO = "[ipv4]\nmethod=manual\naddress1=192.0.2.6/24\n[ipv6]\nmethod=auto\n";
const OTHERS: readonly (readonly [name: string, path: string, text: string])[] = [
  ["another", `${FOLDER}/other.nmconnection`, `${OTHER}${AUTO}`],
  ["another first by its name", `${FOLDER}/a.nmconnection`, `${OTHER}${AUTO}`],
  ["one of higher priority", `${FOLDER}/other.nmconnection`, `${OTHER}autoconnect-priority=1\n${AUTO}`],
  ["one of lower priority", `${FOLDER}/other.nmconnection`, `${OTHER}autoconnect-priority=-1\n${AUTO}`],
  ["one for the card", `${FOLDER}/other.nmconnection`, `${OTHER}interface-name=${NIC}\n${AUTO}`],
  ["one that was used", `${FOLDER}/other.nmconnection`, `${OTHER}timestamp=1700000000\n${AUTO}`],
  ["one of the same uuid", `${FOLDER}/other.nmconnection`, `${HEAD}${AUTO}`],
  [
    "one of the same uuid in /usr",
    "/usr/lib/NetworkManager/system-connections/own.nmconnection",
    `${HEAD}${AUTO}`,
  ],
  [
    "a bridge over the card",
    `${FOLDER}/other.nmconnection`,
    `${OTHER}interface-name=${NIC}\nmaster=own0\nslave-type=bridge\n`,
  ],
  [
    "when it was used",
    "/var/lib/NetworkManager/timestamps",
    "[timestamps]\n2b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11=1700000000\n",
  ],
];

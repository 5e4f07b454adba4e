import type { FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { fedora, wanted } from "./distributions.ts";
import { SET } from "./settings.ts";

/*
 * Profiles that have IPv6 off, and that NetworkManager refuses or never makes active: it makes one of its own then, with
 * IPv6 on. Seen with 1.42; test/oracle/networkmanager.test.ts asks the real one.
 */

const PATH = "/etc/NetworkManager/system-connections/a.nmconnection";
const BASE: FlatFiles = { ...fedora("41"), ...wanted("NetworkManager.service") };
const V4 = "[ipv4]\nmethod=auto\n";

function profile(ipv6: string, connection = "", v4 = V4): FlatFiles {
  return { ...BASE, [PATH]: `[connection]\nid=a\ntype=ethernet\n${connection}${v4}[ipv6]\n${ipv6}` };
}
const config = (text: string): FlatFiles => ({ "/etc/NetworkManager/conf.d/90.conf": text });
const OFF = "method=disabled\n";

const NM = "NetworkManager 1.42";
const ROWS: readonly Cells[] = [
  ["a plain one", profile(OFF), "off", NM],
  ["a UUID", profile(OFF, "uuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\n"), "off", NM],
  ["no UUID", profile(OFF, "uuid=a\n"), "unknown", NM],
  ["an address", profile(`${OFF}address1=fd00::1/64\n`), "unknown", NM],
  ["a server of names", profile(`${OFF}dns=fd00::1;\n`), "unknown", NM],
  ["a search list that is empty", profile(`${OFF}dns-search=\naddr-gen-mode=eui64\n`), "off", NM],
  ["a blank behind the method", profile("method=disabled \n"), "on", NM],
  [
    "a byte order mark",
    { ...BASE, [PATH]: `\ufeff[connection]\ntype=ethernet\n${V4}[ipv6]\n${OFF}` },
    "on",
    NM,
  ],
  ["a blank that is none to C", profile(`\u00a0${OFF}`), "on", "GLib, gkeyfile.c: a key of another name"],
  ["802.1X", profile(`${OFF}[802-1x]\neap=peap;\n`), "unknown", NM],
  ["a port of nothing", profile(OFF, "slave-type=bridge\n"), "unknown", NM],
  ["a place on the bus", profile(OFF, "[match]\npath=usb-*;\n"), "unknown", NM],
  ["manual addresses without any", profile(OFF, "", "[ipv4]\nmethod=manual\naddress1=x\n"), "unknown", NM],
  [
    "manual addresses",
    profile(OFF, "", "[ipv4]\nmethod=manual\naddress1=192.0.2.1/24,192.0.2.254\n"),
    "off",
    NM,
  ],
  ["an unknown method for IPv4", profile(OFF, "", "[ipv4]\nmethod=x\n"), "unknown", NM],
  ["nothing for IPv4", profile(OFF, "", ""), "off", NM],
  [
    "ignore and an address, sysctl",
    { ...profile("method=ignore\naddress1=fd00::1/64\n"), ...SET },
    "unknown",
    NM,
  ],
  ["ignore and an address", profile("method=ignore\naddress1=fd00::1/64\n"), "on", "on in either way"],
  [
    "a snippet whose name begins with a dot",
    { ...profile(OFF), "/etc/NetworkManager/conf.d/.own.conf": "[device]\nmanaged=0\n" },
    "on",
    "booted with 1.42",
  ],
  [
    "a match that leaves the card out",
    profile(OFF, "", `${V4}[match]\ninterface-name=!ens*\n`),
    "unknown",
    NM,
  ],
  ["a match that leaves another out", profile(OFF, "", `${V4}[match]\ninterface-name=!docker*\n`), "off", NM],
  [
    "only connections that are allowed",
    { ...profile(OFF), ...config("[device]\nallowed-connections=origin:nm-initrd-generator\n") },
    "unknown",
    "NetworkManager.conf(5), allowed-connections",
  ],
  [
    "all networking switched off",
    { ...profile(OFF), "/var/lib/NetworkManager/NetworkManager.state": "[main]\nNetworkingEnabled=false\n" },
    "unknown",
    "nmcli(1), networking off: it is remembered",
  ],
  [
    "networking switched on",
    { ...profile(OFF), "/var/lib/NetworkManager/NetworkManager.state": "[main]\nNetworkingEnabled=true\n" },
    "off",
    "nmcli(1)",
  ],
];

truthTable("profiles with IPv6 off that may not hold", ROWS, 0o600);

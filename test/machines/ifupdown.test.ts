import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { SET } from "./settings.ts";

const LO = "auto lo\niface lo inet loopback\n";
const interfaces = (text: string): FlatFiles => ({ ...DEBIAN_12, "/etc/network/interfaces": LO + text });
const hardened = (text: string): FlatFiles => ({ ...interfaces(text), ...SET });
const ON = "  up sysctl -w net.ipv6.conf.all.disable_ipv6=0\n";
const OFF = "  pre-up sysctl -w net.ipv6.conf.all.disable_ipv6=1\n";

/** Which stanza an interface takes. */
const ROWS: readonly Cells[] = [
  [
    "a pattern where interfaces are started",
    hardened(`auto /e*\niface ens5 inet manual\n${ON}`),
    "on",
    "interfaces(5); ifup -a -n of 0.8.41",
  ],
  [
    "a pattern is no stanza",
    interfaces(`auto /e*\niface /e* inet manual\n${OFF}`),
    "on",
    "unknown interface",
  ],
  ["a pattern needs its slash", interfaces(`auto e*\niface ens5 inet manual\n${OFF}`), "on", "interfaces(5)"],
  [
    "the stanza of another name",
    hardened(`auto /e*=home\niface home inet manual\n${ON}`),
    "on",
    "interfaces(5): seen to run",
  ],
  [
    "the stanza of another name, by udev",
    interfaces(`allow-hotplug /e*=home\niface home inet manual\n${OFF}`),
    "unknown",
    "ifquery --allow hotplug -l ens5: unknown interface",
  ],
  [
    "options that are inherited",
    hardened(`auto /e*=home\niface base inet manual\n${ON}iface home inet manual inherits base\n`),
    "on",
    "interfaces(5), inherits",
  ],
  [
    "inherited in circles",
    hardened(
      "auto /e*=home\niface base inet manual inherits home\niface home inet manual inherits base\n  mtu 1400\n",
    ),
    "off",
    "interfaces(5), inherits",
  ],
  [
    "a command before it fails",
    interfaces(`auto ens5\niface ens5 inet manual\n  pre-up false\n${OFF}`),
    "on",
    "ifup: failed to bring up ens5: seen to run",
  ],
  [
    "a command that fails behind it",
    interfaces(`auto ens5\niface ens5 inet manual\n${OFF}  up /bin/false\n`),
    "off",
    "ifupdown, execute.c",
  ],
  [
    "a command written first that runs last",
    interfaces(`auto ens5\niface ens5 inet manual\n${ON}${OFF}`),
    "on",
    "interfaces(5): pre-up before up",
  ],
  [
    "commands of two stanzas, in an order of the version",
    interfaces(`auto ens5\niface ens5 inet manual\n${ON}iface ens5 inet6 manual\n${OFF}`),
    "unknown",
    "ifupdown, execute.c",
  ],
  [
    "a script chooses the stanza",
    hardened(
      `auto ens5\nmapping ens5\n  script /bin/cat\n  map home\niface ens5 inet manual\niface home inet manual\n${ON}`,
    ),
    "unknown",
    "interfaces(5), mapping",
  ],
  [
    "a script chooses among stanzas that write nothing",
    hardened("auto ens5\nmapping ens5\n  script /bin/cat\niface ens5 inet manual\niface home inet dhcp\n"),
    "off",
    "interfaces(5), mapping",
  ],
];

truthTable("stanzas of ifupdown", ROWS);

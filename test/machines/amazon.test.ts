import { type Cells, truthTable } from "../support/truth-table.ts";
import { amazon2023, bls } from "./distributions.ts";
import { ROOT, SET } from "./settings.ts";

const AMAZON_2023: readonly Cells[] = [
  ["nothing set", amazon2023(), "on", "80-ec2.network: DHCP=yes"],
  ["sysctl", { ...amazon2023(), ...SET }, "on", "networkd 252 writes 0"],
  [
    "drop-in LinkLocalAddressing=no",
    {
      ...amazon2023(),
      ...SET,
      "/etc/systemd/network/80-ec2.network.d/v6.conf": "[Network]\nLinkLocalAddressing=no\n",
    },
    "off",
    "networkd-link.c",
  ],
  [
    "drop-in DHCP=ipv4 only",
    {
      ...amazon2023(),
      ...SET,
      "/etc/systemd/network/80-ec2.network.d/v6.conf": "[Network]\nDHCP=ipv4\nIPv6AcceptRA=no\n",
    },
    "on",
    "link-local addressing is on by default",
  ],
  [
    "vendor file masked",
    { ...amazon2023(), ...SET, "/etc/systemd/network/80-ec2.network": { link: "/dev/null" } },
    "off",
    "systemd.network(5)",
  ],
  [
    "own file with the same name",
    {
      ...amazon2023(),
      ...SET,
      "/etc/systemd/network/80-ec2.network":
        "[Match]\nDriver=ena\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=ipv4\n",
    },
    "off",
    "systemd.network(5): /etc first",
  ],
  [
    "earlier file matches",
    {
      ...amazon2023(),
      ...SET,
      "/etc/systemd/network/10-x.network":
        "[Match]\nName=en*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n",
    },
    "unknown",
    "the first that fits; a card that keeps the name eth0 goes on to 80-ec2.network",
  ],
  [
    "command line",
    { ...amazon2023(), ...bls(`${ROOT} ipv6.disable=1`, "6.1.94-99.176.amzn2023.x86_64") },
    "off",
    "af_inet6.c",
  ],
];

truthTable("Amazon Linux 2023", AMAZON_2023);

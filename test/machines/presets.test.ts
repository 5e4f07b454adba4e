import { corrupt } from "../../src/errors.ts";
import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { SET } from "./settings.ts";

/** systemd-networkd is installed, with a network of the image's own, and no link starts it. */
const IDLE: FlatFiles = {
  ...DEBIAN_12,
  ...SET,
  "/usr/lib/systemd/system/systemd-networkd.service": "[Service]\nExecStart=/x\n",
  "/etc/systemd/network/10-all.network": "[Match]\nName=*\n[Network]\nDHCP=yes\n",
};
const OWN = "/etc/systemd/system";
/** No link starts any manager; networkd and its presets are there. */
const { "/etc/systemd/system/multi-user.target.wants/networking.service": _link, ...REST } = IDLE;
const FIRST: FlatFiles = {
  ...REST,
  "/etc/systemd/system/multi-user.target.wants/ssh.service": "",
  "/etc/machine-id": "uninitialized\n",
  "/usr/lib/systemd/system-preset/90-systemd.preset": "disable systemd-networkd.service\n",
};
const NETWORKD = "/usr/lib/systemd/system/systemd-networkd.service";
const UNIT = "[Service]\nExecStart=/x\n[Install]\nWantedBy=multi-user.target\n";
const ENABLED: FlatFiles = {
  [NETWORKD]: UNIT,
  "/usr/lib/systemd/system-preset/90-systemd.preset": "enable systemd-networkd.service\n",
};

function networkdFile(network: string): FlatFiles {
  return { "/etc/systemd/network/10-all.network": `[Match]\nName=en* eth*\n[Network]\n${network}\n` };
}

const writes = (target: string): string =>
  `[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n[Install]\nWantedBy=${target}\n`;
const BROKEN = corrupt("ext4", "inode 12: checksum");
const PRESETS: readonly Cells[] = [
  ["a preset that disables", FIRST, "off", "systemd.preset(5)"],
  [
    "a preset that enables",
    { ...FIRST, "/etc/systemd/system-preset/10-own.preset": "enable systemd-networkd.service\n" },
    "on",
    "systemd.preset(5): 10 before 90",
  ],
  [
    "a machine that has booted",
    {
      ...FIRST,
      "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
      "/etc/systemd/system-preset/10-own.preset": "enable systemd-networkd.service\n",
    },
    "off",
    "machine-id(5)",
  ],
  [
    "a preset that enables another manager than the one that is linked",
    {
      ...IDLE,
      "/etc/machine-id": "uninitialized\n",
      "/usr/lib/systemd/system/NetworkManager.service": UNIT,
      "/usr/lib/systemd/system-preset/90-own.preset": "enable NetworkManager.service\n",
    },
    "on",
    "systemd.preset(5): seen on Ubuntu 24.04",
  ],
  [
    "a preset that enables ConnMan",
    {
      ...IDLE,
      "/etc/machine-id": "uninitialized\n",
      "/usr/lib/systemd/system/connman.service": UNIT,
      "/usr/lib/systemd/system-preset/90-systemd.preset": "disable systemd-networkd.service\n",
    },
    "unknown",
    "what no preset names is enabled: seen on Ubuntu 24.04",
  ],
  [
    "a preset that enables what is not installed",
    {
      ...IDLE,
      "/etc/machine-id": "uninitialized\n",
      "/usr/lib/systemd/system-preset/90-own.preset":
        "enable NetworkManager.service\ndisable systemd-networkd.service\n",
    },
    "off",
    "systemd.preset(5)",
  ],
  [
    "an own unit that the first boot enables",
    { ...FIRST, [`${OWN}/a.service`]: writes("multi-user.target") },
    "unknown",
    "systemd.preset(5)",
  ],
  [
    "an own unit that presets disable",
    {
      ...FIRST,
      [`${OWN}/a.service`]: writes("multi-user.target"),
      "/usr/lib/systemd/system-preset/99-default.preset": "disable *\n",
    },
    "off",
    "systemd.preset(5)",
  ],
  [
    "an own unit that the first boot enables for the way down",
    { ...FIRST, [`${OWN}/a.service`]: writes("shutdown.target") },
    "off",
    "systemd.special(7), shutdown.target",
  ],
  [
    "networkd, which the first boot enables",
    { ...FIRST, ...SET, ...ENABLED, ...networkdFile("DHCP=ipv4") },
    "on",
    "systemd.preset(5); networkd writes 0 for a link-local address",
  ],
  [
    "networkd, which the first boot enables and which stays out",
    { ...FIRST, ...SET, ...ENABLED, ...networkdFile("DHCP=ipv4\nLinkLocalAddressing=no") },
    "unknown",
    "systemd.preset(5): whether its unit can be enabled is not read",
  ],
  [
    "networkd, which the first boot does not enable",
    { ...FIRST, ...SET, [NETWORKD]: UNIT, ...networkdFile("DHCP=ipv4") },
    "off",
    "systemd.preset(5)",
  ],
  [
    "networkd, which presets enable and the vendor masked",
    { ...FIRST, ...SET, ...ENABLED, [NETWORKD]: "", ...networkdFile("DHCP=ipv4") },
    "off",
    "systemd.unit(5): an empty file masks",
  ],
  ["machine-id cannot be read", { ...FIRST, "/etc/machine-id": BROKEN }, "unknown", "not looked at"],
  [
    "a preset cannot be read",
    { ...FIRST, "/etc/systemd/system-preset/10-own.preset": BROKEN },
    "unknown",
    "not looked at",
  ],
  [
    "a folder of presets cannot be read",
    { ...FIRST, "/etc/systemd/system-preset": BROKEN },
    "unknown",
    "not looked at",
  ],
];

truthTable("presets of a first boot", PRESETS);

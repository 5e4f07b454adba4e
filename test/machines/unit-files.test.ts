import { corrupt } from "../../src/errors.ts";
import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { redHat, suse, ubuntu, wanted } from "./distributions.ts";
import { interfaces, keyfile, netplan, SET, without } from "./settings.ts";

/*
 * Links that enable a unit which is not there start nothing. So it is where a package was removed by hand, and its links
 * were not. Sources: systemd.unit(5), "Unit File Load Path"; systemd, src/core/load-dropin.c.
 */

const UNITS = "/usr/lib/systemd/system";
const NM = `${UNITS}/NetworkManager.service`;
const RED_HAT: FlatFiles = { ...redHat("9"), ...keyfile("[ipv6]\nmethod=disabled\n") };
/** sshd's is left: the folder of units is there. */
const GONE = without(RED_HAT, NM);
const BAD = corrupt("ext4", "bad checksum");
const UFW: FlatFiles = {
  ...DEBIAN_12,
  ...wanted("ufw.service"),
  "/etc/ufw/ufw.conf": "ENABLED=yes\n",
  "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=1\n",
};
const UP = interfaces("  up sysctl -w net.ipv6.conf.ens5.disable_ipv6=1\n");

const ROWS: readonly Cells[] = [
  ["NetworkManager, method=disabled", RED_HAT, "off", "nm-device.c"],
  ["NetworkManager gone", GONE, "on", "systemd.unit(5)"],
  ["NetworkManager gone, sysctl", { ...GONE, ...SET }, "off", "nothing writes 0"],
  ["NetworkManager masked in /usr", { ...GONE, [NM]: { link: "/dev/null" } }, "on", "systemd.unit(5)"],
  ["NetworkManager's unit could not be read", { ...RED_HAT, [NM]: BAD }, "unknown", "could not look"],
  ["the units could not be listed", { ...without(GONE, UNITS), [UNITS]: BAD }, "unknown", "could not look"],
  ["no unit of any package", without(GONE, UNITS), "unknown", "systemd itself lies somewhere else"],
  [
    "its unit in /usr/local",
    {
      ...GONE,
      "/usr/local/lib/systemd/system/NetworkManager.service":
        "[Service]\nExecStart=/usr/sbin/NetworkManager\n",
    },
    "off",
    "systemd.unit(5)",
  ],
  [
    "its unit in /etc",
    {
      ...GONE,
      "/etc/systemd/system/NetworkManager.service": "[Service]\nExecStart=/usr/sbin/NetworkManager\n",
    },
    "off",
    "systemd.unit(5)",
  ],
  [
    "ifupdown gone, up switches off",
    { ...without(DEBIAN_12, `${UNITS}/networking`), ...wanted("ssh.service"), ...UP },
    "on",
    "systemd.unit(5)",
  ],
  [
    "ifupdown by its SysV script, up switches off",
    {
      ...without(DEBIAN_12, `${UNITS}/networking`),
      ...wanted("ssh.service"),
      ...UP,
      "/etc/init.d/networking": "#!/bin/sh\n",
    },
    "off",
    "systemd-sysv-generator(8)",
  ],
  ["wicked gone", without({ ...suse(), ...SET }, `${UNITS}/wicked`), "off", "systemd-sysctl has written 1"],
  [
    "an old networkd gone, which would switch off",
    {
      ...without(ubuntu("18.04"), `${UNITS}/systemd-networkd`),
      ...netplan("  ethernets:\n    ens5:\n      dhcp4: true\n      link-local: []\n"),
    },
    "on",
    "systemd.unit(5)",
  ],
  ["ufw's own settings", UFW, "off", "ufw-init-functions"],
  ["ufw gone", without(UFW, `${UNITS}/ufw`), "on", "systemd.unit(5)"],
  ["ufw's unit where nobody can look", { ...without(UFW, UNITS), [UNITS]: BAD }, "unknown", "could not look"],
];

truthTable("units that are enabled and not there", ROWS, 0o600);

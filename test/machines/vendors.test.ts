import { corrupt } from "../../src/errors.ts";
import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { ON, SET } from "./settings.ts";

const UNITS = "/usr/lib/systemd/system";
const SERVICE = `${UNITS}/systemd-sysctl.service`;
const RULES = "/usr/lib/udev/rules.d";
const ON_SCRIPT = "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n";
const LATE: FlatFiles = { [`${UNITS}/dbus.service`]: ON_SCRIPT };

/** As packages of Debian 12 have it. */
const VENDOR: FlatFiles = {
  ...DEBIAN_12,
  ...SET,
  [SERVICE]:
    "[Unit]\nDescription=Apply Kernel Variables\n[Service]\nType=oneshot\nExecStart=/lib/systemd/systemd-sysctl\n",
  [`${UNITS}/procps.service`]: { link: "systemd-sysctl.service" },
  [`${UNITS}/sysinit.target.wants/systemd-sysctl.service`]: { link: "../systemd-sysctl.service" },
  [`${UNITS}/sysinit.target.wants/systemd-udevd.service`]: { link: "../systemd-udevd.service" },
  [`${UNITS}/systemd-udevd.service`]: "[Service]\nExecStart=/lib/systemd/systemd-udevd\n",
  [`${UNITS}/dbus.service`]: "[Service]\nExecStart=/usr/bin/dbus-daemon --system\n",
  [`${UNITS}/multi-user.target.wants/dbus.service`]: { link: "../dbus.service" },
  [`${UNITS}/user@.service.d/10-login-barrier.conf`]: "[Unit]\nAfter=systemd-user-sessions.service\n",
  [`${RULES}/99-systemd.rules`]:
    'ACTION=="add", SUBSYSTEM=="net", RUN+="/lib/systemd/systemd-sysctl --prefix=/net/ipv6/conf/$name"\n',
};

function less(files: FlatFiles, path: string): FlatFiles {
  return Object.fromEntries(Object.entries(files).filter(([one]) => one !== path));
}

/** What packages put into /usr, changed by who made the image. */
const CHANGED: readonly Cells[] = [
  ["as packages have it", VENDOR, "off", "systemd 252"],
  [
    "the vendor's link removed",
    less(VENDOR, `${UNITS}/sysinit.target.wants/systemd-sysctl.service`),
    "on",
    "systemd.unit(5): nothing starts it; a booted Debian 12",
  ],
  ["the vendor's unit emptied", { ...VENDOR, [SERVICE]: "" }, "on", "systemd.unit(5): an empty file masks"],
  ["the vendor's unit a mask", { ...VENDOR, [SERVICE]: { link: "/dev/null" } }, "on", "systemd.unit(5)"],
  ["the vendor's unit removed", less(VENDOR, SERVICE), "on", "systemd.unit(5): a link alone is no unit"],
  [
    "a vendor's service that writes",
    { ...VENDOR, ...LATE },
    "unknown",
    "systemd.service(5): it may come after systemd-sysctl",
  ],
  [
    "a vendor's service that writes, linked by nothing",
    less({ ...VENDOR, ...LATE }, `${UNITS}/multi-user.target.wants/dbus.service`),
    "off",
    "systemd.unit(5)",
  ],
  [
    "a vendor's drop-in that writes",
    { ...VENDOR, [`${UNITS}/dbus.service.d/1.conf`]: ON_SCRIPT },
    "unknown",
    "systemd.unit(5), drop-ins",
  ],
  [
    "a link added to the vendor's",
    {
      ...VENDOR,
      [`${UNITS}/basic.target.wants/late.service`]: { link: "../late.service" },
      [`${UNITS}/late.service`]: ON_SCRIPT,
    },
    "unknown",
    "systemd.unit(5), .wants/",
  ],
  [
    "a vendor's drop-in of systemd-sysctl that runs something else",
    {
      ...VENDOR,
      [`${SERVICE}.d/1.conf`]: "[Service]\nExecStart=\nExecStart=/bin/true\n",
    },
    "unknown",
    "systemd.unit(5), drop-ins",
  ],
  [
    "a vendor's rule that writes",
    {
      ...VENDOR,
      [`${RULES}/50-net.rules`]:
        'ACTION=="add", SUBSYSTEM=="net", RUN+="/sbin/sysctl -w net.ipv6.conf.$name.disable_ipv6=0"\n',
    },
    "unknown",
    "udev(7), RUN",
  ],
  [
    "a later file of the vendor's",
    { ...VENDOR, "/usr/lib/sysctl.d/80-on.conf": ON },
    "on",
    "sysctl.d(5): files are read in the order of their names",
  ],
];
truthTable("with scan --thorough", CHANGED, 0o700, true);

const BAD = corrupt("ext4", "bad checksum");
const noUnits: FlatFiles = Object.fromEntries(
  Object.entries(VENDOR).filter(([path]) => !path.startsWith(UNITS)),
);

/** What is asked for and cannot be read is no reason for an off. */
const UNREADABLE: readonly Cells[] = [
  ["all of the vendor's units", { ...noUnits, [UNITS]: BAD }, "unknown", "could not look"],
  ["the vendor's unit", { ...VENDOR, [SERVICE]: BAD }, "unknown", "could not look"],
  [
    "the vendor's links",
    {
      ...less(VENDOR, `${UNITS}/multi-user.target.wants/dbus.service`),
      [`${UNITS}/multi-user.target.wants`]: BAD,
    },
    "unknown",
    "could not look",
  ],
  ["another service", { ...VENDOR, [`${UNITS}/dbus.service`]: BAD }, "unknown", "could not look"],
  ["a rule", { ...VENDOR, [`${RULES}/50-net.rules`]: BAD }, "unknown", "could not look"],
];
truthTable("with scan --thorough, unreadable", UNREADABLE, 0o700, true);

import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { SET, unit } from "./settings.ts";

const OWN = "/etc/systemd/system";
const NETWORKD = "systemd-networkd.service";
const VENDOR = `/usr/lib/systemd/system/${NETWORKD}`;
const LINK = { link: VENDOR };
/** systemd-networkd is installed, with a network of the image's own: off unless something starts it. */
const IDLE: FlatFiles = {
  ...DEBIAN_12,
  ...SET,
  [VENDOR]: "[Service]\nExecStart=/usr/lib/systemd/systemd-networkd\n",
  "/etc/systemd/network/10-all.network": "[Match]\nName=*\n[Network]\nDHCP=yes\n",
};
const DROP_IN = `${OWN}/multi-user.target.d/own.conf`;

/** A unit that is started and pulls in others. */
function pulling(lines: string, rest = "[Service]\nType=oneshot\nExecStart=/bin/true\n"): FlatFiles {
  return unit(`${OWN}/own.service`, `[Unit]\n${lines}\n${rest}`);
}

/** Each was booted: in all that are not off, networkd runs and switches IPv6 on. */
const STARTS: readonly Cells[] = [
  ...["multi-user.target.upholds"].map(
    (folder): Cells => [
      `a link in ${folder}`,
      { ...IDLE, [`${OWN}/${folder}/${NETWORKD}`]: LINK },
      "on",
      "systemd.unit(5), Upholds=",
    ],
  ),
  ...["sysinit.target.wants", "timers.target.wants", "getty.target.wants", "dbus.socket.wants"].map(
    (folder): Cells => [
      `a link in ${folder}`,
      { ...IDLE, [`${OWN}/${folder}/${NETWORKD}`]: LINK },
      "unknown",
      "systemd.unit(5), .wants/",
    ],
  ),
  ...["rescue.target.wants", "shutdown.target.wants"].map(
    (folder): Cells => [
      `a link in ${folder}`,
      { ...IDLE, [`${OWN}/${folder}/${NETWORKD}`]: LINK },
      "off",
      "bootup(7)",
    ],
  ),
  [
    "a drop-in of all targets",
    { ...IDLE, [`${OWN}/target.d/own.conf`]: `[Unit]\nWants=${NETWORKD}\n` },
    "unknown",
    "systemd.unit(5): drop-in files",
  ],
  [
    "a line that goes on",
    { ...IDLE, [DROP_IN]: `[Unit]\nWants=own.service \\\n# and\n  ${NETWORKD}\n` },
    "unknown",
    "systemd.syntax(7)",
  ],
  [
    "a line that goes on and only orders",
    { ...IDLE, [DROP_IN]: `[Unit]\nAfter=own.service \\\n  ${NETWORKD}\n` },
    "off",
    "systemd.syntax(7)",
  ],
  [
    "when a unit ends well",
    { ...IDLE, ...pulling(`OnSuccess=${NETWORKD}`) },
    "unknown",
    "systemd.unit(5), OnSuccess=",
  ],
  [
    "when a unit fails",
    { ...IDLE, ...pulling(`OnFailure=${NETWORKD}`) },
    "unknown",
    "systemd.unit(5), OnFailure=",
  ],
  [
    "a unit that is part of it",
    { ...IDLE, ...pulling(`PartOf=${NETWORKD}`) },
    "off",
    "systemd.unit(5), PartOf=",
  ],
  [
    "an instance of a template",
    {
      ...IDLE,
      [`${OWN}/own@.service`]: "[Unit]\nWants=%I.service\n[Service]\nExecStart=/bin/true\n",
      [`${OWN}/multi-user.target.wants/own@systemd\\x2dnetworkd.service`]: { link: `${OWN}/own@.service` },
    },
    "unknown",
    "systemd.unit(5): specifiers",
  ],
  [
    "an instance of a template that wants something else",
    {
      ...IDLE,
      [`${OWN}/own@.service`]: "[Unit]\nWants=own-%i.socket\n[Service]\nExecStart=/bin/true\n",
      [`${OWN}/multi-user.target.wants/own@a.service`]: { link: `${OWN}/own@.service` },
    },
    "off",
    "systemd.unit(5): specifiers",
  ],
  [
    "a timer",
    {
      ...IDLE,
      [`${OWN}/own.timer`]: `[Timer]\nOnBootSec=1min\nUnit=${NETWORKD}\n`,
      [`${OWN}/timers.target.wants/own.timer`]: { link: `${OWN}/own.timer` },
    },
    "unknown",
    "systemd.timer(5), Unit=",
  ],
  [
    "a timer of its name",
    {
      ...IDLE,
      [`${OWN}/systemd-networkd.timer`]: "[Timer]\nOnBootSec=1min\n",
      [`${OWN}/timers.target.wants/systemd-networkd.timer`]: { link: `${OWN}/systemd-networkd.timer` },
    },
    "unknown",
    "systemd.timer(5), Unit=",
  ],
  [
    "a path",
    {
      ...IDLE,
      [`${OWN}/own.path`]: `[Path]\nPathExists=/etc/passwd\nUnit=${NETWORKD}\n`,
      [`${OWN}/paths.target.wants/own.path`]: { link: `${OWN}/own.path` },
    },
    "unknown",
    "systemd.path(5), Unit=",
  ],
  [
    "another name for it, which is wanted",
    { ...IDLE, [`${OWN}/own.service`]: LINK, [`${OWN}/multi-user.target.wants/own.service`]: LINK },
    "unknown",
    "systemd.unit(5): aliases",
  ],
];

truthTable("what starts a network manager", STARTS);

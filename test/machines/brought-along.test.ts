import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { wanted } from "./distributions.ts";
import { keyfile, SET } from "./settings.ts";

/*
 * What switches IPv6 on again, and is started by something that is started: found where the image's own files say so.
 */

const UNITS = "/etc/systemd/system";
const VENDOR = "/usr/lib/systemd/system";
const BASE: FlatFiles = {
  ...DEBIAN_12,
  ...SET,
  "/opt/on": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
};
const RUNS = "[Service]\nExecStart=/opt/on\n";
const QUIET = "[Service]\nExecStart=/bin/true\n";
const OWN = { [`${VENDOR}/own.service`]: RUNS };
const enabled = (name: string, body: string): FlatFiles => ({
  ...wanted(name),
  [`${VENDOR}/${name}`]: body,
});
const cloud = (text: string): FlatFiles => ({
  "/etc/cloud/cloud.cfg": "users: []\n",
  "/etc/cloud/cloud.cfg.d/90.cfg": text,
  [`${UNITS}/cloud-init.target.wants/cloud-init.service`]: { link: "/lib/systemd/system/cloud-init.service" },
});
const rcLocal = (line: string): FlatFiles => ({ "/etc/rc.local": `#!/bin/sh\n${line}\n` });

const ROWS: readonly Cells[] = [
  ["nothing", BASE, "off", "systemd-sysctl"],
  [
    "a unit that another wants",
    { ...BASE, ...OWN, ...enabled("mine.service", `[Unit]\nWants=own.service\n${QUIET}`) },
    "unknown",
    "systemd.unit(5), Wants=",
  ],
  [
    "a unit that is wanted by one that is wanted",
    {
      ...BASE,
      ...OWN,
      ...enabled("mine.service", `[Unit]\nRequires=next.service\n${QUIET}`),
      [`${VENDOR}/next.service`]: `[Unit]\nOnSuccess=own.service\n${QUIET}`,
    },
    "unknown",
    "systemd.unit(5), OnSuccess=",
  ],
  [
    "a unit that a target of the image's own wants",
    { ...BASE, ...OWN, ...enabled("mine.target", "[Unit]\nWants=own.service\n") },
    "unknown",
    "systemd.unit(5), Wants=",
  ],
  [
    "a unit that a drop-in wants",
    { ...BASE, ...OWN, [`${UNITS}/ssh.service.d/x.conf`]: "[Unit]\nUpholds=own.service\n" },
    "unknown",
    "systemd.unit(5), Upholds=",
  ],
  [
    "a drop-in of all services",
    { ...BASE, [`${UNITS}/service.d/x.conf`]: "[Service]\nExecStartPre=-/opt/on\n" },
    "unknown",
    "systemd.unit(5): type.d/",
  ],
  [
    "the service of a timer",
    { ...BASE, ...OWN, ...enabled("own.timer", "[Timer]\nOnBootSec=1\n") },
    "unknown",
    "systemd.timer(5): the service of its name",
  ],
  [
    "another service of a timer",
    { ...BASE, ...OWN, ...enabled("mine.timer", "[Timer]\nOnBootSec=1\nUnit=own.service\n") },
    "unknown",
    "systemd.timer(5), Unit=",
  ],
  [
    "units that want each other",
    {
      ...BASE,
      ...enabled("mine.service", `[Unit]\nWants=yours.service\n${QUIET}`),
      [`${VENDOR}/yours.service`]: `[Unit]\nWants=mine.service\n${QUIET}`,
    },
    "off",
    "none of them writes",
  ],
  [
    "a unit that is upheld",
    {
      ...BASE,
      [`${UNITS}/multi-user.target.upholds/NetworkManager.service`]: {
        link: "/lib/systemd/system/NetworkManager.service",
      },
    },
    "on",
    "systemd.unit(5), .upholds/; NetworkManager writes 0",
  ],
  [
    "a unit that a rule of udev wants",
    {
      ...BASE,
      ...OWN,
      "/etc/udev/rules.d/90.rules": 'SUBSYSTEM=="net", TAG+="systemd", ENV{SYSTEMD_WANTS}+="own.service"\n',
    },
    "unknown",
    "systemd.device(5)",
  ],
  [
    "a program of udev's folder",
    {
      ...BASE,
      "/etc/udev/rules.d/90.rules": 'SUBSYSTEM=="net", RUN+="on.sh $name"\n',
      "/usr/lib/udev/on.sh": "#!/bin/sh\necho 0 > /proc/sys/net/ipv6/conf/$1/disable_ipv6\n",
    },
    "unknown",
    "udev(7), RUN",
  ],
  ["NetworkManager itself", { ...BASE, ...rcLocal("/usr/sbin/NetworkManager") }, "unknown", "it writes 0"],
  [
    "networkd itself",
    { ...BASE, ...rcLocal("exec /lib/systemd/systemd-networkd &") },
    "unknown",
    "it may write 0",
  ],
  ["ConnMan itself", { ...BASE, ...rcLocal("true && connmand -n") }, "unknown", "it writes 0"],
  ["NetworkManager named", { ...BASE, ...rcLocal("echo no NetworkManager here") }, "off", "nothing runs it"],
  [
    "cloud-init installs NetworkManager",
    { ...BASE, ...cloud("packages:\n  - curl\n  - network-manager\n") },
    "unknown",
    "its package starts it",
  ],
  [
    "cloud-init installs it, in one line",
    { ...BASE, ...cloud("packages: [curl, network-manager]\n") },
    "unknown",
    "its package starts it",
  ],
  ["cloud-init installs others", { ...BASE, ...cloud("packages: [curl, network-manager-doc]\n") }, "off", ""],
  [
    "cloud-init writes a sysctl file",
    {
      ...BASE,
      ...cloud(
        "write_files:\n- encoding: b64\n  content: bmV0LmlwdjYuY29uZi5hbGwuZGlzYWJsZV9pcHY2PTAK\n  path: /etc/sysctl.d/99-x.conf\n",
      ),
    },
    "unknown",
    "cc_write_files: read from the next boot on",
  ],
  [
    "cloud-init writes something else",
    { ...BASE, ...cloud("write_files:\n- path: /etc/motd\n  content: hello\n") },
    "off",
    "cc_write_files",
  ],
];
truthTable("what is brought along", ROWS);

const OF_TIMERS: FlatFiles = {
  ...BASE,
  ...OWN,
  [`${VENDOR}/own.timer`]: "[Timer]\nOnBootSec=1\n",
  [`${UNITS}/timers.target.wants/own.timer`]: { link: "/lib/systemd/system/own.timer" },
};
const THOROUGH: readonly Cells[] = [
  ["the service of a timer that timers.target wants", OF_TIMERS, "unknown", "systemd.timer(5)"],
  [
    "a hook of a package",
    {
      ...BASE,
      ...wanted("NetworkManager.service"),
      ...keyfile("[ipv6]\nmethod=ignore\n"),
      "/usr/lib/NetworkManager/dispatcher.d/90-on": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "NetworkManager-dispatcher(8)",
  ],
];
truthTable("what is brought along, with scan --thorough", THOROUGH, 0o700, true);

import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { wanted } from "./distributions.ts";
import { interfaces, SET, unit } from "./settings.ts";

/*
 * Each was booted as a row of `test/truth/containers/tables/places.ts`: the machine came up with IPv6. What is run is not
 * followed to its end, so that sixray does not know.
 */

const OFF: FlatFiles = { ...DEBIAN_12, ...SET };
const OWN = "/etc/systemd/system";
const COMMAND = "sysctl -w net.ipv6.conf.all.disable_ipv6=0\n";
const SCRIPT = `#!/bin/sh\n${COMMAND}`;
const SERVICE = `[Service]\nType=oneshot\nExecStart=/sbin/${COMMAND}`;
const THERE: FlatFiles = {
  "/opt/own.sh": SCRIPT,
  "/usr/bin/own-bin": SCRIPT,
  "/usr/local/bin/own-local": SCRIPT,
};

const local = (text: string): FlatFiles => ({ "/etc/rc.local": `#!/bin/sh\n${text}\n` });
const service = (lines: string): FlatFiles =>
  unit(`${OWN}/own.service`, `[Service]\nType=oneshot\n${lines}\n`);
const rows = (
  files: readonly (readonly [string, FlatFiles, string])[],
  state = "unknown",
): readonly Cells[] =>
  files.map(([name, more, source]) => [name, { ...OFF, ...THERE, ...more }, state, source]);

truthTable(
  "what scripts run",
  rows([
    ["a program of /usr/bin", local("/usr/bin/own-bin"), "sh(1)"],
    ["a program by its name", local("own-bin"), "sh(1), PATH"],
    ["a program by its name, after a condition", local("if true; then own-bin; fi"), "sh(1)"],
    [
      "a program by its name, in an init script",
      { "/etc/init.d/own": "#!/bin/sh\nown-bin\n", "/etc/rc3.d/S50own": { link: "../init.d/own" } },
      "systemd-sysv-generator(8)",
    ],
    ["in another folder", local("cd /opt\n./own.sh"), "sh(1), cd"],
    ["in another folder, by a shell", local("cd /opt && sh own.sh"), "sh(1), cd"],
    ["a variable", local("DIR=/opt\n$DIR/own.sh"), "sh(1), parameter expansion"],
    ["a variable in braces and quotes", local('DIR="/opt"\nsh "$' + '{DIR}/own.sh"'), "sh(1)"],
    [
      "a variable that a file assigns",
      { ...local(". /etc/default/own\n$DIR/own.sh"), "/etc/default/own": "DIR=/opt\n" },
      "sh(1), dot",
    ],
    ["a variable of a loop", local("for d in /srv /opt; do $d/own.sh; done"), "sh(1), for"],
    ["its own folder", { ...local('"$(dirname "$0")"/own/up'), "/etc/own/up": SCRIPT }, "dirname(1)"],
    ["all of a folder", { ...local("for f in /opt/own.d/*; do $f; done"), "/opt/own.d/a": SCRIPT }, "sh(1)"],
    [
      "all of a folder, by run-parts",
      { ...local("run-parts /opt/own.d"), "/opt/own.d/a": SCRIPT },
      "run-parts(8)",
    ],
    ["a pattern", local("sh /opt/ow?.sh"), "sh(1), pathname expansion"],
    ["a key in quotes", local('sysctl -w net.ipv6.conf.all.disable_"ipv6"=0'), "sh(1), quote removal"],
    [
      "a shell that logs in",
      { ...local("bash -lc true"), "/etc/profile.d/own.sh": SCRIPT },
      "bash(1), INVOCATION",
    ],
    [
      "what interfaces(5) runs by its name",
      interfaces("iface eth0 inet dhcp\n  up own-bin"),
      "interfaces(5)",
    ],
    ["the same in /usr/local", interfaces("iface eth0 inet dhcp\n  up own-local"), "interfaces(5)"],
    [
      "the same in a further file",
      { "/etc/network/interfaces.d/own": "auto lo:1\niface lo:1 inet manual\n  up /opt/own.sh\n" },
      "interfaces(5), source",
    ],
  ]),
);

truthTable(
  "what crontabs run",
  rows([
    ["a program by its name", { "/etc/cron.d/own": "@reboot root own-bin\n" }, "crontab(5)"],
    [
      "a program of /usr/bin",
      { "/var/spool/cron/crontabs/root": "@reboot /usr/bin/own-bin\n" },
      "crontab(5)",
    ],
    ["PATH", { "/etc/crontab": "PATH=/usr/local/bin\n@reboot root own-local\n" }, "crontab(5), PATH"],
    ["a variable", { "/etc/cron.d/own": "RUN=/opt/own.sh\n@reboot root $RUN\n" }, "crontab(5)"],
    ["SHELL", { "/etc/cron.d/own": "SHELL=/opt/own.sh\n@reboot root true\n" }, "crontab(5), SHELL"],
    ["every minute", { "/etc/cron.d/own": "* * * * * root /opt/own.sh\n" }, "crontab(5)"],
  ]),
);

truthTable(
  "what units run",
  rows([
    [
      "an instance's name",
      {
        [`${OWN}/own@.service`]: "[Service]\nExecStart=/opt/%i.sh\n",
        [`${OWN}/multi-user.target.wants/own@own.service`]: { link: `${OWN}/own@.service` },
      },
      "systemd.unit(5), Specifiers",
    ],
    ["a unit's own name", service("ExecStart=/opt/%N.sh"), "systemd.unit(5), Specifiers"],
    ["a working directory", service("WorkingDirectory=/opt\nExecStart=/bin/sh own.sh"), "systemd.exec(5)"],
    ["ExecSearchPath", service("ExecSearchPath=/opt\nExecStart=own.sh"), "systemd.exec(5)"],
    ["Environment", service("Environment=UP=/opt/own.sh\nExecStart=/bin/sh $UP"), "systemd.exec(5)"],
    ["PATH", service("Environment=PATH=/opt:/usr/bin\nExecStart=/bin/sh -c own.sh"), "systemd.exec(5)"],
    ["standard input", service("StandardInput=file:/opt/own.sh\nExecStart=/bin/sh"), "systemd.exec(5)"],
    [
      "standard input in base64",
      service(`StandardInput=data\nStandardInputData=${btoa(COMMAND)}\nExecStart=/bin/sh`),
      "systemd.exec(5)",
    ],
    [
      "files of variables",
      { ...service("EnvironmentFile=/etc/own-*\nExecStart=/bin/sh $UP"), "/etc/own-env": "UP=/opt/own.sh\n" },
      "systemd.exec(5)",
    ],
    [
      "a bind mount",
      service("BindPaths=/opt/own.sh:/usr/bin/true\nExecStart=/usr/bin/true"),
      "systemd.exec(5)",
    ],
    [
      "root lingers",
      {
        "/var/lib/systemd/linger/root": "",
        "/etc/systemd/user/default.target.wants/own.service": { link: "../own.service" },
      },
      "loginctl(1), enable-linger",
    ],
  ]),
);

const LIB = "/usr/lib/systemd/system";
const MAKES = `#!/bin/sh\nprintf '[Service]\\nExecStart=/opt/own.sh\\n' > $1/own.service\n`;
const NETWORKD: FlatFiles = {
  [`${LIB}/systemd-networkd.service`]: "[Service]\nExecStart=/usr/lib/systemd/systemd-networkd\n",
};
const DISPATCHER = wanted("networkd-dispatcher.service");

truthTable(
  "what vendors and /usr/local bring",
  rows([
    ["a generator", { "/usr/lib/systemd/system-generators/own": MAKES }, "systemd.generator(7)"],
    [
      "a generator of the image's own",
      { "/etc/systemd/system-generators/own": MAKES },
      "systemd.generator(7)",
    ],
    [
      "a generator of the environment",
      { "/usr/lib/systemd/system-environment-generators/own": `#!/bin/sh\n(sleep 3; ${COMMAND.trim()}) &\n` },
      "systemd.environment-generator(7)",
    ],
    [
      "tmpfiles in /usr/local",
      { "/usr/local/lib/tmpfiles.d/own.conf": "w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0\n" },
      "tmpfiles.d(5)",
    ],
    [
      "tmpfiles by a pattern",
      { "/etc/tmpfiles.d/own.conf": "w /proc/sys/net/ipv?/conf/all/disable_i* - - - - 0\n" },
      "tmpfiles.d(5)",
    ],
    ["a rule", { "/usr/lib/udev/rules.d/70-own.rules": 'SUBSYSTEM=="net", RUN+="/opt/own.sh"\n' }, "udev(7)"],
    [
      "a rule in /usr/local",
      { "/usr/local/lib/udev/rules.d/70-own.rules": 'SUBSYSTEM=="net", RUN+="/opt/own.sh"\n' },
      "udev(7), Rules files",
    ],
    [
      "a hook of networkd-dispatcher",
      { ...DISPATCHER, "/usr/lib/networkd-dispatcher/routable.d/own": SCRIPT },
      "networkd-dispatcher(8)",
    ],
    [
      "a card that nobody manages",
      { ...DISPATCHER, "/etc/networkd-dispatcher/unmanaged.d/own": SCRIPT },
      "networkd-dispatcher(8)",
    ],
  ]),
);

/** Without it these read "off": a folder for each target costs rounds on every disk that is off. */
truthTable(
  "what vendors link, with scan --thorough",
  [
    ...rows(
      [
        [
          "a unit of sysinit.target",
          {
            [`${LIB}/own.service`]: SERVICE,
            [`${LIB}/sysinit.target.wants/own.service`]: { link: "../own.service" },
          },
          "systemd.unit(5), .wants",
        ],
      ],
      "on",
    ),
    ...rows([
      [
        "a unit of multi-user.target",
        {
          [`${LIB}/own.service`]: SERVICE,
          [`${LIB}/multi-user.target.wants/own.service`]: { link: "../own.service" },
        },
        "systemd.unit(5), .wants",
      ],
      [
        "a timer",
        {
          [`${LIB}/own.service`]: SERVICE,
          [`${LIB}/own.timer`]: "[Timer]\nOnBootSec=1\n",
          [`${LIB}/timers.target.wants/own.timer`]: { link: "../own.timer" },
        },
        "systemd.timer(5)",
      ],
      [
        "a link of networkd",
        {
          ...NETWORKD,
          [`${LIB}/multi-user.target.wants/systemd-networkd.service`]: {
            link: "../systemd-networkd.service",
          },
        },
        "systemd.unit(5), .wants",
      ],
      [
        "a socket of networkd",
        {
          ...NETWORKD,
          [`${LIB}/sockets.target.wants/systemd-networkd.socket`]: { link: "../systemd-networkd.socket" },
        },
        "systemd.socket(5)",
      ],
      [
        "a timer of networkd",
        {
          ...NETWORKD,
          [`${LIB}/timers.target.wants/systemd-networkd.timer`]: { link: "../systemd-networkd.timer" },
        },
        "systemd.timer(5)",
      ],
    ]),
  ],
  0o700,
  true,
);

truthTable(
  "the same with nothing that writes",
  rows(
    [
      [
        "a generator that is masked",
        {
          "/usr/lib/systemd/system-generators/own": MAKES,
          "/etc/systemd/system-generators/own": { link: "/dev/null" },
        },
        "systemd.generator(7)",
      ],
      [
        "generators that everybody has",
        { "/usr/lib/systemd/system-generators/systemd-fstab-generator": "ELF" },
        "systemd.generator(7)",
      ],
      ["somebody else lingers", { "/var/lib/systemd/linger/admin": "" }, "loginctl(1)"],
      [
        "a vendor's unit",
        {
          [`${LIB}/own.service`]: "[Service]\nExecStart=/bin/true\n",
          [`${LIB}/multi-user.target.wants/own.service`]: { link: "../own.service" },
        },
        "systemd.unit(5)",
      ],
      ["a pattern that takes others", local("sh /opt/other-*.sh"), "sh(1)"],
      [
        "a pattern of tmpfiles that takes others",
        { "/etc/tmpfiles.d/own.conf": "w /proc/sys/net/ipv?/conf/all/accept_* - - - - 0\n" },
        "tmpfiles.d(5)",
      ],
      ["a job of the night", { "/etc/cron.d/own": "0 3 * * * root /opt/own.sh\n" }, "crontab(5)"],
      ["a name that is data", local("echo own-bin"), "echo(1)"],
    ],
    "off",
  ),
);

import type { FlatFiles } from "../../../support/machine.ts";
import { OWN, type Part, WANTS } from "../dice.ts";
import { extensions, generators, hooks, rules, tmpfiles } from "./further-places.ts";
import { enabledOwn, NETWORK, ON, SCRIPT, SCRIPTS, SERVICE, TEMPLATE } from "./switched-on.ts";

/** Places from which a machine that comes up runs something, with a command there that switches IPv6 on. */
export function places(): readonly Part[] {
  return [
    ...crontabs(),
    ...scripts(),
    ...services(),
    ...generators(),
    ...tmpfiles(),
    ...rules(),
    ...hooks(),
    ...extensions(),
  ].map(([name, files]) => [name, { ...SCRIPTS, ...files }]);
}

function crontabs(): readonly Part[] {
  const tab = (path: string, text: string): FlatFiles => ({ [path]: `${text}\n` });
  const rows: readonly Part[] = [
    ["/etc/crontab", tab("/etc/crontab", `@reboot root ${ON}`)],
    ["/etc/crontab, spaces before", tab("/etc/crontab", `  @reboot\troot\t${ON}`)],
    ["cron.d", tab("/etc/cron.d/own", `@reboot root ${ON}`)],
    ["cron.d, a name with a dot", tab("/etc/cron.d/own.sh", `@reboot root ${ON}`)],
    ["cron.d, a link", { "/etc/cron.d/own": { link: "/opt/tab" }, "/opt/tab": `@reboot root ${ON}\n` }],
    ["cron.d, of nobody", tab("/etc/cron.d/own", `@reboot nobody ${ON}`)],
    ["cron.d, a script", tab("/etc/cron.d/own", "@reboot root /opt/own.sh")],
    ["cron.d, a script of /usr/bin", tab("/etc/cron.d/own", "@reboot root /usr/bin/own-bin")],
    ["cron.d, a script by its name", tab("/etc/cron.d/own", "@reboot root own-bin")],
    ["cron.d, PATH", tab("/etc/cron.d/own", "PATH=/usr/local/bin\n@reboot root own-local")],
    ["/etc/crontab, PATH", tab("/etc/crontab", "PATH=/usr/local/bin\n@reboot root own-local")],
    ["cron.d, a variable", tab("/etc/cron.d/own", "RUN=/opt/own.sh\n@reboot root $RUN")],
    ["cron.d, SHELL", tab("/etc/cron.d/own", "SHELL=/opt/own.sh\n@reboot root true")],
    ["cron.d, standard input", tab("/etc/cron.d/own", `@reboot root sh%${ON}`)],
    ["cron.d, a name shipped", tab("/etc/cron.d/sysstat", "@reboot root /opt/own.sh")],
    ["cron.d, a comment", tab("/etc/cron.d/own", `#@reboot root ${ON}`)],
    ["root's", tab("/var/spool/cron/crontabs/root", `@reboot ${ON}`)],
    ["root's, a script", tab("/var/spool/cron/crontabs/root", "@reboot /opt/own.sh")],
    ["root's, a script of /usr/bin", tab("/var/spool/cron/crontabs/root", "@reboot /usr/bin/own-bin")],
    ["nobody's", tab("/var/spool/cron/crontabs/nobody", `@reboot ${ON}`)],
    ["cron.hourly", { "/etc/cron.hourly/own": SCRIPT }],
  ];
  return rows.map(([name, files]) => [`crontab: ${name}`, files]);
}

function scripts(): readonly Part[] {
  const local = (text: string, more: FlatFiles = {}): FlatFiles => ({
    "/etc/rc.local": `#!/bin/sh\n${text}\n`,
    ...more,
  });
  const init = (links: readonly string[], text: string = SCRIPT, name = "own"): FlatFiles => ({
    [`/etc/init.d/${name}`]: text,
    ...Object.fromEntries(links.map((at) => [`/etc/${at}${name}`, { link: `../init.d/${name}` }])),
  });
  const head = `#!/bin/sh\n### BEGIN INIT INFO\n# Provides: own\n# Default-Start: 2 3 4 5\n### END INIT INFO\n`;
  const rows: readonly Part[] = [
    ["rc.local", local(ON)],
    ["rc.local, not to be executed", { "/etc/rc.local": `${ON}\n` }],
    ["rc.local, a link", { "/etc/rc.local": { link: "/opt/own.sh" } }],
    ["rc.local, a script", local("/opt/own.sh")],
    ["rc.local, a script of /usr/bin", local("/usr/bin/own-bin")],
    ["rc.local, a script of /usr/bin by its name", local("own-bin")],
    ["rc.local, a script of /usr/local by its name", local("own-local")],
    ["rc.local, cd", local("cd /opt\n./own.sh")],
    ["rc.local, cd and sh", local("cd /opt && sh own.sh")],
    ["rc.local, a variable", local("DIR=/opt\n$DIR/own.sh")],
    ["rc.local, a variable in braces", local(`DIR="/opt"\nsh "$\{DIR}/own.sh"`)],
    ["rc.local, its own folder", local(`$(dirname $0)/own/up`, { "/etc/own/up": SCRIPT })],
    ["rc.local, all of a folder", local("for f in /opt/own.d/*; do $f; done", { "/opt/own.d/a": SCRIPT })],
    ["rc.local, run-parts", local("run-parts /opt/own.d", { "/opt/own.d/a": SCRIPT })],
    ["rc.local, a dot", local(". /opt/own.sh")],
    ["rc.local, a pattern", local("sh /opt/ow?.sh")],
    [
      "rc.local, sourced settings",
      local(". /etc/default/own\n$UP", { "/etc/default/own": "UP=/opt/own.sh\n" }),
    ],
    ["rc.local, a tilde", local("sh ~/own.sh", { "/root/own.sh": SCRIPT })],
    ["/etc/rc.d/rc.local", { "/etc/rc.d/rc.local": SCRIPT }],
    [
      "rc.local, a key in parts",
      local('for k in all default; do sysctl -w net.ipv6.conf.$k.disable_"ipv6"=0; done'),
    ],
    ["init.d, nothing links it", init([])],
    ["init.d, S", init(["rcS.d/S01"])],
    ["init.d, 2", init(["rc2.d/S01"])],
    ["init.d, 2, with a header", init(["rc2.d/S01"], `${head}${ON}\n`)],
    ["init.d, K", init(["rc2.d/K01"])],
    ["init.d, 6", init(["rc6.d/S01"])],
    ["init.d, 1", init(["rc1.d/S01"])],
    ["init.d, .sh", init(["rc3.d/S50"], SCRIPT, "own.sh")],
    ["init.d, not to be executed", init(["rc3.d/S50"], `${ON}\n`)],
    ["init.d, a script", init(["rc3.d/S50"], `${head}/usr/bin/own-bin\n`)],
    ["init.d, a shipped name", init(["rc2.d/S01"], SCRIPT, "bootmisc.sh")],
    ["init.d, masked", { ...init(["rc2.d/S01"]), [`${OWN}/own.service`]: { link: "/dev/null" } }],
  ];
  return rows;
}

function services(): readonly Part[] {
  const unit = (lines: string, more: FlatFiles = {}): FlatFiles => ({
    [`${OWN}/own.service`]: `[Service]\nType=oneshot\n${lines}\n`,
    ...enabledOwn("own.service"),
    ...more,
  });
  const instance = (lines: string): FlatFiles => ({
    [TEMPLATE]: `[Service]\nType=oneshot\n${lines}\n`,
    [`${WANTS}/own@own.service`]: { link: TEMPLATE },
  });
  const vendor = (folder: string, name: string, files: FlatFiles): FlatFiles => ({
    ...files,
    [`/usr/lib/systemd/system/${folder}/${name}`]: { link: `../${name}` },
  });
  const file = (name: string, text: string): FlatFiles => ({ [`/usr/lib/systemd/system/${name}`]: text });
  const rows: readonly Part[] = [
    ["an instance's name in a path", instance("ExecStart=/opt/%i.sh")],
    ["an instance's prefix in a path", instance("ExecStart=/opt/%p.sh")],
    ["a unit's name in a path", unit("ExecStart=/opt/%N.sh")],
    [
      "a template's drop-in",
      { ...instance("ExecStart=/bin/true"), [`${TEMPLATE}.d/a.conf`]: `[Service]\nExecStartPost=${ON}\n` },
    ],
    [
      "an instance's drop-in",
      {
        ...instance("ExecStart=/bin/true"),
        [`${OWN}/own@own.service.d/a.conf`]: `[Service]\nExecStartPost=${ON}\n`,
      },
    ],
    ["a working directory", unit("WorkingDirectory=/opt\nExecStart=/bin/sh own.sh")],
    ["a working directory and ./", unit("WorkingDirectory=/opt\nExecStart=/bin/sh ./own.sh")],
    ["ExecSearchPath", unit("ExecSearchPath=/opt\nExecStart=own.sh")],
    ["Environment", unit("Environment=UP=/opt/own.sh\nExecStart=/bin/sh $UP")],
    ["Environment of a folder", unit("Environment=DIR=/opt\nExecStart=/bin/sh $" + "{DIR}/own.sh")],
    ["PATH", unit("Environment=PATH=/opt:/usr/bin\nExecStart=/bin/sh -c own.sh")],
    ["standard input", unit("StandardInput=file:/opt/own.sh\nExecStart=/bin/sh")],
    [
      "standard input of text",
      unit(
        `StandardInput=data\nStandardInputText=${ON.replace("disable_", "disable\\x5f")}\nExecStart=/bin/sh`,
      ),
    ],
    [
      "standard input of data",
      unit(`StandardInput=data\nStandardInputData=${btoa(`${ON}\n`)}\nExecStart=/bin/sh`),
    ],
    [
      "a file of variables by a pattern",
      unit("EnvironmentFile=/etc/own-*\nExecStart=/bin/sh $UP", { "/etc/own-env": "UP=/opt/own.sh\n" }),
    ],
    ["a root of its own", unit("RootDirectory=/srv/own\nExecStart=/bin/true")],
    ["a bind mount", unit("BindPaths=/opt/own.sh:/usr/bin/true\nExecStart=/usr/bin/true")],
    ["busybox", unit("ExecStart=/bin/busybox sysctl -w net.ipv6.conf.all.disable_ipv6=0")],
    ["a socket that is connected to", unit("ExecStart=/bin/sh -c 'echo > /dev/tcp/127.0.0.1/7' ")],
    [
      "a program that is a link",
      unit("ExecStart=/usr/bin/own-link", { "/usr/bin/own-link": { link: "/opt/own.sh" } }),
    ],
    [
      "a vendor's unit wanted by the vendor",
      vendor("multi-user.target.wants", "own.service", file("own.service", SERVICE)),
    ],
    [
      "a vendor's unit wanted by the vendor's sysinit",
      vendor("sysinit.target.wants", "own.service", file("own.service", SERVICE)),
    ],
    [
      "a vendor's unit wanted by the vendor's basic",
      vendor("basic.target.wants", "own.service", file("own.service", SERVICE)),
    ],
    [
      "a vendor's timer",
      vendor("timers.target.wants", "own.timer", {
        ...file("own.service", SERVICE),
        ...file("own.timer", "[Timer]\nOnBootSec=1s\nAccuracySec=100ms\n"),
      }),
    ],
    [
      "a vendor's path",
      vendor("paths.target.wants", "own.path", {
        ...file("own.service", SERVICE),
        ...file("own.path", "[Path]\nPathExists=/etc/passwd\n"),
      }),
    ],
    ["a vendor's drop-in", file("systemd-logind.service.d/own.conf", `[Service]\nExecStartPost=+${ON}\n`)],
    [
      "a vendor's drop-in of a target",
      {
        ...file("multi-user.target.d/own.conf", "[Unit]\nWants=own.service\n"),
        ...file("own.service", SERVICE),
      },
    ],
    [
      "a vendor's timer of networkd",
      vendor("timers.target.wants", "systemd-networkd.timer", {
        ...file("systemd-networkd.timer", "[Timer]\nOnBootSec=1s\nAccuracySec=100ms\n"),
        ...NETWORK,
      }),
    ],
    [
      "a vendor's link of networkd",
      {
        "/usr/lib/systemd/system/multi-user.target.wants/systemd-networkd.service": {
          link: "../systemd-networkd.service",
        },
        ...NETWORK,
      },
    ],
    [
      "a vendor's sysinit links networkd",
      {
        "/usr/lib/systemd/system/sysinit.target.wants/systemd-networkd.service": {
          link: "../systemd-networkd.service",
        },
        ...NETWORK,
      },
    ],
    [
      "a vendor's socket of networkd",
      {
        "/usr/lib/systemd/system/sockets.target.wants/systemd-networkd.socket": {
          link: "../systemd-networkd.socket",
        },
        ...NETWORK,
      },
    ],
    [
      "root lingers",
      {
        "/var/lib/systemd/linger/root": "",
        "/etc/systemd/user/own.service": SERVICE,
        "/etc/systemd/user/default.target.wants/own.service": { link: "/etc/systemd/user/own.service" },
      },
    ],
    [
      "root lingers, at home",
      {
        "/var/lib/systemd/linger/root": "",
        "/root/.config/systemd/user/own.service": SERVICE,
        "/root/.config/systemd/user/default.target.wants/own.service": {
          link: "/root/.config/systemd/user/own.service",
        },
      },
    ],
    [
      "nobody lingers",
      {
        "/var/lib/systemd/linger/nobody": "",
        "/etc/systemd/user/own.service": SERVICE,
        "/etc/systemd/user/default.target.wants/own.service": { link: "/etc/systemd/user/own.service" },
      },
    ],
    [
      "the environment of all",
      {
        "/etc/systemd/system.conf.d/own.conf": "[Manager]\nDefaultEnvironment=UP=/opt/own.sh\n",
        ...unit("ExecStart=/bin/sh -c $UP"),
      },
    ],
    ["a profile of a shell", { "/etc/profile.d/own.sh": SCRIPT }],
    ["a login shell", { "/etc/profile.d/own.sh": SCRIPT, ...unit("ExecStart=/bin/sh -lc true") }],
    ["BASH_ENV", unit("Environment=BASH_ENV=/opt/own.sh\nExecStart=/bin/bash -c true")],
    ["ENV in the environment of all", { "/etc/environment": "BASH_ENV=/opt/own.sh\n" }],
  ];
  return rows.map(([name, files]) => [`service: ${name}`, files]);
}

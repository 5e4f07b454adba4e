import type { FlatFiles } from "../../../support/machine.ts";
import { NIC } from "../container.ts";
import { enabled, OWN, type Part, WANTS } from "../dice.ts";

const ON = "/usr/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0";
const SWITCH = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
const SCRIPT = `#!/bin/sh\n${ON}\n`;
const SERVICE = `[Service]\nType=oneshot\nExecStart=${ON}\n`;
const RULES = "/etc/udev/rules.d";
const TEMPLATE = `${OWN}/own@.service`;

const SCRIPTS: FlatFiles = {
  "/opt/own.sh": SCRIPT,
  "/usr/bin/own-bin": SCRIPT,
  "/usr/local/bin/own-local": SCRIPT,
};

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

const NETWORK: FlatFiles = {
  "/etc/systemd/network/50-own.network": "[Match]\nName=en*\n[Network]\nDHCP=no\n",
};

function enabledOwn(name: string): FlatFiles {
  return { [`${WANTS}/${name}`]: { link: `${OWN}/${name}` } };
}

function generators(): readonly Part[] {
  const makes = `#!/bin/sh\nmkdir -p $1/multi-user.target.wants\nprintf '[Service]\\nType=oneshot\\nExecStart=/opt/own.sh\\n' > $1/own.service\nln -s ../own.service $1/multi-user.target.wants/\n`;
  const folders = ["/etc/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"];
  return [
    ...folders.map((at): Part => [`generator in ${at}`, { [`${at}/system-generators/own`]: makes }]),
    ...folders.map(
      (at): Part => [
        `generator of the environment in ${at}`,
        { [`${at}/system-environment-generators/own`]: `#!/bin/sh\n(sleep 3; ${ON}) >/dev/null 2>&1 &\n` },
      ],
    ),
    ["generator that may not be executed", { "/etc/systemd/system-generators/own": makes.slice(10) }],
    [
      "generator with a link",
      { "/etc/systemd/system-generators/own": { link: "/opt/gen" }, "/opt/gen": makes },
    ],
    [
      "generator that makes links of networkd",
      {
        "/usr/lib/systemd/system-generators/own":
          "#!/bin/sh\nmkdir -p $1/multi-user.target.wants\nln -s /usr/lib/systemd/system/systemd-networkd.service $1/multi-user.target.wants/\n",
        ...NETWORK,
      },
    ],
  ];
}

function tmpfiles(): readonly Part[] {
  const rows: readonly (readonly [string, string])[] = [
    ["w", `w ${SWITCH} - - - - 0`],
    ["w+", `w+ ${SWITCH} - - - - 0`],
    ["w!", `w! ${SWITCH} - - - - 0`],
    ["w-", `w- ${SWITCH} - - - - 0`],
    ["f", `f ${SWITCH} - - - - 0`],
    ["f+", `f+ ${SWITCH} - - - - 0`],
    ["F", `F ${SWITCH} - - - - 0`],
    ["quoted", `w "${SWITCH}" - - - - "0"`],
    ["type quoted", `"w" ${SWITCH} - - - - 0`],
    ["escaped", "w /proc/sys/net/ipv6/conf/all/disable\\x5fipv6 - - - - 0"],
    ["octal", "w /proc/sys/net/ipv6/conf/all/disable\\137ipv6 - - - - 0"],
    ["pattern", "w /proc/sys/net/ipv6/conf/*/disable_ipv6 - - - - 0"],
    ["pattern of the key", "w /proc/sys/net/ipv6/conf/all/dis*_ipv6 - - - - 0"],
    ["pattern of the folder", "w /proc/sys/net/ipv?/conf/all/disable_i* - - - - 0"],
    ["pattern in brackets", "w /proc/sys/net/ipv6/conf/all/disable[_]ipv6 - - - - 0"],
    ["two slashes", "w /proc/sys/net/ipv6//conf/all/disable_ipv6 - - - - 0"],
    ["/proc/1", "w /proc/1/root/proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0"],
    ["/proc/self", "w /proc/self/root/proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0"],
    ["a line feed", `w ${SWITCH} - - - - 0\\n`],
    ["00", `w ${SWITCH} - - - - 00`],
    ["base64", `w~ ${SWITCH} - - - - MAo=`],
    ["tabs", `w\t${SWITCH}\t-\t-\t-\t-\t0`],
    ["spaces before", `   w ${SWITCH} - - - - 0`],
    ["a link", `L+ /run/own - - - - ${SWITCH}\nw /run/own - - - - 0`],
    ["for the card", `w /proc/sys/net/ipv6/conf/${NIC}/disable_ipv6 - - - - 0`],
    [
      "two",
      `w ${SWITCH} - - - - 1\nw /proc/sys/net/ipv6/conf/default/disable_ipv6 - - - - 0\nw /proc/sys/net/ipv6/conf/${NIC}/disable_ipv6 - - - - 0`,
    ],
    ["removed", `r ${SWITCH}`],
    [
      "a unit",
      "L+ /run/systemd/system/multi-user.target.wants/systemd-networkd.service - - - - /usr/lib/systemd/system/systemd-networkd.service",
    ],
    ["a script of cron", "L+ /etc/cron.d/own - - - - /opt/tab"],
    ["a copy for sysctl", "C /run/sysctl.d/99-own.conf - - - - /opt/own.conf"],
    ["a specifier", "w /proc/sys/net/ipv6/conf/all/disable%%ipv6 - - - - 0"],
  ];
  const more = {
    "/opt/tab": "@reboot root /opt/own.sh\n",
    "/opt/own.conf": "net.ipv6.conf.all.disable_ipv6=0\n",
  };
  const places = [
    "/etc/tmpfiles.d/own.conf",
    "/usr/lib/tmpfiles.d/own.conf",
    "/usr/local/lib/tmpfiles.d/own.conf",
    "/etc/tmpfiles.d/own",
    "/etc/tmpfiles.d/tmp.conf",
    "/usr/lib/tmpfiles.d/cloud-own.conf",
  ];
  return [
    ...rows.map(
      ([name, line]): Part => [
        `tmpfiles: ${name}`,
        { ...more, ...NETWORK, "/etc/tmpfiles.d/own.conf": `${line}\n` },
      ],
    ),
    ...places.map((path): Part => [`tmpfiles: ${path}`, { [path]: `w ${SWITCH} - - - - 0\n` }]),
    [
      "tmpfiles: masked",
      {
        "/usr/lib/tmpfiles.d/own.conf": `w ${SWITCH} - - - - 0\n`,
        "/etc/tmpfiles.d/own.conf": { link: "/dev/null" },
      },
    ],
  ];
}

function rules(): readonly Part[] {
  const write = `/bin/sh -c 'echo 0 > ${SWITCH}'`;
  const net = 'ACTION=="add", SUBSYSTEM=="net"';
  const rows: readonly (readonly [string, string])[] = [
    ["RUN", `${net}, RUN+="${write}"`],
    ["RUN{program}", `${net}, RUN{program}+="${write}"`],
    ["RUN=", `${net}, RUN="${write}"`],
    ["RUN:=", `${net}, RUN:="${write}"`],
    ["PROGRAM", `${net}, PROGRAM="${write}"`],
    ["PROGRAM==", `${net}, PROGRAM=="${write}"`],
    ["IMPORT{program}", `${net}, IMPORT{program}="${write}"`],
    ["SYSCTL", `${net}, SYSCTL{net/ipv6/conf/all/disable_ipv6}="0"`],
    ["SYSCTL with dots", `${net}, SYSCTL{net.ipv6.conf.all.disable_ipv6}="0"`],
    ["SYSCTL of the name", `${net}, SYSCTL{net/ipv6/conf/$name/disable_ipv6}="0"`],
    ["SYSCTL by a variable", `${net}, ENV{OWN}="disable_", SYSCTL{net/ipv6/conf/all/$env{OWN}ipv6}="0"`],
    [
      "a variable",
      `${net}, ENV{OWN}="disable_"\n${net}, RUN+="/bin/sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/$env{OWN}ipv6'"`,
    ],
    ["a line that goes on", `${net}, \\\n  RUN+="${write}"`],
    ["escaped", `${net}, RUN+=e"/bin/sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable\\x5fipv6'"`],
    ["another name", `${net}, KERNEL=="wlan*", RUN+="${write}"`],
    ["not another name", `${net}, KERNEL!="wlan*", RUN+="${write}"`],
    ["gone to the end", `GOTO="end"\n${net}, RUN+="${write}"\nLABEL="end"`],
    ["lo", `SUBSYSTEM=="net", KERNEL=="lo", RUN+="/opt/own.sh"`],
    ["mem", `SUBSYSTEM=="mem", RUN+="/opt/own.sh"`],
    ["tty", `SUBSYSTEM=="tty", KERNEL=="console", RUN+="/opt/own.sh"`],
    ["a script", `${net}, RUN+="/opt/own.sh"`],
    ["a script of /usr/bin", `${net}, RUN+="/usr/bin/own-bin %k"`],
    ["a script of udev", `${net}, RUN+="own-udev"`],
    ["a script of udev, IMPORT", `${net}, IMPORT{program}="own-udev"`],
    ["a script quoted", `${net}, RUN+="/bin/sh '/opt/own.sh' $name"`],
    ["a script by a variable", `${net}, ENV{UP}="/opt/own.sh"\n${net}, RUN+="/bin/sh $env{UP}"`],
    ["wants", `${net}, TAG+="systemd", ENV{SYSTEMD_WANTS}+="own.service"`],
    ["wants an instance", `${net}, TAG+="systemd", ENV{SYSTEMD_WANTS}+="own@%k.service"`],
    ["wants a template", `${net}, TAG+="systemd", ENV{SYSTEMD_WANTS}+="own@.service"`],
    ["wants networkd", `${net}, TAG+="systemd", ENV{SYSTEMD_WANTS}+="systemd-networkd.service"`],
    [
      "wants networkd, of mem",
      `SUBSYSTEM=="mem", KERNEL=="null", TAG+="systemd", ENV{SYSTEMD_WANTS}="systemd-networkd.service"`,
    ],
    ["imports a file", `${net}, IMPORT{file}="/etc/own-env", RUN+="/bin/sh $env{UP}"`],
  ];
  const more: FlatFiles = {
    ...NETWORK,
    "/usr/lib/udev/own-udev": SCRIPT,
    "/etc/own-env": "UP=/opt/own.sh\n",
    [`${OWN}/own.service`]: SERVICE,
    "/etc/systemd/system/own@.service": SERVICE,
  };
  const folders = [RULES, "/usr/lib/udev/rules.d", "/usr/local/lib/udev/rules.d"];
  return [
    ...rows.map(
      ([name, rule]): Part => [`rule: ${name}`, { ...more, [`${RULES}/70-own.rules`]: `${rule}\n` }],
    ),
    ...folders.map(
      (at): Part => [`rule: in ${at}`, { [`${at}/70-own.rules`]: `${net}, RUN+="/opt/own.sh"\n` }],
    ),
    ...folders.map(
      (at): Part => [`rule: the switch in ${at}`, { [`${at}/70-own.rules`]: `${net}, RUN+="${write}"\n` }],
    ),
    [
      "rule: masked",
      {
        "/usr/lib/udev/rules.d/70-ipv6.rules": `${net}, RUN+="${write}"\n`,
        [`${RULES}/70-ipv6.rules`]: { link: "/dev/null" },
      },
    ],
  ];
}

function hooks(): readonly Part[] {
  const dispatched = (folder: string, name = "own"): FlatFiles => ({
    ...enabled("systemd-networkd.service"),
    "/etc/systemd/network/50-own.network": `[Match]\nName=en*\n[Network]\nLinkLocalAddressing=no\nAddress=192.0.2.5/24\n`,
    [`${folder}/${name}`]: SCRIPT,
  });
  const states = [
    "off.d",
    "no-carrier.d",
    "dormant.d",
    "degraded-carrier.d",
    "carrier.d",
    "degraded.d",
    "routable.d",
    "configuring.d",
    "configured.d",
    "unmanaged.d",
  ];
  const manager = (files: FlatFiles): FlatFiles => ({
    ...enabled("NetworkManager.service"),
    "/etc/systemd/system/dbus-org.freedesktop.nm-dispatcher.service": {
      link: "/usr/lib/systemd/system/NetworkManager-dispatcher.service",
    },
    "/etc/NetworkManager/system-connections/own.nmconnection":
      "[connection]\nid=own\nuuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n[ipv4]\nmethod=manual\naddress1=192.0.2.5/24\n[ipv6]\nmethod=disabled\n",
    ...files,
  });
  const up = enabled("networking.service");
  const interfaces = (more: string): FlatFiles => ({
    ...up,
    "/etc/network/interfaces": `auto lo ${NIC}\niface lo inet loopback\niface ${NIC} inet static\n  address 192.0.2.5/24\n${more}`,
  });
  return [
    ...states.map(
      (state): Part => [`networkd-dispatcher: ${state}`, dispatched(`/etc/networkd-dispatcher/${state}`)],
    ),
    ["networkd-dispatcher: of the vendor", dispatched("/usr/lib/networkd-dispatcher/routable.d")],
    [
      "networkd-dispatcher: a link",
      {
        ...dispatched("/etc/networkd-dispatcher/routable.d"),
        "/etc/networkd-dispatcher/routable.d/own": { link: "/opt/own.sh" },
      },
    ],
    ["dispatcher: own", manager({ "/etc/NetworkManager/dispatcher.d/own": SCRIPT })],
    ["dispatcher: pre-up.d", manager({ "/etc/NetworkManager/dispatcher.d/pre-up.d/own": SCRIPT })],
    ["dispatcher: no-wait.d", manager({ "/etc/NetworkManager/dispatcher.d/no-wait.d/own": SCRIPT })],
    ["dispatcher: a link", manager({ "/etc/NetworkManager/dispatcher.d/own": { link: "/opt/own.sh" } })],
    [
      "dispatcher: a link to nothing",
      manager({ "/etc/NetworkManager/dispatcher.d/own": { link: "/dev/null" } }),
    ],
    [
      "dispatcher: a script",
      manager({ "/etc/NetworkManager/dispatcher.d/own": "#!/bin/sh\n/usr/bin/own-bin\n" }),
    ],
    ["dispatcher: a shipped name", manager({ "/etc/NetworkManager/dispatcher.d/11-dhclient": SCRIPT })],
    ["dispatcher: not to be executed", manager({ "/etc/NetworkManager/dispatcher.d/own": `${ON}\n` })],
    ["dispatcher: of the vendor", manager({ "/usr/lib/NetworkManager/dispatcher.d/own": SCRIPT })],
    [
      "dispatcher: of the vendor, pre-up.d",
      manager({ "/usr/lib/NetworkManager/dispatcher.d/pre-up.d/own": SCRIPT }),
    ],
    ["ifupdown: if-up.d", { ...interfaces(""), "/etc/network/if-up.d/own": SCRIPT }],
    ["ifupdown: if-pre-up.d", { ...interfaces(""), "/etc/network/if-pre-up.d/own": SCRIPT }],
    ["ifupdown: if-up.d with a dot", { ...interfaces(""), "/etc/network/if-up.d/own.sh": SCRIPT }],
    ["ifupdown: a link", { ...interfaces(""), "/etc/network/if-up.d/own": { link: "/opt/own.sh" } }],
    [
      "ifupdown: if-up.d runs /usr/bin",
      { ...interfaces(""), "/etc/network/if-up.d/own": "#!/bin/sh\nown-bin\n" },
    ],
    ["ifupdown: if-down.d", { ...interfaces(""), "/etc/network/if-down.d/own": SCRIPT }],
    ["ifupdown: up /usr/bin", interfaces("  up /usr/bin/own-bin\n")],
    ["ifupdown: up by its name", interfaces("  up own-bin\n")],
    ["ifupdown: up by its name in /usr/local", interfaces("  up own-local\n")],
    [
      "ifupdown: in a further file",
      {
        ...interfaces("source /etc/network/interfaces.d/*\n"),
        "/etc/network/interfaces.d/own": "auto lo:1\niface lo:1 inet manual\n  up /opt/own.sh\n",
      },
    ],
    [
      "ifupdown: defaults",
      { ...interfaces(""), "/etc/default/networking": "CONFIGURE_INTERFACES=yes\n/opt/own.sh\n" },
    ],
    ["ifupdown: down", interfaces("  down /opt/own.sh\n")],
  ];
}

function extensions(): readonly Part[] {
  const release = "ID=_any\n";
  const rows: readonly (readonly [string, string, string])[] = [
    ["sysext", "/var/lib/extensions", "usr/lib"],
    ["sysext", "/etc/extensions", "usr/lib"],
    ["confext", "/var/lib/confexts", "etc"],
    ["confext", "/usr/lib/confexts", "etc"],
    ["confext", "/usr/local/lib/confexts", "etc"],
  ];
  return rows.flatMap(([kind, folder, top]): readonly Part[] => {
    const dir = kind === "sysext" ? "usr/lib/extension-release.d" : "etc/extension-release.d";
    const files: FlatFiles = {
      [`${folder}/own/${dir}/extension-release.own`]: release,
      [`${folder}/own/${top}/sysctl.d/zz-own.conf`]: "net.ipv6.conf.all.disable_ipv6=0\n",
    };
    const unit = `systemd-${kind}.service`;
    const link = { link: `/usr/lib/systemd/system/${unit}` };
    return [
      [`${kind} in ${folder}, nothing starts it`, files],
      [`${kind} in ${folder}, multi-user`, { ...files, ...enabled(unit) }],
      [`${kind} in ${folder}, sysinit`, { ...files, [`${OWN}/sysinit.target.wants/${unit}`]: link }],
      [
        `${kind} in ${folder}, applied by a unit`,
        {
          ...files,
          [`${OWN}/own.service`]: `[Service]\nType=oneshot\nExecStart=/usr/bin/systemd-${kind} merge\nExecStart=/usr/lib/systemd/systemd-sysctl\n`,
          ...enabledOwn("own.service"),
        },
      ],
    ];
  });
}

import { NIC } from "../container.ts";
import { enabled, OWN, type Part } from "../dice.ts";

const WRITE = "/usr/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0";
const SWITCH = "/proc/sys/net/ipv6/conf/all/disable_ipv6";

/** What a unit of the image's own runs to switch IPv6 on, or does not. */
export function commands(): readonly Part[] {
  return SERVICES.map(([name, lines]) => [
    name,
    {
      ...HELPERS,
      [`${OWN}/own.service`]: `[Unit]\nDescription=own\n[Service]\n${lines.includes("Type=") ? "" : "Type=oneshot\n"}${lines}\n`,
      ...enabled("own.service"),
    },
  ]);
}

const HELPERS = {
  "/opt/own.sh": `#!/bin/sh\n${WRITE}\n`,
  "/usr/local/bin/own": `#!/bin/sh\n${WRITE}\n`,
  "/usr/bin/own": `#!/bin/sh\n${WRITE}\n`,
  "/usr/lib/own/run": `#!/bin/sh\n${WRITE}\n`,
  "/etc/own.conf": "net.ipv6.conf.all.disable_ipv6=0\n",
  "/etc/own-zero": "0\n",
  "/etc/own-tmpfiles": `w ${SWITCH} - - - - 0\n`,
  "/etc/default/own": "ARG=net.ipv6.conf.all.disable_ipv6=0\n",
};

const SERVICES: readonly (readonly [name: string, lines: string])[] = [
  ["plain", `ExecStart=${WRITE}`],
  ["may fail", `ExecStart=-${WRITE}`],
  ["another argv[0]", "ExecStart=@/usr/sbin/sysctl own -w net.ipv6.conf.all.disable_ipv6=0"],
  ["with all rights", `ExecStart=+${WRITE}`],
  ["a shell", `ExecStart=/bin/sh -c '${WRITE}'`],
  [
    "a variable",
    "Environment=KEY=net.ipv6.conf.all.disable_ipv6\nExecStart=/usr/sbin/sysctl -w $" + "{KEY}=0",
  ],
  ["a file of variables", "EnvironmentFile=/etc/default/own\nExecStart=/usr/sbin/sysctl -w $ARG"],
  ["after the start", `ExecStart=/bin/true\nExecStartPost=${WRITE}`],
  ["after the stop", `ExecStart=/bin/true\nExecStopPost=${WRITE}`],
  ["at the stop", `RemainAfterExit=yes\nExecStart=/bin/true\nExecStop=${WRITE}`],
  ["as a condition", `ExecCondition=${WRITE}\nExecStart=/bin/true`],
  ["at a reload", `Type=simple\nExecStart=/bin/sleep 100\nExecReload=${WRITE}`],
  ["a script", "ExecStart=/opt/own.sh"],
  ["a script of a shell", "ExecStart=/bin/bash /opt/own.sh"],
  ["a script in /usr/local", "ExecStart=/usr/local/bin/own"],
  ["a script in /usr/bin", "ExecStart=/usr/bin/own"],
  ["a script in /usr/lib", "ExecStart=/usr/lib/own/run"],
  ["a script by its name", "ExecStart=own"],
  ["a line that goes on", "ExecStart=/usr/sbin/sysctl -w \\\n  net.ipv6.conf.all.disable_ipv6=0"],
  ["tee", `ExecStart=/bin/sh -c 'echo 0 | tee ${SWITCH}'`],
  ["a pattern", "ExecStart=/bin/sh -c 'for f in /proc/sys/net/ipv6/conf/*/dis*; do echo 0 > $$f; done'"],
  ["a folder", `ExecStart=/bin/sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 > ${NIC}/disable_ipv6'`],
  ["sysctl -p", "ExecStart=/usr/sbin/sysctl -p /etc/own.conf"],
  ["sysctl -p of a pipe", "ExecStart=/bin/sh -c 'sysctl -p - < /etc/own.conf'"],
  ["sysctl --load", "ExecStart=/usr/sbin/sysctl --load=/etc/own.conf"],
  ["sysctl -qp", "ExecStart=/usr/sbin/sysctl -e -qp /etc/own.conf"],
  ["sysctl -f, by its name alone", "WorkingDirectory=/etc\nExecStart=/usr/sbin/sysctl -f own.conf"],
  ["sysctl -p, behind a key", "WorkingDirectory=/etc\nExecStart=/usr/sbin/sysctl kernel.panic=1 -p own.conf"],
  ["sysctl --system", "ExecStart=/usr/sbin/sysctl --system"],
  ["sysctl -p alone", "ExecStart=/usr/sbin/sysctl -p"],
  [
    "sysctl --system, other files",
    "BindPaths=/etc/own.conf:/etc/sysctl.conf\nExecStart=/usr/sbin/sysctl --system",
  ],
  ["systemd-sysctl alone", "ExecStart=/usr/lib/systemd/systemd-sysctl"],
  ["systemd-sysctl", "ExecStart=/usr/lib/systemd/systemd-sysctl /etc/own.conf"],
  ["tmpfiles", "ExecStart=/bin/systemd-tmpfiles --create /etc/own-tmpfiles"],
  ["dd", `ExecStart=/bin/sh -c 'printf 0 | dd of=${SWITCH}'`],
  ["cp", `ExecStart=/bin/cp /etc/own-zero ${SWITCH}`],
  ["standard output", `ExecStart=/bin/echo 0\nStandardOutput=file:${SWITCH}`],
  ["systemd-run", `ExecStart=/usr/bin/systemd-run ${WRITE}`],
  ["when all is quiet", `Type=idle\nExecStart=${WRITE}`],
  ["without rights", `User=nobody\nExecStart=${WRITE}`],
  ["quoted", `ExecStart="/usr/sbin/sysctl" "-w" "net.ipv6.conf.all.disable_ipv6=0"`],
  ["escaped", "ExecStart=/usr/sbin/sysctl -w net.ipv6.conf.all.disable\\x5fipv6=0"],
  ["slashes", "ExecStart=/usr/sbin/sysctl -w net/ipv6/conf/all/disable_ipv6=0"],
  ["spaces", `ExecStart=/usr/sbin/sysctl -w "net.ipv6.conf.all.disable_ipv6 = 0"`],
  ["spaces around", `ExecStart = ${WRITE}`],
  ["two sections", `ExecStart=/bin/true\n[Unit]\nAfter=network.target\n[Service]\nExecStartPost=${WRITE}`],
  ["another card", "ExecStart=/sbin/ip link add dummy7 type dummy"],
  ["ip -6", `ExecStart=/bin/sh -c 'ip -6 addr add 2001:db8::9/64 dev ${NIC}'`],
  ["networkctl", `ExecStart=/bin/sh -c 'ip link set ${NIC} addrgenmode none'`],
];

import { debian12, ubuntu2404Cloud } from "./debian.ts";
import { enable } from "./parts.ts";
import { rhel9 } from "./redhat.ts";
import { type Case, check, HARDENED } from "./run.ts";

const INSTALL = "systemd.unit(5), [Install]";
const ON = "sysctl -w net.ipv6.conf.all.disable_ipv6=0";
const OFF = "sysctl -w net.ipv6.conf.all.disable_ipv6=1";
const OWN = "/etc/systemd/system";

const service = (command: string): string =>
  `[Service]\nType=oneshot\nExecStart=/sbin/${command}\n[Install]\nWantedBy=multi-user.target\n`;
const unit = (command: string): Case[1] => ({ [`${OWN}/ipv6.service`]: service(command) });
const enabled = enable("ipv6.service");
const hardened = { ...debian12, ...HARDENED };
const script = (command: string): { readonly script: string } => ({ script: `#!/bin/sh\n${command}\n` });

check("units", [
  ["off, not enabled", { ...debian12, ...unit(OFF) }, "on", INSTALL],
  ["off, enabled", { ...debian12, ...unit(OFF), ...enabled }, "unknown", INSTALL],
  ["on, not enabled, hardened", { ...hardened, ...unit(ON) }, "off", INSTALL],
  ["on, enabled, hardened", { ...hardened, ...unit(ON), ...enabled }, "unknown", INSTALL],
  [
    "on, by a timer, hardened",
    {
      ...hardened,
      ...unit(ON),
      [`${OWN}/ipv6.timer`]: "[Timer]\nOnBootSec=5\n[Install]\nWantedBy=timers.target\n",
      [`${OWN}/timers.target.wants/ipv6.timer`]: { link: `${OWN}/ipv6.timer` },
    },
    "unknown",
    "systemd.timer(5), Unit=",
  ],
  [
    "on, by another unit, hardened",
    {
      ...hardened,
      ...unit(ON),
      [`${OWN}/x.service`]: "[Unit]\nWants=ipv6.service\n[Service]\nExecStart=/bin/true\n",
    },
    "unknown",
    "systemd.unit(5), Wants=",
  ],
  [
    "on, by a link of a service, hardened",
    { ...hardened, ...unit(ON), [`${OWN}/ssh.service.wants/ipv6.service`]: { link: `${OWN}/ipv6.service` } },
    "unknown",
    "systemd.unit(5), .wants",
  ],
  [
    "on, only when it shuts down, hardened",
    {
      ...hardened,
      ...unit(ON),
      [`${OWN}/shutdown.target.wants/ipv6.service`]: { link: `${OWN}/ipv6.service` },
    },
    "off",
    "systemd.special(7), shutdown.target",
  ],
  [
    "on, no [Install], hardened",
    { ...hardened, [`${OWN}/ipv6.service`]: `[Service]\nExecStart=/sbin/${ON}\n` },
    "unknown",
    "systemctl(1), static",
  ],
  [
    "on, in the vendor's folder, hardened",
    { ...hardened, ...enabled, "/usr/lib/systemd/system/ipv6.service": service(ON) },
    "unknown",
    "systemd.unit(5), unit paths",
  ],
  [
    "off, in /usr/local/lib",
    {
      ...debian12,
      "/usr/local/lib/systemd/system/ipv6.service": service(OFF),
      [`${OWN}/multi-user.target.wants/ipv6.service`]: { link: "/usr/local/lib/systemd/system/ipv6.service" },
    },
    "unknown",
    "systemd.unit(5), unit paths",
  ],
  [
    "on, linked from elsewhere, hardened",
    {
      ...hardened,
      "/opt/x/ipv6.service": service(ON),
      [`${OWN}/ipv6.service`]: { link: "/opt/x/ipv6.service" },
      [`${OWN}/multi-user.target.wants/ipv6.service`]: { link: "/opt/x/ipv6.service" },
    },
    "unknown",
    "systemctl(1), link",
  ],
  [
    "masked, hardened",
    { ...hardened, [`${OWN}/ipv6.service`]: { link: "/dev/null" } },
    "off",
    "systemctl(1), mask",
  ],
]);

const SYSCTL = `${OWN}/systemd-sysctl.service`;

check("what a unit starts, and the unit of systemd-sysctl", [
  [
    "a program in /usr/bin, hardened",
    {
      ...hardened,
      [`${OWN}/ipv6.service`]: "[Service]\nExecStart=/usr/bin/x-up\n[Install]\nWantedBy=multi-user.target\n",
      ...enabled,
      "/usr/bin/x-up": script(ON),
    },
    "unknown",
    "systemd.service(5), ExecStart=",
  ],
  [
    "a program that rc.local names, hardened",
    { ...hardened, "/etc/rc.local": script("/opt/net/up.sh"), "/opt/net/up.sh": script(ON) },
    "unknown",
    "systemd-rc-local-generator(8)",
  ],
  ["masked", { ...hardened, [SYSCTL]: { link: "/dev/null" } }, "on", "systemctl(1), mask"],
  [
    "another unit in its place",
    { ...hardened, [SYSCTL]: "[Service]\nExecStart=/bin/true\n" },
    "unknown",
    "systemd.unit(5), unit paths",
  ],
  [
    "a drop-in with a condition",
    { ...hardened, [`${SYSCTL}.d/x.conf`]: "[Unit]\nConditionPathExists=/etc/never\n" },
    "unknown",
    "systemd.unit(5), Condition",
  ],
  [
    "a drop-in without one",
    { ...hardened, [`${SYSCTL}.d/x.conf`]: "[Unit]\nAfter=local-fs.target\n" },
    "off",
    "systemd.unit(5), drop-ins",
  ],
  [
    "a drop-in where networkd decides",
    { ...ubuntu2404Cloud, ...HARDENED, [`${SYSCTL}.d/x.conf`]: "[Unit]\nConditionPathExists=/etc/never\n" },
    "on",
    "systemd.network(5), LinkLocalAddressing",
  ],
]);

check("scripts", [
  ["rc.local off", { ...debian12, "/etc/rc.local": script(OFF) }, "unknown", "systemd-rc-local-generator(8)"],
  [
    "rc.local on, hardened",
    { ...hardened, "/etc/rc.local": script(ON) },
    "unknown",
    "systemd-rc-local-generator(8)",
  ],
  [
    "rc.local that may not be executed",
    { ...debian12, "/etc/rc.local": script(OFF).script },
    "on",
    "systemd-rc-local-generator(8): executable",
  ],
  ["the same, hardened", { ...hardened, "/etc/rc.local": script(ON).script }, "off", "the same"],
  ["if-up.d, hardened", { ...hardened, "/etc/network/if-up.d/ipv6": script(ON) }, "unknown", "run-parts(8)"],
  [
    "if-up.d, may not be executed",
    { ...hardened, "/etc/network/if-up.d/ipv6": script(ON).script },
    "off",
    "run-parts(8)",
  ],
  [
    "if-up.d, a name with a dot",
    { ...hardened, "/etc/network/if-up.d/ipv6.sh": script(ON) },
    "off",
    "run-parts(8)",
  ],
  [
    "cron at reboot, hardened",
    { ...hardened, "/etc/cron.d/x": `@reboot root /sbin/${ON}\n` },
    "unknown",
    "crontab(5)",
  ],
  [
    "root's crontab, hardened",
    { ...hardened, "/var/spool/cron/crontabs/root": `@reboot /sbin/${ON}\n` },
    "unknown",
    "crontab(5)",
  ],
  [
    "a dispatcher of NetworkManager, hardened",
    {
      ...rhel9,
      ...HARDENED,
      "/etc/NetworkManager/system-connections/x.nmconnection":
        "[connection]\nid=x\ntype=ethernet\n[ipv6]\nmethod=ignore\n",
      "/etc/NetworkManager/dispatcher.d/99-ipv6": script(ON),
    },
    "unknown",
    "NetworkManager-dispatcher(8)",
  ],
]);

const TMPFILES = "tmpfiles.d(5), w";
const line = (value: number, name = "all"): string =>
  `w /proc/sys/net/ipv6/conf/${name}/disable_ipv6 - - - - ${value}\n`;

check("tmpfiles and udev", [
  ["off", { ...debian12, "/etc/tmpfiles.d/x.conf": line(1) }, "unknown", TMPFILES],
  ["off by a pattern", { ...debian12, "/etc/tmpfiles.d/x.conf": line(1, "*") }, "unknown", TMPFILES],
  ["on, hardened", { ...hardened, "/etc/tmpfiles.d/x.conf": line(0) }, "unknown", TMPFILES],
  ["off, hardened", { ...hardened, "/etc/tmpfiles.d/x.conf": line(1) }, "off", TMPFILES],
  [
    "on, the vendor's, hardened",
    { ...hardened, "/usr/lib/tmpfiles.d/ipv6.conf": line(0) },
    "unknown",
    TMPFILES,
  ],
  [
    "a rule's SYSCTL key",
    {
      ...debian12,
      "/etc/udev/rules.d/7.rules": 'SUBSYSTEM=="net", SYSCTL{net/ipv6/conf/$name/disable_ipv6}="1"\n',
    },
    "unknown",
    "udev(7), SYSCTL{}",
  ],
  [
    "a rule of the vendor that runs a command, hardened",
    { ...hardened, "/usr/lib/udev/rules.d/70-ipv6.rules": `SUBSYSTEM=="net", RUN+="/sbin/${ON}"\n` },
    "unknown",
    "udev(7), RUN{}",
  ],
]);

check("cloud-init and ufw", [
  [
    "runcmd",
    { ...ubuntu2404Cloud, "/etc/cloud/cloud.cfg.d/99.cfg": `runcmd:\n - ${OFF}\n` },
    "unknown",
    "cloud-init, cc_runcmd",
  ],
  [
    "runcmd where cloud-init is disabled, hardened",
    { ...hardened, "/etc/cloud/cloud.cfg": `runcmd:\n - ${ON}\n`, "/etc/cloud/cloud-init.disabled": "" },
    "off",
    "cloud-init, boot stages",
  ],
  [
    "runcmd where nothing starts cloud-init, hardened",
    { ...hardened, "/etc/cloud/cloud.cfg": `runcmd:\n - ${ON}\n` },
    "off",
    "cloud-init, boot stages",
  ],
  [
    "ufw's own settings, hardened",
    {
      ...hardened,
      ...enable("ufw.service"),
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
      "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=0\n",
    },
    "on",
    "ufw-init-functions",
  ],
]);

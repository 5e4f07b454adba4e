import { corrupt } from "../../src/errors.ts";
import { DEBIAN_12 } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { wanted } from "./distributions.ts";
import { interfaces, OFF, SET, unit } from "./settings.ts";

const WRITERS: readonly Cells[] = [
  [
    "tmpfiles.d switches on",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/tmpfiles.d/ipv6.conf": "w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0\n",
    },
    "unknown",
    "tmpfiles.d(5): both before sysinit.target, in no order",
  ],
  [
    "tmpfiles.d switches off",
    { ...DEBIAN_12, "/etc/tmpfiles.d/ipv6.conf": "w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 1\n" },
    "unknown",
    "off but for a clash: never on",
  ],
  [
    "tmpfiles.d of the vendor",
    {
      ...DEBIAN_12,
      ...SET,
      "/usr/lib/tmpfiles.d/zz-ipv6.conf": "w- /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0\n",
    },
    "unknown",
    "tmpfiles.d(5)",
  ],
  [
    "rc.local, executable",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/rc.local": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\nexit 0\n",
    },
    "unknown",
    "on, but what scripts do is not followed: rc-local.service runs after sysctl",
  ],
  [
    "rc.local, not executable",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/rc.local": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\nexit 0\n",
    },
    "off",
    "systemd-rc-local-generator(8)",
    0o644,
  ],
  [
    "rc.local, not executable, on",
    { ...DEBIAN_12, "/etc/rc.local": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=1\nexit 0\n" },
    "on",
    "systemd-rc-local-generator(8)",
    0o644,
  ],
  [
    "a unit, enabled",
    {
      ...DEBIAN_12,
      ...SET,
      ...unit(
        "/etc/systemd/system/no-ipv6.service",
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n[Install]\nWantedBy=multi-user.target\n",
      ),
    },
    "unknown",
    "on, but what units run is not followed: After=sysinit.target by default",
  ],
  [
    "a unit in /usr/lib, enabled",
    {
      ...DEBIAN_12,
      ...SET,
      ...wanted("enable-ipv6.service"),
      "/usr/lib/systemd/system/enable-ipv6.service":
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "runs some time",
  ],
  [
    "a unit in /usr/local/lib, enabled",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/multi-user.target.wants/v6.service": {
        link: "/usr/local/lib/systemd/system/v6.service",
      },
      "/usr/local/lib/systemd/system/v6.service":
        "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "runs some time",
  ],
  [
    "a unit, not enabled",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/v6.service":
        "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n[Install]\nWantedBy=multi-user.target\n",
    },
    "off",
    "no link starts it",
  ],
  [
    "a timer's unit",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/v6.service":
        "[Service]\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      "/etc/systemd/system/v6.timer": "[Timer]\nOnBootSec=5\n",
      "/etc/systemd/system/timers.target.wants/v6.timer": { link: "/etc/systemd/system/v6.timer" },
    },
    "unknown",
    "runs some time",
  ],
  [
    "udev rule",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/udev/rules.d/99-v6.rules":
        'ACTION=="add", SUBSYSTEM=="net", KERNEL!="lo", RUN+="/sbin/sysctl -w net.ipv6.conf.%k.disable_ipv6=0"\n',
    },
    "unknown",
    "udev(7)",
  ],
  [
    "cron.d @reboot",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/cron.d/v6": "@reboot root /sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "crontab(5)",
  ],
  [
    "root's crontab @reboot",
    {
      ...DEBIAN_12,
      ...SET,
      "/var/spool/cron/crontabs/root": "@reboot /sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "crontab(5)",
  ],
  [
    "dhclient hook",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/dhcp/dhclient-exit-hooks.d/v6": "sysctl -w net.ipv6.conf.$interface.disable_ipv6=0\n",
    },
    "unknown",
    "dhclient-script(8)",
  ],
  [
    "bootcmd",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/cloud/cloud.cfg": "datasource_list: [None]\n",
      "/etc/cloud/cloud.cfg.d/99-v6.cfg": "bootcmd:\n  - sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      ...wanted("cloud-init.service"),
    },
    "unknown",
    "cc_bootcmd",
  ],
  [
    "runcmd as a list",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/cloud/cloud.cfg":
        "datasource_list: [None]\nruncmd:\n - [ sysctl, -w, net.ipv6.conf.all.disable_ipv6=0 ]\n",
      ...wanted("cloud-init.service"),
    },
    "unknown",
    "cc_runcmd",
  ],
  ...[
    "/var/spool/cron/crontabs/root",
    "/usr/lib/tmpfiles.d/own.conf",
    "/etc/dhcp/dhclient-exit-hooks.d/own",
    "/usr/lib/tmpfiles.d",
    "/usr/lib/udev/rules.d",
    "/etc/init.d",
    "/etc/systemd/system-generators",
  ].map(
    (path): Cells => [
      `${path} that cannot be read`,
      { ...DEBIAN_12, ...SET, [path]: corrupt("ext4", "inode 12: checksum") },
      "unknown",
      "what could not be read is never a pass",
    ],
  ),
  [
    "NoCloud seed",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/cloud/cloud.cfg": "datasource_list: [NoCloud]\n",
      "/var/lib/cloud/seed/nocloud/user-data":
        "#cloud-config\nruncmd:\n - sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      "/var/lib/cloud/seed/nocloud/meta-data": "instance-id: x\n",
      ...wanted("cloud-init.service"),
    },
    "unknown",
    "DataSourceNoCloud: seed folder",
  ],
  [
    "SysV script",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/init.d/v6": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      "/etc/rc2.d/S01v6": { link: "../init.d/v6" },
      "/etc/rc3.d/S01v6": { link: "../init.d/v6" },
    },
    "unknown",
    "systemd-sysv-generator(8)",
  ],
  [
    "a drop-in of sshd",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/ssh.service.d/v6.conf":
        "[Service]\nExecStartPre=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "systemd.unit(5)",
  ],
  [
    "ufw with its own file",
    {
      ...DEBIAN_12,
      ...SET,
      ...wanted("ufw.service"),
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
      "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=0\n",
    },
    "on",
    "ufw-init-functions: IPT_SYSCTL",
  ],
  [
    "ufw with a file of another name",
    {
      ...DEBIAN_12,
      ...SET,
      ...wanted("ufw.service"),
      "/etc/ufw/ufw.conf": "ENABLED=yes\n",
      "/etc/default/ufw": "IPV6=yes\nIPT_SYSCTL=/etc/own/sysctl.conf\n",
      "/etc/ufw/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=1\n",
      "/etc/own/sysctl.conf": "net/ipv6/conf/all/disable_ipv6=0\n",
    },
    "on",
    "ufw-init-functions: IPT_SYSCTL",
  ],
  [
    "apparmor has nothing to do with it",
    { ...DEBIAN_12, ...SET, ...wanted("apparmor.service", "cron.service", "ssh.service") },
    "off",
    "none writes it",
  ],
  [
    "sysctl --system by a unit reads sysctl.conf",
    {
      ...DEBIAN_12,
      "/etc/sysctl.d/99-sysctl.conf": "",
      "/etc/sysctl.conf": OFF,
      ...unit(
        "/etc/systemd/system/no-ipv6.service",
        "[Service]\nExecStart=/sbin/sysctl --system\n[Install]\nWantedBy=multi-user.target\n",
      ),
    },
    "unknown",
    "sysctl(8)",
  ],
  [
    "a unit, enabled, and ifupdown's own line against it",
    {
      ...DEBIAN_12,
      ...SET,
      ...interfaces("    up sysctl -w net.ipv6.conf.ens5.disable_ipv6=0\n"),
      ...unit(
        "/etc/systemd/system/v6.service",
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
      ),
    },
    "unknown",
    "in no order",
  ],
  [
    "a unit with a condition",
    {
      ...DEBIAN_12,
      ...unit(
        "/etc/systemd/system/v6.service",
        "[Unit]\nConditionPathExists=/x\n[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
      ),
    },
    "unknown",
    "systemd.unit(5): whether it runs",
  ],
  [
    "two units against each other",
    {
      ...DEBIAN_12,
      ...unit(
        "/etc/systemd/system/a.service",
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
      ),
      ...unit(
        "/etc/systemd/system/b.service",
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
      ),
    },
    "unknown",
    "in no order",
  ],
  [
    "a unit's own drop-in",
    {
      ...DEBIAN_12,
      ...unit(
        "/etc/systemd/system/v6.service",
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
      ),
      "/etc/systemd/system/v6.service.d/x.conf": "[Unit]\nConditionPathExists=/x\n",
    },
    "unknown",
    "systemd.unit(5): drop-ins",
  ],
  [
    "off by a unit, and on by root's crontab",
    {
      ...DEBIAN_12,
      ...unit(
        "/etc/systemd/system/v6.service",
        "[Service]\nType=oneshot\nExecStart=/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
      ),
      "/var/spool/cron/crontabs/root": "@reboot /sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "crontab(5)",
  ],
];

truthTable("whoever else writes", WRITERS);

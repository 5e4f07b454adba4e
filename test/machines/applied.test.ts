import { DEBIAN_12 } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { SET, unit } from "./settings.ts";

const applying = (command: string) =>
  unit(
    "/etc/systemd/system/apply.service",
    `[Service]\nType=oneshot\nExecStart=${command}\n[Install]\nWantedBy=multi-user.target\n`,
  );
const ON = "net.ipv6.conf.all.disable_ipv6=0\n";

const APPLIED: readonly Cells[] = [
  [
    "sysctl --system by a unit applies once more what switches off",
    { ...DEBIAN_12, ...SET, ...applying("/sbin/sysctl --system") },
    "off",
    "sysctl(8): the same files",
  ],
  [
    "sysctl --system by a unit that brings a file along",
    {
      ...DEBIAN_12,
      ...SET,
      ...applying("/sbin/sysctl --system\nExecStartPre=/bin/cp -a /opt/files/. /"),
    },
    "unknown",
    "what it brings is not followed",
  ],
  [
    "sysctl --system by a unit that sees other files",
    { ...DEBIAN_12, ...SET, ...applying("/sbin/sysctl --system\nBindPaths=/opt/files:/etc") },
    "unknown",
    "systemd.exec(5)",
  ],
  [
    "sysctl -p in rc.local, of a file that switches on",
    { ...DEBIAN_12, ...SET, "/etc/sysctl.conf": ON, "/etc/rc.local": "#!/bin/sh\nsysctl -p\nexit 0\n" },
    "unknown",
    "on, but what scripts do is not followed",
  ],
  [
    "sysctl -p in rc.local, of a file that says nothing of it",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/sysctl.conf": "net.ipv4.ip_forward=1\n",
      "/etc/rc.local": "#!/bin/sh\nsysctl -p > /dev/null 2>&1 || true\nexit 0\n",
    },
    "off",
    "sysctl(8)",
  ],
  [
    "sysctl -p in rc.local, where nothing is set",
    { ...DEBIAN_12, "/etc/rc.local": "#!/bin/sh\nsysctl -p /etc/sysctl.d/*.conf\nexit 0\n" },
    "on",
    "sysctl(8)",
  ],
  [
    "sysctl -p in rc.local, of a file elsewhere",
    { ...DEBIAN_12, ...SET, "/etc/rc.local": "#!/bin/sh\nsysctl -p /opt/x.conf\nexit 0\n" },
    "unknown",
    "sysctl(8)",
  ],
  [
    "sysctl -p in rc.local, behind another option",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/rc.local": "#!/bin/sh\ncd /opt\nsysctl kernel.panic=1 -p x.conf\nexit 0\n",
    },
    "unknown",
    "getopt(3) finds options behind words",
  ],
  [
    "sysctl -p in rc.local, several options behind one dash",
    { ...DEBIAN_12, ...SET, "/etc/rc.local": "#!/bin/sh\ncd /opt\nsysctl -eqp x.conf\nexit 0\n" },
    "unknown",
    "getopt(3)",
  ],
  [
    "sysctl -p in rc.local, by its other name",
    { ...DEBIAN_12, ...SET, "/etc/rc.local": "#!/bin/sh\ncd /opt\nsysctl -f x.conf\nexit 0\n" },
    "unknown",
    "sysctl(8)",
  ],
  [
    "sysctl -p in rc.local, of what the script writes before",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/rc.local": "#!/bin/sh\ncp /opt/x /etc/sysctl.d/99-x.conf\nsysctl --system\nexit 0\n",
    },
    "unknown",
    "sysctl(8)",
  ],
  [
    "sysctl -p in rc.local, by a pattern",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/sysctl.conf": "net.ipv6.conf.all.disable_*=0\n",
      "/etc/rc.local": "#!/bin/sh\nsysctl -p\n",
    },
    "unknown",
    "sysctl(8), by procps 4",
  ],
];

truthTable("sysctl files that a script applies once more", APPLIED);

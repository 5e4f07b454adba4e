import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { release } from "./distributions.ts";
import { SET, without } from "./settings.ts";

const VENDOR = "/usr/lib/systemd/system/sysinit.target.wants";
const UNIT = "/usr/lib/systemd/system/systemd-sysctl.service";
const OWN = "/etc/systemd/system/systemd-sysctl.service";
const LINK = { link: "../systemd-sysctl.service" };
const LINKS: FlatFiles = { [`${VENDOR}/systemd-udevd.service`]: { link: "../systemd-udevd.service" } };
const START = "[Service]\nExecStart=/usr/lib/systemd/systemd-sysctl\n";
/** Where nothing is enabled in /etc, the vendor's own links are looked at. */
const BARE: FlatFiles = without(DEBIAN_12, "/etc/systemd");
const DEVUAN: FlatFiles = {
  ...without(DEBIAN_12, "/usr/lib/os-release", "/etc/systemd", "/etc/sysctl.d"),
  ...release("devuan", "5", "debian"),
  "/etc/init.d/procps": "#!/bin/sh\nsysctl --system\n",
  "/etc/rcS.d/S12networking": { link: "../init.d/networking" },
};

/** Whether the program that applies sysctl files is started at all. */
const STARTS: readonly Cells[] = [
  [
    "systemd-sysctl, with the vendor's link",
    { ...BARE, ...SET, ...LINKS, [`${VENDOR}/systemd-sysctl.service`]: LINK, [UNIT]: START },
    "off",
    "systemd-sysctl.service(8)",
  ],
  [
    "systemd-sysctl, the vendor's link to no unit",
    { ...BARE, ...SET, ...LINKS, [`${VENDOR}/systemd-sysctl.service`]: LINK },
    "on",
    "systemd.unit(5): a link alone is no unit",
  ],
  ["systemd-sysctl, the vendor's unit there", { ...BARE, ...SET, [UNIT]: START }, "off", "systemd.unit(5)"],
  [
    "systemd-sysctl, the vendor's unit emptied",
    { ...BARE, ...SET, [UNIT]: "" },
    "on",
    "systemd.unit(5): an empty file masks; a booted Debian 12",
  ],
  [
    "systemd-sysctl, the vendor's unit a mask",
    { ...BARE, ...SET, [UNIT]: { link: "/dev/null" } },
    "on",
    "systemd.unit(5)",
  ],
  [
    "systemd-sysctl, an empty unit of the image's own",
    { ...DEBIAN_12, ...SET, [OWN]: "" },
    "on",
    "systemd.unit(5): an empty file masks",
  ],
  [
    "systemd-sysctl, a link to an empty unit",
    { ...DEBIAN_12, ...SET, [OWN]: { link: "/opt/none.service" }, "/opt/none.service": "" },
    "on",
    "systemd.unit(5): an empty file masks",
  ],
  [
    "systemd-sysctl, its own unit before the vendor's empty one",
    {
      ...DEBIAN_12,
      ...SET,
      [UNIT]: "",
      [OWN]: "[Service]\nExecStart=/usr/lib/systemd/systemd-sysctl\n",
    },
    "unknown",
    "systemd.unit(5): Unit File Load Path; what its own does is not followed",
  ],
  [
    "systemd-sysctl, its link in /etc an empty file",
    {
      ...DEBIAN_12,
      ...SET,
      ...LINKS,
      [`${VENDOR}/systemd-sysctl.service`]: LINK,
      "/etc/systemd/system/sysinit.target.wants/systemd-sysctl.service": "",
    },
    "on",
    "systemd, src/core/load-dropin.c, process_deps",
  ],
  [
    "systemd-sysctl, its link removed",
    { ...BARE, ...SET, ...LINKS },
    "on",
    "systemd.unit(5): .wants/; a booted Debian 12",
  ],
  [
    "a vendor's unit that the vendor's own links start",
    {
      ...BARE,
      ...SET,
      "/usr/lib/systemd/system/own.service":
        "[Service]\nExecStart=/bin/sh -c 'sysctl -w net.ipv6.conf.all.disable_ipv6=0'\n",
      "/usr/lib/systemd/system/multi-user.target.wants/own.service": { link: "../own.service" },
    },
    "unknown",
    "systemd.unit(5): .wants/",
  ],
  [
    "systemd-sysctl, its link removed, the card's own setting",
    {
      ...BARE,
      ...LINKS,
      "/etc/sysctl.d/70-ipv6.conf": "net.ipv6.conf.*.disable_ipv6=1\n",
      "/usr/lib/systemd/libsystemd-shared-252.so": "",
    },
    "off",
    "99-systemd.rules: udev applies it with the card",
  ],
  [
    "systemd-sysctl, its link masked",
    {
      ...DEBIAN_12,
      ...SET,
      ...LINKS,
      [`${VENDOR}/systemd-sysctl.service`]: LINK,
      "/etc/systemd/system/sysinit.target.wants/systemd-sysctl.service": { link: "/dev/null" },
    },
    "on",
    "systemd.unit(5): .wants/; a booted Debian 12",
  ],
  [
    "a vendor's unit that the vendor's own links start",
    {
      ...BARE,
      ...SET,
      "/usr/lib/systemd/system/own.service":
        "[Service]\nExecStart=/bin/sh -c 'sysctl -w net.ipv6.conf.all.disable_ipv6=0'\n",
      "/usr/lib/systemd/system/multi-user.target.wants/own.service": { link: "../own.service" },
    },
    "unknown",
    "systemd.unit(5): .wants/",
  ],
  [
    "systemd-sysctl, its link in /etc only",
    {
      ...DEBIAN_12,
      ...SET,
      ...LINKS,
      "/etc/systemd/system/sysinit.target.wants/systemd-sysctl.service": {
        link: "/usr/lib/systemd/system/systemd-sysctl.service",
      },
    },
    "off",
    "systemd.unit(5): .wants/",
  ],
  [
    "Devuan, with procps' link",
    { ...DEVUAN, ...SET, "/etc/rcS.d/S13procps": { link: "../init.d/procps" } },
    "off",
    "init(8), insserv(8)",
  ],
  ["Devuan, its link removed", { ...DEVUAN, ...SET }, "on", "init(8), insserv(8)"],
  [
    "Devuan, its link one that stops",
    { ...DEVUAN, ...SET, "/etc/rcS.d/K13procps": { link: "../init.d/procps" } },
    "on",
    "init(8), insserv(8)",
  ],
  [
    "systemd-sysctl, a drop-in with another command",
    { ...DEBIAN_12, ...SET, [`${OWN}.d/x.conf`]: "[Service]\nExecStart=\nExecStart=/bin/true\n" },
    "unknown",
    "systemd.unit(5): drop-in files",
  ],
  ...[
    `${OWN}.d`,
    "/etc/systemd/system/procps.service.d",
    "/etc/systemd/system/systemd-.service.d",
    "/etc/systemd/system/service.d",
  ].map(
    (folder): Cells => [
      `systemd-sysctl, a condition in ${folder}`,
      { ...DEBIAN_12, ...SET, [`${folder}/x.conf`]: "[Unit]\nConditionPathExists=/nowhere\n" },
      "unknown",
      "systemd.unit(5): drop-in files",
    ],
  ),
  ...["/usr/local/lib/systemd/system", "/etc/systemd/system.control"].map(
    (folder): Cells => [
      `systemd-sysctl, masked in ${folder}`,
      { ...DEBIAN_12, ...SET, [`${folder}/systemd-sysctl.service`]: { link: "/dev/null" } },
      "unknown",
      "systemd.unit(5): unit file load path",
    ],
  ),
  ...["/usr/local/lib/systemd/system", "/etc/systemd/system.control"].map(
    (folder): Cells => [
      `systemd-sysctl, a drop-in in ${folder}`,
      {
        ...DEBIAN_12,
        ...SET,
        [`${folder}/systemd-sysctl.service.d/a.conf`]: "[Unit]\nConditionPathExists=/nowhere\n",
      },
      "unknown",
      "systemd.unit(5): unit file load path",
    ],
  ),
  ...[
    "[Service]\nExecStartPre=/bin/false\n",
    "[Service]\nPrivateNetwork=yes\n",
    "[Unit]\nBindsTo=sys-subsystem-net-devices-eth7.device\n",
  ].map(
    (text): Cells => [
      `systemd-sysctl, a drop-in with ${text.replaceAll("\n", " ")}`,
      { ...DEBIAN_12, ...SET, [`${OWN}.d/x.conf`]: text },
      "unknown",
      "booted: nothing is applied",
    ],
  ),
  [
    "systemd-sysctl, a copy of its unit with a condition",
    { ...DEBIAN_12, ...SET, [OWN]: `[Unit]\nConditionPathExists=/nowhere\n${START}` },
    "unknown",
    "systemd.unit(5): /etc before /usr",
  ],
  [
    "systemd-sysctl, a limit for all services",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/systemd/system/service.d/x.conf": "[Service]\nTimeoutStartFailureMode=abort\n",
    },
    "off",
    "systemd.unit(5): drop-in files",
  ],
  [
    "systemd-sysctl, replaced",
    { ...DEBIAN_12, ...SET, [OWN]: "[Service]\nExecStart=/bin/true\n" },
    "unknown",
    "replaced",
  ],
];

truthTable("what applies sysctl files", STARTS);

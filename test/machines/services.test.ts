import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { redHat } from "./distributions.ts";
import { keyfile, SET, unit } from "./settings.ts";

const OWN = "/etc/systemd/system";
/** Off only by NetworkManager. */
const BY_PROFILE: FlatFiles = { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=disabled\n") };

function dropIn(text: string, folder = "NetworkManager.service.d"): FlatFiles {
  return { [`${OWN}/${folder}/own.conf`]: text };
}

/** Whether the service runs on which the answer rests. */
const SERVICES: readonly Cells[] = [
  ["off by NetworkManager, nothing changed", BY_PROFILE, "off", "nm-settings(5)"],
  ...[
    "[Unit]\nConditionHost=nowhere\n",
    "[Unit]\nAssertPathExists=/nowhere\n",
    "[Unit]\nRequires=no-such.service\n",
    "[Unit]\nConflicts=sshd.service\n",
    "[Service]\nExecStart=\nExecStart=/bin/true\n",
    "[Service]\nExecStartPre=/bin/false\n",
    "[Service]\nExecCondition=/opt/test\n",
    "[Service]\nPrivateNetwork=yes\n",
    "[Service]\nCapabilityBoundingSet=\n",
  ].map(
    (text): Cells => [
      `off by NetworkManager, a drop-in with ${text.replaceAll("\n", " ")}`,
      { ...BY_PROFILE, ...dropIn(text) },
      "unknown",
      "systemd.unit(5), systemd.service(5), systemd.exec(5)",
    ],
  ),
  ...[
    "[Unit]\nAfter=openvswitch.service\n",
    "[Service]\nRestart=always\nEnvironment=LANG=C\n",
    "[Service]\nExecStartPre=-/bin/false\n",
    "[Unit]\n#ConditionHost=nowhere\n",
  ].map(
    (text): Cells => [
      `off by NetworkManager, a drop-in with ${text.replaceAll("\n", " ")}`,
      { ...BY_PROFILE, ...dropIn(text) },
      "off",
      "systemd.service(5)",
    ],
  ),
  [
    "off by NetworkManager, a condition for all services",
    { ...BY_PROFILE, ...dropIn("[Unit]\nConditionHost=nowhere\n", "service.d") },
    "unknown",
    "systemd.unit(5): drop-in files",
  ],
  [
    "off by NetworkManager, another service's drop-in",
    { ...BY_PROFILE, ...dropIn("[Unit]\nConditionHost=nowhere\n", "sshd.service.d") },
    "off",
    "systemd.unit(5): drop-in files",
  ],
  [
    "off by NetworkManager, a drop-in of no effect",
    { ...BY_PROFILE, [`${OWN}/NetworkManager.service.d/own.conf`]: { link: "/dev/null" } },
    "off",
    "systemd.unit(5): drop-in files",
  ],
  [
    "off by NetworkManager, another unit of its name",
    { ...BY_PROFILE, [`${OWN}/NetworkManager.service`]: "[Service]\nExecStart=/bin/true\n" },
    "unknown",
    "systemd.unit(5): /etc before /usr",
  ],
  [
    "off by NetworkManager, a copy of its unit",
    {
      ...BY_PROFILE,
      [`${OWN}/NetworkManager.service`]:
        "[Unit]\nAfter=dbus.service\n[Service]\nType=dbus\nExecStart=/usr/sbin/NetworkManager --no-daemon\nProtectSystem=true\n",
    },
    "off",
    "systemd.unit(5): /etc before /usr",
  ],
  [
    "off by NetworkManager, a service that stops it",
    {
      ...BY_PROFILE,
      ...unit(
        `${OWN}/own.service`,
        "[Unit]\nConflicts=NetworkManager.service\n[Service]\nExecStart=/bin/true\n",
      ),
    },
    "unknown",
    "systemd.unit(5): Conflicts=",
  ],
  [
    "off by sysctl, whether NetworkManager runs or not",
    { ...BY_PROFILE, ...SET, ...dropIn("[Unit]\nConditionHost=nowhere\n") },
    "off",
    "nm-settings(5)",
  ],
  [
    "off by sysctl, ifupdown with a condition",
    { ...DEBIAN_12, ...SET, ...dropIn("[Unit]\nConditionHost=nowhere\n", "networking.service.d") },
    "off",
    "interfaces(5)",
  ],
];

truthTable("services that an image changes", SERVICES);

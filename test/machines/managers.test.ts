import { corrupt } from "../../src/errors.ts";
import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { wanted } from "./distributions.ts";
import { SET, unit } from "./settings.ts";

/** systemd-networkd is installed, with a network of the image's own, and no link starts it. */
const IDLE: FlatFiles = {
  ...DEBIAN_12,
  ...SET,
  "/usr/lib/systemd/system/systemd-networkd.service": "[Service]\nExecStart=/x\n",
  "/etc/systemd/network/10-all.network": "[Match]\nName=*\n[Network]\nDHCP=yes\n",
};
const OWN = "/etc/systemd/system";
const ONESHOT = "[Service]\nType=oneshot\nExecStart=";
const LINK = { link: "/usr/lib/systemd/system/systemd-networkd.service" };

const ROWS: readonly Cells[] = [
  ["nothing starts it", IDLE, "off", "systemd.unit(5)"],
  [
    "a target's drop-in wants it",
    { ...IDLE, [`${OWN}/multi-user.target.d/net.conf`]: "[Unit]\nWants=systemd-networkd.service\n" },
    "unknown",
    "on, by systemd.unit(5); its networks are not followed on this way",
  ],
  [
    "a service's drop-in wants it",
    { ...IDLE, [`${OWN}/ssh.service.d/net.conf`]: "[Unit]\nRequires=foo.service systemd-networkd.service\n" },
    "unknown",
    "systemd.unit(5)",
  ],
  [
    "a drop-in that only orders",
    { ...IDLE, [`${OWN}/ssh.service.d/net.conf`]: "[Unit]\nAfter=systemd-networkd.service\n" },
    "off",
    "systemd.unit(5), After=: no dependency",
  ],
  [
    "a comment",
    { ...IDLE, [`${OWN}/ssh.service.d/net.conf`]: "[Unit]\n#Wants=systemd-networkd.service\n" },
    "off",
    "systemd.syntax(7)",
  ],
  [
    "masked",
    {
      ...IDLE,
      [`${OWN}/ssh.service.d/net.conf`]: "[Unit]\nWants=systemd-networkd.service\n",
      [`${OWN}/systemd-networkd.service`]: { link: "/dev/null" },
    },
    "off",
    "systemctl(1), mask",
  ],
  [
    "an own unit wants its socket",
    { ...IDLE, ...unit(`${OWN}/a.service`, `[Unit]\nWants=systemd-networkd.socket\n${ONESHOT}/bin/true\n`) },
    "unknown",
    "systemd.socket(5)",
  ],
  [
    "an own unit that is not enabled",
    {
      ...IDLE,
      [`${OWN}/a.service`]: `[Unit]\nWants=systemd-networkd.service\n${ONESHOT}/bin/true\n[Install]\nWantedBy=multi-user.target\n`,
    },
    "off",
    "systemd.unit(5), [Install]",
  ],
  [
    "an own target",
    { ...IDLE, [`${OWN}/stack.target`]: "[Unit]\nRequires=systemd-networkd.service\n" },
    "unknown",
    "whether it is reached is not followed",
  ],
  [
    "linked by a service",
    { ...IDLE, [`${OWN}/ssh.service.wants/systemd-networkd.service`]: LINK },
    "unknown",
    "systemctl(1), add-wants",
  ],
  [
    "linked by a target of the image's own",
    { ...IDLE, [`${OWN}/stack.target.wants/systemd-networkd-wait-online.service`]: LINK },
    "unknown",
    "systemd-networkd-wait-online.service: BindsTo=systemd-networkd.service",
  ],
  [
    "linked where the machine goes down",
    { ...IDLE, [`${OWN}/shutdown.target.wants/systemd-networkd.service`]: LINK },
    "off",
    "systemd.special(7)",
  ],
  [
    "rc.local starts it",
    { ...IDLE, "/etc/rc.local": "#!/bin/sh\nsystemctl start systemd-networkd\n" },
    "unknown",
    "on: the card is up with 0 once it runs",
  ],
  [
    "rc.local starts something else",
    { ...IDLE, "/etc/rc.local": "#!/bin/sh\nsystemctl start systemd-networkd-persistent-storage\n" },
    "off",
    "another unit",
  ],
  [
    "rc.local stops it",
    { ...IDLE, "/etc/rc.local": "#!/bin/sh\nsystemctl stop systemd-networkd\n" },
    "off",
    "systemctl(1)",
  ],
  [
    "cron enables it for good",
    { ...IDLE, "/etc/cron.d/net": "@reboot root systemctl enable --now NetworkManager.service\n" },
    "unknown",
    "systemctl(1), --now",
  ],
  [
    "cloud-init's commands start it",
    {
      ...IDLE,
      ...wanted("cloud-init.service", "cloud-final.service"),
      "/etc/cloud/cloud.cfg":
        "network: {config: disabled}\nruncmd:\n - [systemctl, restart, NetworkManager]\n",
    },
    "unknown",
    "cloud-init, cc_runcmd",
  ],
  [
    "the service command of others",
    {
      ...IDLE,
      "/etc/rc.local": "#!/bin/sh\nservice network-manager start || service NetworkManager start\n",
    },
    "unknown",
    "service(8)",
  ],
  [
    "netplan apply where nothing runs",
    { ...IDLE, "/etc/rc.local": "#!/bin/sh\nnetplan apply\n" },
    "unknown",
    "netplan-apply(8): restarts both, whichever it has configuration for",
  ],
  [
    "nmcli changes a profile that is off",
    {
      ...IDLE,
      ...wanted("NetworkManager.service"),
      "/etc/NetworkManager/system-connections/a.nmconnection":
        "[connection]\nid=a\nuuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n[ipv4]\nmethod=auto\n[ipv6]\nmethod=disabled\n",
      "/etc/rc.local": "#!/bin/sh\nnmcli connection modify a ipv6.method auto\nnmcli connection up a\n",
    },
    "unknown",
    "nmcli(1)",
  ],
];

/** No link starts any manager; networkd and its presets are there. */
const { "/etc/systemd/system/multi-user.target.wants/networking.service": _link, ...REST } = IDLE;
const FIRST: FlatFiles = {
  ...REST,
  "/etc/systemd/system/multi-user.target.wants/ssh.service": "",
  "/etc/machine-id": "uninitialized\n",
  "/usr/lib/systemd/system-preset/90-systemd.preset": "disable systemd-networkd.service\n",
};
const BROKEN = corrupt("ext4", "inode 12: checksum");
const PRESETS: readonly Cells[] = [
  ["a preset that disables", FIRST, "off", "systemd.preset(5)"],
  [
    "a preset that enables",
    { ...FIRST, "/etc/systemd/system-preset/10-own.preset": "enable systemd-networkd.service\n" },
    "unknown",
    "systemd.preset(5): 10 before 90",
  ],
  [
    "a machine that has booted",
    {
      ...FIRST,
      "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
      "/etc/systemd/system-preset/10-own.preset": "enable systemd-networkd.service\n",
    },
    "off",
    "machine-id(5)",
  ],
  ["machine-id cannot be read", { ...FIRST, "/etc/machine-id": BROKEN }, "unknown", "not looked at"],
  [
    "a preset cannot be read",
    { ...FIRST, "/etc/systemd/system-preset/10-own.preset": BROKEN },
    "unknown",
    "not looked at",
  ],
  [
    "a folder of presets cannot be read",
    { ...FIRST, "/etc/systemd/system-preset": BROKEN },
    "unknown",
    "not looked at",
  ],
];

truthTable("presets of a first boot", PRESETS);
truthTable("network managers that no usual link starts", ROWS);

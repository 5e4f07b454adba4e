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
    "links of a service that cannot be listed",
    { ...IDLE, [`${OWN}/ssh.service.wants`]: corrupt("ext4", "inode 12: checksum") },
    "unknown",
    "not looked at",
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

/** What the machine boots into. */
const GOALS: readonly Cells[] = [
  [
    "multi-user.target by name",
    { ...IDLE, [`${OWN}/default.target`]: { link: "/lib/systemd/system/multi-user.target" } },
    "off",
    "systemctl(1), set-default",
  ],
  [
    "a target of the image's own",
    { ...IDLE, [`${OWN}/default.target`]: { link: "stack.target" } },
    "unknown",
    "systemd.special(7), default.target",
  ],
  [
    "rescue.target, where ifupdown would switch off",
    {
      ...DEBIAN_12,
      [`${OWN}/default.target`]: { link: "/lib/systemd/system/rescue.target" },
      "/etc/network/interfaces":
        "auto eth0\niface eth0 inet dhcp\n  pre-up sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
    },
    "unknown",
    "on: networking.service does not start",
  ],
];
/** Commands of one interface that reach another, and cards that NetworkManager leaves alone. */
const CARDS: readonly Cells[] = [
  [
    "ifupdown switches the card on with another",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/network/interfaces":
        "auto eth1\niface eth1 inet manual\n  up sysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "ifup(8): on where there is an eth1, and seen without one",
  ],
  [
    "ifupdown switches all off with another",
    {
      ...DEBIAN_12,
      "/etc/network/interfaces":
        "auto eth1\niface eth1 inet manual\n  up sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
    },
    "unknown",
    "ifup(8)",
  ],
  [
    "ifupdown does something with another that cannot be followed",
    {
      ...DEBIAN_12,
      ...SET,
      "/etc/network/interfaces":
        "auto eth1\niface eth1 inet manual\n  up for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 0 > $f; done\n",
    },
    "unknown",
    "ifup(8)",
  ],
  [
    "ifupdown switches all off with lo",
    {
      ...DEBIAN_12,
      "/etc/network/interfaces":
        "auto lo eth0\niface lo inet loopback\n  up sysctl -w net.ipv6.conf.all.disable_ipv6=1\niface eth0 inet dhcp\n",
    },
    "off",
    "ifup(8): lo is always there",
  ],
  ...["auto lo\niface lo inet loopback\n", "auto eth0\niface eth0 inet dhcp\n"].map(
    (text): Cells => [
      `ifupdown switches off, and nothing starts it: ${text.slice(5, 9)}`,
      {
        ...Object.fromEntries(
          Object.entries(DEBIAN_12).filter(([path]) => !path.endsWith("/networking.service")),
        ),
        [`${OWN}/multi-user.target.wants/ssh.service`]: { link: "/lib/systemd/system/ssh.service" },
        "/etc/network/interfaces": `${text}  up sysctl -w net.ipv6.conf.all.disable_ipv6=1\n`,
      },
      "unknown",
      "on: ifupdown-hotplug brings up only what is allow-hotplug",
    ],
  ),
  [
    "NetworkManager leaves alone what it would switch off",
    {
      ...DEBIAN_12,
      ...wanted("NetworkManager.service"),
      "/etc/sysctl.d/zz.conf": "net.ipv6.conf.all.disable_ipv6=0\n",
      "/etc/NetworkManager/conf.d/own.conf": "[keyfile]\nunmanaged-devices=interface-name:ens*\n",
      "/etc/NetworkManager/system-connections/a.nmconnection":
        "[connection]\nid=a\nuuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n[ipv4]\nmethod=auto\n[ipv6]\nmethod=disabled\n",
    },
    "unknown",
    "NetworkManager.conf(5): seen on with an ens5",
  ],
  [
    "NetworkManager runs the hooks of ifupdown",
    {
      ...IDLE,
      ...wanted("NetworkManager.service"),
      "/etc/NetworkManager/conf.d/own.conf": "[keyfile]\nunmanaged-devices=*\n",
      "/etc/network/if-up.d/own": "#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "Debian's 01-ifupdown: seen",
  ],
];

truthTable("goals of a boot", GOALS);
truthTable("one card and another", CARDS);
truthTable("network managers that no usual link starts", ROWS);

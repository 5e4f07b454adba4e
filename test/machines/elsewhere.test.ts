import { DEBIAN_12, type FlatFiles, grubConfig } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { wanted } from "./distributions.ts";
import { interfaces, SET, unit } from "./settings.ts";

const OFF: FlatFiles = { ...DEBIAN_12, ...SET };
const OWN = "/etc/systemd/system";
const COMMAND = "sysctl -w net.ipv6.conf.all.disable_ipv6=0\n";
const SCRIPT = `#!/bin/sh\n${COMMAND}`;
const SERVICE = `[Service]\nType=oneshot\nExecStart=/sbin/${COMMAND}`;

function link(target: string): { readonly link: string } {
  return { link: target };
}

function starts(command: string): FlatFiles {
  return unit(`${OWN}/own.service`, `[Service]\nType=oneshot\nExecStart=${command}\n`);
}

/** Scripts that write 0, in places where few have any: what they do is not followed, so that none is off. */
const PLACES: readonly (readonly [name: string, files: FlatFiles, source: string])[] = [
  [
    "a generator of the image's own",
    { "/etc/systemd/system-generators/own": SCRIPT },
    "systemd.generator(7): it comes before sysctl, and may leave units behind",
  ],
  [
    "a unit that a drop-in of a target pulls in",
    {
      [`${OWN}/own.service`]: `${SERVICE}[Install]\nWantedBy=multi-user.target\n`,
      [`${OWN}/multi-user.target.d/own.conf`]: "[Unit]\nWants=own.service\n",
    },
    "systemd.unit(5): drop-ins",
  ],
  [
    "a generator in /usr/local",
    { "/usr/local/lib/systemd/system-generators/own": SCRIPT },
    "systemd.generator(7)",
  ],
  [
    "a script of runlevel S",
    { "/etc/init.d/own": SCRIPT, "/etc/rcS.d/S01own": link("../init.d/own") },
    "systemd-sysv-generator(8)",
  ],
  [
    "a script of runlevel 2",
    { "/etc/init.d/own": SCRIPT, "/etc/rc2.d/S01own": link("../init.d/own") },
    "systemd-sysv-generator(8): multi-user.target wants 2, 3 and 4",
  ],
  [
    "a unit of set-property's folder",
    { "/etc/systemd/system.control/own.service": SERVICE },
    "systemd.unit(5), load path",
  ],
  [
    "a portable service",
    { "/etc/systemd/system.attached/own.service": SERVICE },
    "systemd.unit(5), load path",
  ],
  [
    "a unit of /usr/local",
    { "/usr/local/lib/systemd/system/own.service": SERVICE },
    "systemd.unit(5), load path",
  ],
  [
    "a drop-in of /usr/local",
    { "/usr/local/lib/systemd/system/ssh.service.d/own.conf": `[Service]\nExecStartPost=/sbin/${COMMAND}` },
    "systemd.unit(5)",
  ],
  [
    "in place of a module",
    { "/etc/modprobe.d/own.conf": `install virtio_net /sbin/${COMMAND}` },
    "modprobe.d(5): install",
  ],
  [
    "a script that runs a script that runs a script",
    {
      ...starts("/opt/a.sh"),
      "/opt/a.sh": "#!/bin/sh\n/opt/b.sh\n",
      "/opt/b.sh": "#!/bin/sh\nexec /opt/c.sh\n",
      "/opt/c.sh": SCRIPT,
    },
    "sh(1)",
  ],
  [
    "a script that reads one beside it",
    { ...starts("/opt/a.sh"), "/opt/a.sh": "#!/bin/sh\n. ./own.sh\n", "/opt/own.sh": SCRIPT },
    "sh(1), dot",
  ],
  ["in quotes", { ...starts("/bin/bash -c '/opt/a.sh now'"), "/opt/a.sh": SCRIPT }, "bash(1)"],
  ["in somebody's home", { ...starts("/home/admin/a.sh"), "/home/admin/a.sh": SCRIPT }, "systemd.service(5)"],
  ["in /var", { ...starts("/var/lib/own/a.sh"), "/var/lib/own/a.sh": SCRIPT }, "systemd.service(5)"],
  [
    "a program without a path",
    { ...starts("own-net up"), "/usr/local/bin/own-net": SCRIPT },
    "systemd.service(5), command lines",
  ],
  [
    "a script without a path, in a script",
    { "/etc/rc.local": "#!/bin/sh\nown-net up\n", "/usr/local/sbin/own-net": SCRIPT },
    "sh(1), PATH",
  ],
  [
    "an environment file",
    {
      ...unit(
        `${OWN}/own.service`,
        "[Service]\nEnvironmentFile=-/etc/default/own\nExecStart=/bin/sh -c $CMD\n",
      ),
      "/etc/default/own": `CMD="${COMMAND.trim()}"\n`,
    },
    "systemd.exec(5)",
  ],
  [
    "what interfaces(5) runs",
    { ...interfaces("iface eth0 inet dhcp\n  post-up /opt/up.sh"), "/opt/up.sh": SCRIPT },
    "interfaces(5)",
  ],
  [
    "what cloud-init runs",
    {
      ...wanted("cloud-init.service", "cloud-final.service"),
      "/etc/cloud/cloud.cfg.d/10.cfg": "runcmd:\n - [/opt/own.sh, now]\n",
      "/opt/own.sh": SCRIPT,
    },
    "cc_runcmd",
  ],
  ["one file of hooks", { "/etc/dhcp/dhclient-exit-hooks": SCRIPT }, "dhclient-script(8)"],
  ["Red Hat's hooks", { "/etc/dhcp/dhclient.d/own.sh": SCRIPT }, "dhclient-script of Red Hat"],
  ["a hook of dhcpcd", { "/etc/dhcpcd.exit-hook": SCRIPT }, "dhcpcd-run-hooks(8)"],
  ["a hook of BusyBox", { "/etc/udhcpc/bound/own": SCRIPT }, "udhcpc's default.script of Alpine"],
  [
    "a dispatcher that nobody waits for",
    {
      ...wanted("NetworkManager.service"),
      "/etc/NetworkManager/conf.d/own.conf": "[keyfile]\nunmanaged-devices=*\n",
      "/etc/NetworkManager/dispatcher.d/no-wait.d/own": SCRIPT,
    },
    "NetworkManager-dispatcher(8)",
  ],
  [
    "when there is a carrier",
    { ...wanted("networkd-dispatcher.service"), "/etc/networkd-dispatcher/carrier.d/own": SCRIPT },
    "networkd-dispatcher(8)",
  ],
  [
    "tmpfiles.d puts a file into sysctl.d",
    { "/etc/tmpfiles.d/own.conf": "L+ /run/sysctl.d/99-own.conf - - - - /opt/99-own.conf\n" },
    "tmpfiles.d(5): in no order with sysctl",
  ],
  [
    "a unit under a cloud's name that says it",
    {
      ...wanted("ec2-enable-ipv6.service"),
      "/usr/lib/systemd/system/ec2-enable-ipv6.service": SERVICE,
    },
    "systemd.unit(5)",
  ],
  [
    "an extension of /usr",
    {
      "/var/lib/extensions/own.raw": "squashfs",
      [`${OWN}/sysinit.target.wants/systemd-sysext.service`]: link(
        "/usr/lib/systemd/system/systemd-sysext.service",
      ),
    },
    "systemd-sysext(8)",
  ],
  [
    "a unit that mounts over settings",
    { [`${OWN}/etc-sysctl.d.mount`]: "[Mount]\nWhat=/dev/vda2\nWhere=/etc/sysctl.d\n" },
    "systemd.mount(5)",
  ],
  [
    "a unit that mounts /var",
    { [`${OWN}/var.mount`]: "[Mount]\nWhat=/dev/vda2\nWhere=/var\n" },
    "systemd.mount(5)",
  ],
  [
    "a unit that mounts the vendor's settings",
    { [`${OWN}/usr-lib-sysctl.d.automount`]: "[Automount]\nWhere=/usr/lib/sysctl.d\n" },
    "systemd.automount(5)",
  ],
  [
    "a unit of /usr/local that mounts over settings",
    { "/usr/local/lib/systemd/system/etc-sysctl.d.mount": "[Mount]\nWhat=/x\nWhere=/etc/sysctl.d\n" },
    "systemd.unit(5), load path",
  ],
  [
    "a vendor's unit that mounts over settings, with a link",
    {
      "/usr/lib/systemd/system/etc-sysctl.d.mount": "[Mount]\nWhat=/x\nWhere=/etc/sysctl.d\n",
      [`${OWN}/local-fs.target.wants/etc-sysctl.d.mount`]: link("/usr/lib/systemd/system/etc-sysctl.d.mount"),
    },
    "systemd.mount(5)",
  ],
  [
    "a link to a unit that mounts over settings",
    {
      "/opt/etc-sysctl.d.mount": "[Mount]\nWhat=/x\nWhere=/etc/sysctl.d\n",
      [`${OWN}/etc-sysctl.d.mount`]: link("/opt/etc-sysctl.d.mount"),
    },
    "systemctl(1), link",
  ],
  [
    "a unit that binds settings into /run",
    { [`${OWN}/run-sysctl.d.mount`]: "[Mount]\nWhat=/opt/own\nWhere=/run/sysctl.d\nOptions=bind\n" },
    "systemd.mount(5)",
  ],
];

truthTable(
  "writers in places that few use",
  PLACES.map(([name, files, source]): Cells => [name, { ...OFF, ...files }, "unknown", source]),
);

/** The same places with nothing that would write. */
const HARMLESS: readonly Cells[] = [
  [
    "an init script that nothing links",
    { ...OFF, "/etc/init.d/own": SCRIPT },
    "off",
    "systemd-sysv-generator(8)",
  ],
  [
    "a module's options",
    { ...OFF, "/etc/modprobe.d/own.conf": "options ipv6 disable_ipv6=0\n" },
    "off",
    "modprobe.d(5); IPv6 is built in",
  ],
  [
    "an extension that nothing lays over",
    { ...OFF, "/var/lib/extensions/own.raw": "squashfs" },
    "off",
    "systemd-sysext(8)",
  ],
  [
    "scripts that do other things",
    {
      ...OFF,
      ...starts("/opt/a.sh"),
      "/opt/a.sh": "#!/bin/sh\n. /etc/default/own\nown-net up\n",
      "/etc/default/own": "X=1\n",
      "/usr/local/bin/own-net": "#!/bin/sh\nip -6 route\n",
      "/etc/systemd/system-generators/own": "#!/bin/sh\nexit 0\n",
      "/etc/dhcpcd.exit-hook": "exit 0\n",
    },
    "off",
    "none of them writes",
  ],
  [
    "a unit with a link, and masked",
    {
      ...OFF,
      "/usr/lib/systemd/system/own.service": SERVICE,
      [`${OWN}/multi-user.target.wants/own.service`]: link("/usr/lib/systemd/system/own.service"),
      [`${OWN}/own.service`]: link("/dev/null"),
    },
    "off",
    "systemd.unit(5): masked",
  ],
  [
    "a unit with its own drop-in, and nothing that starts it",
    {
      ...OFF,
      [`${OWN}/own.service`]: `${SERVICE}[Install]\nWantedBy=multi-user.target\n`,
      [`${OWN}/own.service.d/own.conf`]: "[Unit]\nAfter=own-net.target\n",
    },
    "off",
    "systemd.unit(5): no link starts it",
  ],
  [
    "a mount unit with a link, and masked",
    {
      ...OFF,
      [`${OWN}/var.mount`]: link("/dev/null"),
      [`${OWN}/local-fs.target.wants/var.mount`]: link("/usr/lib/systemd/system/var.mount"),
    },
    "off",
    "systemd.unit(5): masked",
  ],
  [
    "units that mount where nothing decides",
    {
      ...OFF,
      [`${OWN}/snap-core20-1.mount`]: "[Mount]\nWhat=/x.snap\nWhere=/snap/core20/1\n",
      [`${OWN}/var-lib-docker.mount`]: "[Mount]\nWhat=/dev/vdb\nWhere=/var/lib/docker\n",
      [`${OWN}/etc\\x2dold.mount`]: "[Mount]\nWhat=/dev/vdb\nWhere=/etc-old\n",
    },
    "off",
    "systemd.mount(5)",
  ],
  ...(
    [
      ["systemd.volatile=yes", "unknown"],
      ["systemd.volatile", "unknown"],
      ["systemd.volatile=overlay", "off"],
      ["systemd.mount-extra=/dev/vdb:/etc/sysctl.d:ext4", "unknown"],
      ["rd.systemd.mount_extra=/dev/vdb:/sysroot/etc/sysctl.d:ext4", "unknown"],
      ["rdinit=/own", "unknown"],
      ["rdinit=/init", "off"],
      ["-- systemd.unit=own.target", "unknown"],
      ["-- init=/own", "off"],
      ["systemd.wants=own.service", "unknown"],
      ["systemd.pull=raw,confext:own:https://example.org/own.raw", "unknown"],
      ["fstab=no", "unknown"],
      ["root=live:LABEL=own", "unknown"],
      ["boot=casper", "unknown"],
      ["rd.live.image", "unknown"],
      ["rd.overlay=LABEL=own", "unknown"],
      ["rd.overlay=1", "off"],
      ["overlayroot=device:dev=/dev/vdb", "unknown"],
      ["overlayroot=tmpfs:swap=1", "off"],
    ] as const
  ).map(
    ([argument, state]): Cells => [
      `a command line with ${argument}`,
      { ...OFF, "/boot/grub/grub.cfg": grubConfig(argument) },
      state,
      "systemd-volatile-root.service(8), systemd-fstab-generator(8)",
    ],
  ),
  ...(["systemd.mask=systemd-sysctl.service", "init=/own", "systemd.wants=own.service"] as const).map(
    (argument): Cells => [
      `a command line that may have ${argument}`,
      {
        ...OFF,
        "/boot/grub/grub.cfg": `if hwmatch x 1; then set more="${argument}"; fi\n${grubConfig("$more")}`,
      },
      "unknown",
      "kernel-command-line(7)",
    ],
  ),
  [
    "a command line that runs a program",
    { ...OFF, "/boot/grub/grub.cfg": grubConfig("systemd.run=/opt/own.sh"), "/opt/own.sh": SCRIPT },
    "unknown",
    "systemd-run-generator(8)",
  ],
  [
    "a command line that starts the usual",
    { ...OFF, "/boot/grub/grub.cfg": grubConfig("systemd.unit=multi-user.target 3") },
    "off",
    "kernel-command-line(7)",
  ],
  [
    "a command line that starts a target of the image's own",
    { ...OFF, "/boot/grub/grub.cfg": grubConfig("systemd.unit=own.target") },
    "unknown",
    "kernel-command-line(7)",
  ],
];

truthTable("the same places, at rest", HARMLESS);

/** Sources: systemd.system-credentials(7), systemd-network-generator.service(8), systemd.exec(5). */
const CREDENTIALS: readonly Cells[] = (
  [
    ["/etc/credstore/network.network.10-own", "unknown"],
    ["/etc/credstore.encrypted/sysctl.extra.cred", "unknown"],
    ["/usr/lib/credstore/sysctl.extra", "unknown"],
    ["/usr/lib/credstore/udev.rules.own", "unknown"],
    ["/etc/credstore/ssh.authorized_keys.root", "off"],
  ] as const
).map(([path, state]): Cells => [path, { ...OFF, [path]: "" }, state, "systemd.exec(5), ImportCredential"]);

truthTable("credentials that the image has", [
  ...CREDENTIALS,
  [
    "one on the command line",
    { ...OFF, "/boot/grub/grub.cfg": grubConfig("systemd.set_credential=network.network.own:x") },
    "unknown",
    "systemd(1), systemd.set_credential=",
  ],
  [
    "a vendor's extension of /etc",
    {
      ...OFF,
      ...wanted("systemd-confext.service"),
      "/usr/lib/confexts/own.raw": "squashfs",
    },
    "unknown",
    "systemd-confext(8)",
  ],
]);

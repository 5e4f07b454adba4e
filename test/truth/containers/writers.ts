import { NIC } from "./container.ts";
import { type Dice, LIB, OWN, type Part, WANTS } from "./dice.ts";

/** What writes the switch or has sysctl do it, in the words of a shell. */
function command(dice: Dice): string {
  const value = dice(["0", "0", "1"]);
  return dice([
    `/usr/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=${value}`,
    `/usr/sbin/sysctl -q -w net.ipv6.conf.${NIC}.disable_ipv6=${value}`,
    `/bin/sh -c 'echo ${value} > /proc/sys/net/ipv6/conf/all/disable_ipv6'`,
    `/bin/sh -c 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo ${value} > $f; done'`,
    "/usr/sbin/sysctl --system",
  ]);
}

/** Somebody else who writes the switch while the machine comes up, or would. */
export function writer(dice: Dice, index: number): Part {
  const does = command(dice);
  const script = `#!/bin/sh\n${does}\n`;
  // Some places are only looked at where IPv6 would stay off: there, switching off is nothing to be known.
  const on = "/usr/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0";
  const at = `${OWN}/own${index}.service`;
  const service = `[Unit]\nDescription=own\n[Service]\nType=oneshot\nExecStart=${does}\n[Install]\nWantedBy=multi-user.target\n`;
  const early = `[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=${does}\n`;
  const value = dice(["0", "0", "1"]);
  const places: readonly Part[] = [
    ["unit", { [at]: service, [`${WANTS}/own${index}.service`]: { link: at } }],
    ["unit of sysinit", { [at]: early, [`${OWN}/sysinit.target.wants/own${index}.service`]: { link: at } }],
    [
      "unit of basic.target",
      { [at]: service, [`${OWN}/basic.target.requires/own${index}.service`]: { link: at } },
    ],
    ["unit that nothing starts", { [at]: service }],
    [
      "unit of a service that does not run",
      { [at]: service, [`${OWN}/rescue.target.wants/own${index}.service`]: { link: at } },
    ],
    [
      "timer",
      {
        [at]: service,
        [`${OWN}/own${index}.timer`]:
          "[Timer]\nOnBootSec=1s\nAccuracySec=100ms\n[Install]\nWantedBy=timers.target\n",
        [`${OWN}/timers.target.wants/own${index}.timer`]: { link: `${OWN}/own${index}.timer` },
      },
    ],
    [
      "path unit",
      {
        [at]: service,
        [`${OWN}/own${index}.path`]: "[Path]\nPathExists=/etc/passwd\n",
        [`${WANTS}/own${index}.path`]: { link: `${OWN}/own${index}.path` },
      },
    ],
    [
      "script in a script",
      {
        [at]: service.replace(does, "/opt/a.sh"),
        [`${WANTS}/own${index}.service`]: { link: at },
        "/opt/a.sh": "#!/bin/sh\nexec /opt/b.sh\n",
        "/opt/b.sh": script,
      },
    ],
    ["rc.local", { "/etc/rc.local": script }],
    ["generator that switches on", { "/etc/systemd/system-generators/own": `#!/bin/sh\n${on}\n` }],
    [
      "init script that switches on",
      {
        [`/etc/init.d/own${index}`]: `#!/bin/sh\n### BEGIN INIT INFO\n# Provides: own${index}\n### END INIT INFO\n${on}\n`,
        [`/etc/rc${dice(["2", "3", "4", "5", "S"])}.d/S01own${index}`]: { link: `../init.d/own${index}` },
      },
    ],
    ["hook of ifupdown", { [`/etc/network/if-up.d/own${index}`]: script }],
    [
      "dispatcher of NetworkManager",
      {
        [`/etc/NetworkManager/dispatcher.d/own${index}`]: script,
        [`${OWN}/dbus-org.freedesktop.nm-dispatcher.service`]: {
          link: `${LIB}/NetworkManager-dispatcher.service`,
        },
      },
    ],
    [
      "drop-in of getty",
      { [`${OWN}/getty@tty1.service.d/own${index}.conf`]: `[Service]\nExecStartPre=${does}\n` },
    ],
    ["drop-in of dbus", { [`${OWN}/dbus.service.d/own${index}.conf`]: `[Service]\nExecStartPost=${does}\n` }],
    [
      "drop-in of sysctl",
      { [`${OWN}/systemd-sysctl.service.d/own${index}.conf`]: `[Service]\nExecStartPost=${does}\n` },
    ],
    [
      "unit of /usr/local",
      {
        [`/usr/local/lib/systemd/system/own${index}.service`]: service,
        [`${WANTS}/own${index}.service`]: { link: `/usr/local/lib/systemd/system/own${index}.service` },
      },
    ],
    [
      `tmpfiles of etc ${value}`,
      {
        [`/etc/tmpfiles.d/own${index}.conf`]: `w /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - ${value}\n`,
      },
    ],
    [
      "tmpfiles of usr",
      {
        [`/usr/lib/tmpfiles.d/own${index}.conf`]: `w- /proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0\n`,
      },
    ],
    [
      "starts networkd",
      {
        "/etc/rc.local": "#!/bin/sh\nsystemctl start systemd-networkd\n",
        "/etc/systemd/network/90-late.network": "[Match]\nName=*\n[Network]\nDHCP=no\n",
      },
    ],
  ];
  const [name, files] = dice(places);
  return [name.includes("tmpfiles") || name.startsWith("starts") ? name : `${name} (${does})`, files];
}

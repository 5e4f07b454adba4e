import type { FlatFiles } from "../../../support/machine.ts";
import { NIC } from "../container.ts";
import { enabled, OWN, type Part } from "../dice.ts";
import { enabledOwn, NETWORK, ON, RULES, SCRIPT, SERVICE, SWITCH } from "./switched-on.ts";

export function generators(): readonly Part[] {
  const makes = `#!/bin/sh\nmkdir -p $1/multi-user.target.wants\nprintf '[Service]\\nType=oneshot\\nExecStart=/opt/own.sh\\n' > $1/own.service\nln -s ../own.service $1/multi-user.target.wants/\n`;
  const folders = ["/etc/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"];
  return [
    ...folders.map((at): Part => [`generator in ${at}`, { [`${at}/system-generators/own`]: makes }]),
    ...folders.map(
      (at): Part => [
        `generator of the environment in ${at}`,
        { [`${at}/system-environment-generators/own`]: `#!/bin/sh\n(sleep 3; ${ON}) >/dev/null 2>&1 &\n` },
      ],
    ),
    ["generator that may not be executed", { "/etc/systemd/system-generators/own": makes.slice(10) }],
    [
      "generator with a link",
      { "/etc/systemd/system-generators/own": { link: "/opt/gen" }, "/opt/gen": makes },
    ],
    [
      "generator that makes links of networkd",
      {
        "/usr/lib/systemd/system-generators/own":
          "#!/bin/sh\nmkdir -p $1/multi-user.target.wants\nln -s /usr/lib/systemd/system/systemd-networkd.service $1/multi-user.target.wants/\n",
        ...NETWORK,
      },
    ],
  ];
}

export function tmpfiles(): readonly Part[] {
  const rows: readonly (readonly [string, string])[] = [
    ["w", `w ${SWITCH} - - - - 0`],
    ["w+", `w+ ${SWITCH} - - - - 0`],
    ["w!", `w! ${SWITCH} - - - - 0`],
    ["w-", `w- ${SWITCH} - - - - 0`],
    ["f", `f ${SWITCH} - - - - 0`],
    ["f+", `f+ ${SWITCH} - - - - 0`],
    ["F", `F ${SWITCH} - - - - 0`],
    ["quoted", `w "${SWITCH}" - - - - "0"`],
    ["type quoted", `"w" ${SWITCH} - - - - 0`],
    ["escaped", "w /proc/sys/net/ipv6/conf/all/disable\\x5fipv6 - - - - 0"],
    ["octal", "w /proc/sys/net/ipv6/conf/all/disable\\137ipv6 - - - - 0"],
    ["pattern", "w /proc/sys/net/ipv6/conf/*/disable_ipv6 - - - - 0"],
    ["pattern of the key", "w /proc/sys/net/ipv6/conf/all/dis*_ipv6 - - - - 0"],
    ["pattern of the folder", "w /proc/sys/net/ipv?/conf/all/disable_i* - - - - 0"],
    ["pattern in brackets", "w /proc/sys/net/ipv6/conf/all/disable[_]ipv6 - - - - 0"],
    ["two slashes", "w /proc/sys/net/ipv6//conf/all/disable_ipv6 - - - - 0"],
    ["/proc/1", "w /proc/1/root/proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0"],
    ["/proc/self", "w /proc/self/root/proc/sys/net/ipv6/conf/all/disable_ipv6 - - - - 0"],
    ["a line feed", `w ${SWITCH} - - - - 0\\n`],
    ["00", `w ${SWITCH} - - - - 00`],
    ["base64", `w~ ${SWITCH} - - - - MAo=`],
    ["tabs", `w\t${SWITCH}\t-\t-\t-\t-\t0`],
    ["spaces before", `   w ${SWITCH} - - - - 0`],
    ["a link", `L+ /run/own - - - - ${SWITCH}\nw /run/own - - - - 0`],
    ["for the card", `w /proc/sys/net/ipv6/conf/${NIC}/disable_ipv6 - - - - 0`],
    [
      "two",
      `w ${SWITCH} - - - - 1\nw /proc/sys/net/ipv6/conf/default/disable_ipv6 - - - - 0\nw /proc/sys/net/ipv6/conf/${NIC}/disable_ipv6 - - - - 0`,
    ],
    ["removed", `r ${SWITCH}`],
    [
      "a unit",
      "L+ /run/systemd/system/multi-user.target.wants/systemd-networkd.service - - - - /usr/lib/systemd/system/systemd-networkd.service",
    ],
    ["a script of cron", "L+ /etc/cron.d/own - - - - /opt/tab"],
    ["a copy for sysctl", "C /run/sysctl.d/99-own.conf - - - - /opt/own.conf"],
    ["a specifier", "w /proc/sys/net/ipv6/conf/all/disable%%ipv6 - - - - 0"],
  ];
  const more = {
    "/opt/tab": "@reboot root /opt/own.sh\n",
    "/opt/own.conf": "net.ipv6.conf.all.disable_ipv6=0\n",
  };
  const places = [
    "/etc/tmpfiles.d/own.conf",
    "/usr/lib/tmpfiles.d/own.conf",
    "/usr/local/lib/tmpfiles.d/own.conf",
    "/etc/tmpfiles.d/own",
    "/etc/tmpfiles.d/tmp.conf",
    "/usr/lib/tmpfiles.d/cloud-own.conf",
  ];
  return [
    ...rows.map(
      ([name, line]): Part => [
        `tmpfiles: ${name}`,
        { ...more, ...NETWORK, "/etc/tmpfiles.d/own.conf": `${line}\n` },
      ],
    ),
    ...places.map((path): Part => [`tmpfiles: ${path}`, { [path]: `w ${SWITCH} - - - - 0\n` }]),
    [
      "tmpfiles: masked",
      {
        "/usr/lib/tmpfiles.d/own.conf": `w ${SWITCH} - - - - 0\n`,
        "/etc/tmpfiles.d/own.conf": { link: "/dev/null" },
      },
    ],
  ];
}

export function rules(): readonly Part[] {
  const write = `/bin/sh -c 'echo 0 > ${SWITCH}'`;
  const net = 'ACTION=="add", SUBSYSTEM=="net"';
  const rows: readonly (readonly [string, string])[] = [
    ["RUN", `${net}, RUN+="${write}"`],
    ["RUN{program}", `${net}, RUN{program}+="${write}"`],
    ["RUN=", `${net}, RUN="${write}"`],
    ["RUN:=", `${net}, RUN:="${write}"`],
    ["PROGRAM", `${net}, PROGRAM="${write}"`],
    ["PROGRAM==", `${net}, PROGRAM=="${write}"`],
    ["IMPORT{program}", `${net}, IMPORT{program}="${write}"`],
    ["SYSCTL", `${net}, SYSCTL{net/ipv6/conf/all/disable_ipv6}="0"`],
    ["SYSCTL with dots", `${net}, SYSCTL{net.ipv6.conf.all.disable_ipv6}="0"`],
    ["SYSCTL of the name", `${net}, SYSCTL{net/ipv6/conf/$name/disable_ipv6}="0"`],
    ["SYSCTL by a variable", `${net}, ENV{OWN}="disable_", SYSCTL{net/ipv6/conf/all/$env{OWN}ipv6}="0"`],
    [
      "a variable",
      `${net}, ENV{OWN}="disable_"\n${net}, RUN+="/bin/sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/$env{OWN}ipv6'"`,
    ],
    ["a line that goes on", `${net}, \\\n  RUN+="${write}"`],
    ["escaped", `${net}, RUN+=e"/bin/sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable\\x5fipv6'"`],
    ["another name", `${net}, KERNEL=="wlan*", RUN+="${write}"`],
    ["not another name", `${net}, KERNEL!="wlan*", RUN+="${write}"`],
    ["gone to the end", `GOTO="end"\n${net}, RUN+="${write}"\nLABEL="end"`],
    ["lo", `SUBSYSTEM=="net", KERNEL=="lo", RUN+="/opt/own.sh"`],
    ["mem", `SUBSYSTEM=="mem", RUN+="/opt/own.sh"`],
    ["tty", `SUBSYSTEM=="tty", KERNEL=="console", RUN+="/opt/own.sh"`],
    ["a script", `${net}, RUN+="/opt/own.sh"`],
    ["a script of /usr/bin", `${net}, RUN+="/usr/bin/own-bin %k"`],
    ["a script of udev", `${net}, RUN+="own-udev"`],
    ["a script of udev, IMPORT", `${net}, IMPORT{program}="own-udev"`],
    ["a script quoted", `${net}, RUN+="/bin/sh '/opt/own.sh' $name"`],
    ["a script by a variable", `${net}, ENV{UP}="/opt/own.sh"\n${net}, RUN+="/bin/sh $env{UP}"`],
    ["wants", `${net}, TAG+="systemd", ENV{SYSTEMD_WANTS}+="own.service"`],
    ["wants an instance", `${net}, TAG+="systemd", ENV{SYSTEMD_WANTS}+="own@%k.service"`],
    ["wants a template", `${net}, TAG+="systemd", ENV{SYSTEMD_WANTS}+="own@.service"`],
    ["wants networkd", `${net}, TAG+="systemd", ENV{SYSTEMD_WANTS}+="systemd-networkd.service"`],
    [
      "wants networkd, of mem",
      `SUBSYSTEM=="mem", KERNEL=="null", TAG+="systemd", ENV{SYSTEMD_WANTS}="systemd-networkd.service"`,
    ],
    ["imports a file", `${net}, IMPORT{file}="/etc/own-env", RUN+="/bin/sh $env{UP}"`],
  ];
  const more: FlatFiles = {
    ...NETWORK,
    "/usr/lib/udev/own-udev": SCRIPT,
    "/etc/own-env": "UP=/opt/own.sh\n",
    [`${OWN}/own.service`]: SERVICE,
    "/etc/systemd/system/own@.service": SERVICE,
  };
  const folders = [RULES, "/usr/lib/udev/rules.d", "/usr/local/lib/udev/rules.d"];
  return [
    ...rows.map(
      ([name, rule]): Part => [`rule: ${name}`, { ...more, [`${RULES}/70-own.rules`]: `${rule}\n` }],
    ),
    ...folders.map(
      (at): Part => [`rule: in ${at}`, { [`${at}/70-own.rules`]: `${net}, RUN+="/opt/own.sh"\n` }],
    ),
    ...folders.map(
      (at): Part => [`rule: the switch in ${at}`, { [`${at}/70-own.rules`]: `${net}, RUN+="${write}"\n` }],
    ),
    [
      "rule: masked",
      {
        "/usr/lib/udev/rules.d/70-ipv6.rules": `${net}, RUN+="${write}"\n`,
        [`${RULES}/70-ipv6.rules`]: { link: "/dev/null" },
      },
    ],
  ];
}

export function hooks(): readonly Part[] {
  const dispatched = (folder: string, name = "own"): FlatFiles => ({
    ...enabled("systemd-networkd.service"),
    "/etc/systemd/network/50-own.network": `[Match]\nName=en*\n[Network]\nLinkLocalAddressing=no\nAddress=192.0.2.5/24\n`,
    [`${folder}/${name}`]: SCRIPT,
  });
  const states = [
    "off.d",
    "no-carrier.d",
    "dormant.d",
    "degraded-carrier.d",
    "carrier.d",
    "degraded.d",
    "routable.d",
    "configuring.d",
    "configured.d",
    "unmanaged.d",
  ];
  const manager = (files: FlatFiles): FlatFiles => ({
    ...enabled("NetworkManager.service"),
    "/etc/systemd/system/dbus-org.freedesktop.nm-dispatcher.service": {
      link: "/usr/lib/systemd/system/NetworkManager-dispatcher.service",
    },
    "/etc/NetworkManager/system-connections/own.nmconnection":
      "[connection]\nid=own\nuuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n[ipv4]\nmethod=manual\naddress1=192.0.2.5/24\n[ipv6]\nmethod=disabled\n",
    ...files,
  });
  const up = enabled("networking.service");
  const interfaces = (more: string): FlatFiles => ({
    ...up,
    "/etc/network/interfaces": `auto lo ${NIC}\niface lo inet loopback\niface ${NIC} inet static\n  address 192.0.2.5/24\n${more}`,
  });
  return [
    ...states.map(
      (state): Part => [`networkd-dispatcher: ${state}`, dispatched(`/etc/networkd-dispatcher/${state}`)],
    ),
    ["networkd-dispatcher: of the vendor", dispatched("/usr/lib/networkd-dispatcher/routable.d")],
    [
      "networkd-dispatcher: a link",
      {
        ...dispatched("/etc/networkd-dispatcher/routable.d"),
        "/etc/networkd-dispatcher/routable.d/own": { link: "/opt/own.sh" },
      },
    ],
    ["dispatcher: own", manager({ "/etc/NetworkManager/dispatcher.d/own": SCRIPT })],
    ["dispatcher: pre-up.d", manager({ "/etc/NetworkManager/dispatcher.d/pre-up.d/own": SCRIPT })],
    ["dispatcher: no-wait.d", manager({ "/etc/NetworkManager/dispatcher.d/no-wait.d/own": SCRIPT })],
    ["dispatcher: a link", manager({ "/etc/NetworkManager/dispatcher.d/own": { link: "/opt/own.sh" } })],
    [
      "dispatcher: a link to nothing",
      manager({ "/etc/NetworkManager/dispatcher.d/own": { link: "/dev/null" } }),
    ],
    [
      "dispatcher: a script",
      manager({ "/etc/NetworkManager/dispatcher.d/own": "#!/bin/sh\n/usr/bin/own-bin\n" }),
    ],
    ["dispatcher: a shipped name", manager({ "/etc/NetworkManager/dispatcher.d/11-dhclient": SCRIPT })],
    ["dispatcher: not to be executed", manager({ "/etc/NetworkManager/dispatcher.d/own": `${ON}\n` })],
    ["dispatcher: of the vendor", manager({ "/usr/lib/NetworkManager/dispatcher.d/own": SCRIPT })],
    [
      "dispatcher: of the vendor, pre-up.d",
      manager({ "/usr/lib/NetworkManager/dispatcher.d/pre-up.d/own": SCRIPT }),
    ],
    ["ifupdown: if-up.d", { ...interfaces(""), "/etc/network/if-up.d/own": SCRIPT }],
    ["ifupdown: if-pre-up.d", { ...interfaces(""), "/etc/network/if-pre-up.d/own": SCRIPT }],
    ["ifupdown: if-up.d with a dot", { ...interfaces(""), "/etc/network/if-up.d/own.sh": SCRIPT }],
    ["ifupdown: a link", { ...interfaces(""), "/etc/network/if-up.d/own": { link: "/opt/own.sh" } }],
    [
      "ifupdown: if-up.d runs /usr/bin",
      { ...interfaces(""), "/etc/network/if-up.d/own": "#!/bin/sh\nown-bin\n" },
    ],
    ["ifupdown: if-down.d", { ...interfaces(""), "/etc/network/if-down.d/own": SCRIPT }],
    ["ifupdown: up /usr/bin", interfaces("  up /usr/bin/own-bin\n")],
    ["ifupdown: up by its name", interfaces("  up own-bin\n")],
    ["ifupdown: up by its name in /usr/local", interfaces("  up own-local\n")],
    [
      "ifupdown: in a further file",
      {
        ...interfaces("source /etc/network/interfaces.d/*\n"),
        "/etc/network/interfaces.d/own": "auto lo:1\niface lo:1 inet manual\n  up /opt/own.sh\n",
      },
    ],
    [
      "ifupdown: defaults",
      { ...interfaces(""), "/etc/default/networking": "CONFIGURE_INTERFACES=yes\n/opt/own.sh\n" },
    ],
    ["ifupdown: down", interfaces("  down /opt/own.sh\n")],
  ];
}

export function extensions(): readonly Part[] {
  const release = "ID=_any\n";
  const rows: readonly (readonly [string, string, string])[] = [
    ["sysext", "/var/lib/extensions", "usr/lib"],
    ["sysext", "/etc/extensions", "usr/lib"],
    ["confext", "/var/lib/confexts", "etc"],
    ["confext", "/usr/lib/confexts", "etc"],
    ["confext", "/usr/local/lib/confexts", "etc"],
  ];
  return rows.flatMap(([kind, folder, top]): readonly Part[] => {
    const dir = kind === "sysext" ? "usr/lib/extension-release.d" : "etc/extension-release.d";
    const files: FlatFiles = {
      [`${folder}/own/${dir}/extension-release.own`]: release,
      [`${folder}/own/${top}/sysctl.d/zz-own.conf`]: "net.ipv6.conf.all.disable_ipv6=0\n",
    };
    const unit = `systemd-${kind}.service`;
    const link = { link: `/usr/lib/systemd/system/${unit}` };
    return [
      [`${kind} in ${folder}, nothing starts it`, files],
      [`${kind} in ${folder}, multi-user`, { ...files, ...enabled(unit) }],
      [`${kind} in ${folder}, sysinit`, { ...files, [`${OWN}/sysinit.target.wants/${unit}`]: link }],
      [
        `${kind} in ${folder}, applied by a unit`,
        {
          ...files,
          [`${OWN}/own.service`]: `[Service]\nType=oneshot\nExecStart=/usr/bin/systemd-${kind} merge\nExecStart=/usr/lib/systemd/systemd-sysctl\n`,
          ...enabledOwn("own.service"),
        },
      ],
    ];
  });
}

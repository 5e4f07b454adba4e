import { type FlatFiles, grubConfig } from "../../support/machine.ts";
import { random } from "../../support/mutate.ts";
import { NIC } from "./container.ts";

/** A machine made by dice: what of a root's own configuration goes, and what comes. */
export interface RandomMachine {
  readonly name: string;
  /** Paths of the root that are taken away first. */
  readonly without: readonly string[];
  readonly files: FlatFiles;
}

type Dice = <Choice>(choices: readonly Choice[]) => Choice;
/** A name for each part, so that one knows what a machine is made of. */
type Part = readonly [name: string, files: FlatFiles];

const OWN = "/etc/systemd/system";
const WANTS = `${OWN}/multi-user.target.wants`;
const LIB = "/usr/lib/systemd/system";
const SERVICES = ["NetworkManager.service", "networking.service", "systemd-networkd.service"];

/** No manager starts, nothing was booted: every machine begins here. */
const WITHOUT = [
  ...SERVICES.flatMap((one) => [`${WANTS}/${one}`, `${OWN}/network-online.target.wants/${one}`]),
  `${OWN}/network-online.target.wants/NetworkManager-wait-online.service`,
  `${OWN}/network-online.target.wants/systemd-networkd-wait-online.service`,
  `${OWN}/sockets.target.wants/systemd-networkd.socket`,
  "/etc/machine-id",
  "/etc/network/interfaces",
  "/etc/fstab",
];
const BASE: FlatFiles = {
  "/boot/config-6.1.0-18-cloud-amd64": "# CONFIG_CMDLINE_BOOL is not set\nCONFIG_NET=y\nCONFIG_IPV6=y\n",
  "/boot/grub/grub.cfg": grubConfig(""),
  "/etc/fstab": "UUID=33333333-3333-4333-8333-333333333333 / ext4 rw 0 1\n",
  "/etc/network/interfaces": `auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n`,
};

export function randomMachine(seed: number): RandomMachine {
  // Seeds that lie close together are to give different machines.
  const next = random(Math.imul(seed, 0x9e3779b1));
  for (let warm = 0; warm < 16; warm++) next();
  const dice: Dice = (choices) => {
    const found = choices[Math.floor(next() * choices.length)];
    if (found === undefined) throw new Error("nothing to choose from");
    return found;
  };
  const several = (part: (dice: Dice, index: number) => Part, counts: readonly number[]): readonly Part[] =>
    Array.from({ length: dice(counts) }, (_, index) => part(dice, index));
  const parts = [
    manager(dice),
    machineId(dice),
    ...several(sysctlFile, [0, 1, 1, 2, 3]),
    ...several(writer, [0, 0, 0, 1, 1, 2]),
    ...several(oddity, [0, 0, 0, 1]),
  ];
  return {
    name: parts.map(([name]) => name).join("; "),
    without: WITHOUT,
    files: Object.assign({}, BASE, ...parts.map(([, files]) => files)),
  };
}

function enabled(...units: readonly string[]): FlatFiles {
  return Object.fromEntries(units.map((one) => [`${WANTS}/${one}`, { link: `${LIB}/${one}` }]));
}

function manager(dice: Dice): Part {
  return dice([nobody, ifupdown, ifupdown, networkd, networkd, networkManager, networkManager, netplan])(
    dice,
  );
}

function nobody(): Part {
  return ["no manager", {}];
}

function ifupdown(dice: Dice): Part {
  const name = dice([NIC, NIC, "eth7"]);
  // There is no udev that would bring up what may be plugged in.
  const start = "auto";
  const extra = dice([
    "",
    "",
    `  up sysctl -w net.ipv6.conf.${NIC}.disable_ipv6=0\n`,
    "  post-up echo 0 > /proc/sys/net/ipv6/conf/$IFACE/disable_ipv6\n",
    "  pre-up sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
    `iface ${name} inet6 manual\n`,
  ]);
  return [
    `ifupdown ${start} ${name} ${extra.trim()}`,
    {
      "/etc/network/interfaces.d/own": `${start} ${name}\niface ${name} inet manual\n${extra}`,
      ...enabled("networking.service"),
    },
  ];
}

function networkd(dice: Dice): Part {
  const match = dice([
    `Name=${NIC}`,
    "Name=en*",
    "Name=*",
    "Type=ether",
    "Name=eth*",
    "Kind=veth",
    "Name=!lo",
  ]);
  const settings = dice([
    "DHCP=no",
    "DHCP=no\nLinkLocalAddressing=no",
    "DHCP=no\nLinkLocalAddressing=ipv4",
    "DHCP=no\nLinkLocalAddressing=ipv6",
    "DHCP=no\nLinkLocalAddressing=no\nIPv6AcceptRA=yes",
    "DHCP=no\nLinkLocalAddressing=no\nAddress=2001:db8::5/64",
    "DHCP=no\nLinkLocalAddressing=no\nAddress=192.0.2.5/24",
    "DHCP=no\nIPv6AcceptRA=no",
    "DHCP=ipv6\nLinkLocalAddressing=no",
  ]);
  const link = dice(["", "", "[Link]\nUnmanaged=yes\n", "[Link]\nActivationPolicy=manual\n"]);
  const dropIn = dice([
    "",
    "",
    "[Network]\nLinkLocalAddressing=no\n",
    "[Network]\nLinkLocalAddressing=ipv6\n",
  ]);
  const starts = dice<Part>([
    ["multi-user", enabled("systemd-networkd.service")],
    ["multi-user", enabled("systemd-networkd.service")],
    [
      "its socket",
      { [`${OWN}/sockets.target.wants/systemd-networkd.socket`]: { link: `${LIB}/systemd-networkd.socket` } },
    ],
    [
      "wait-online",
      {
        [`${OWN}/network-online.target.wants/systemd-networkd-wait-online.service`]: {
          link: `${LIB}/systemd-networkd-wait-online.service`,
        },
      },
    ],
    [
      "a target's drop-in",
      { [`${OWN}/multi-user.target.d/own.conf`]: "[Unit]\nWants=systemd-networkd.service\n" },
    ],
    ["nothing", {}],
  ]);
  const folder = dice(["/etc/systemd/network", "/usr/lib/systemd/network"]);
  return [
    `networkd by ${starts[0]}: [${match}] ${settings.replaceAll("\n", " ")} ${link.trim()} ${dropIn.trim()}`,
    {
      [`${folder}/50-own.network`]: `[Match]\n${match}\n${link}[Network]\n${settings}\n`,
      ...(dropIn === "" ? {} : { "/etc/systemd/network/50-own.network.d/a.conf": dropIn }),
      ...starts[1],
    },
  ];
}

function networkManager(dice: Dice): Part {
  const method = dice(["auto", "disabled", "disabled", "ignore", "link-local", "", "manual"]);
  const six =
    method === ""
      ? ""
      : `[ipv6]\nmethod=${method}\n${method === "manual" ? "address1=2001:db8::5/64\n" : ""}`;
  const which = dice(["", "", `interface-name=${NIC}\n`, "interface-name=eth7\n"]);
  const config = dice([
    "",
    "",
    "[main]\nno-auto-default=*\n",
    "[keyfile]\nunmanaged-devices=interface-name:ens*\n",
    "[keyfile]\nunmanaged-devices=type:veth\n",
    "[device]\nmanaged=0\n",
  ]);
  const starts = dice(["multi-user", "multi-user", "wait-online", "nothing"]);
  const links =
    starts === "nothing"
      ? {}
      : starts === "multi-user"
        ? enabled("NetworkManager.service")
        : {
            [`${OWN}/multi-user.target.wants/NetworkManager-wait-online.service`]: {
              link: `${LIB}/NetworkManager-wait-online.service`,
            },
          };
  const profile = `[connection]\nid=own\nuuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n${which}[ipv4]\nmethod=manual\naddress1=192.0.2.5/24\n${six}`;
  return [
    `NetworkManager by ${starts}: ${method || "no [ipv6]"} ${which.trim()} ${config.trim().replace("\n", " ")}`,
    {
      "/etc/NetworkManager/system-connections/own.nmconnection": profile,
      ...(config === "" ? {} : { "/etc/NetworkManager/conf.d/own.conf": config }),
      ...links,
    },
  ];
}

function netplan(dice: Dice): Part {
  const renderer = dice(["networkd", "networkd", "NetworkManager"]);
  const local = dice([
    "",
    "",
    "      link-local: []\n",
    "      link-local: [ipv4]\n",
    "      link-local: [ipv6]\n",
  ]);
  const name = dice([NIC, NIC, "eth7"]);
  return [
    `netplan on ${renderer}: ${name} ${local.trim()}`,
    {
      "/etc/netplan/50-own.yaml": `network:\n  version: 2\n  renderer: ${renderer}\n  ethernets:\n    ${name}:\n      addresses: [192.0.2.5/24]\n${local}`,
      ...(renderer === "networkd" ? {} : enabled("NetworkManager.service")),
    },
  ];
}

function machineId(dice: Dice): Part {
  return dice<Part>([
    ["", { "/etc/machine-id": "0123456789abcdef0123456789abcdef\n" }],
    ["", { "/etc/machine-id": "0123456789abcdef0123456789abcdef\n" }],
    ["", { "/etc/machine-id": "0123456789abcdef0123456789abcdef\n" }],
    ["empty machine-id", { "/etc/machine-id": "" }],
    ["first boot", { "/etc/machine-id": "uninitialized\n" }],
  ]);
}

const KEYS = [
  "net.ipv6.conf.all.disable_ipv6",
  "net.ipv6.conf.all.disable_ipv6",
  "net.ipv6.conf.default.disable_ipv6",
  "net.ipv6.conf.all.disable_ipv6",
  "net.ipv6.conf.default.disable_ipv6",
  `net/ipv6/conf/${NIC}/disable_ipv6`,
  "net.ipv6.conf.*.disable_ipv6",
  "net.ipv6.conf.en*.disable_ipv6",
  "-net.ipv6.conf.all.disable_ipv6",
  "-net/ipv6/conf/default/disable_ipv6",
  "net.ipv6.conf.lo.disable_ipv6",
  "-net.ipv6.conf.all.disable_ipv6_",
];

function sysctlFile(dice: Dice, index: number): Part {
  const folder = dice([
    "/etc/sysctl.d",
    "/etc/sysctl.d",
    "/etc/sysctl.d",
    "/usr/lib/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/etc",
  ]);
  const name =
    folder === "/etc" ? "sysctl.conf" : `${dice(["10", "50", "99", "zz"])}-${dice(["a", "b"])}${index}.conf`;
  const lines = Array.from(
    { length: dice([1, 1, 2, 3]) },
    () => `${dice(KEYS)} = ${dice(["1", "1", "1", "0"])}`,
  );
  const path = `${folder}/${name}`;
  return [`${path}: ${lines.join(", ")}`, { [path]: `${lines.join("\n")}\n` }];
}

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

function writer(dice: Dice, index: number): Part {
  const does = command(dice);
  const script = `#!/bin/sh\n${does}\n`;
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
    ["generator", { "/etc/systemd/system-generators/own": script }],
    [
      "init script",
      {
        [`/etc/init.d/own${index}`]: `#!/bin/sh\n### BEGIN INIT INFO\n# Provides: own${index}\n### END INIT INFO\n${does}\n`,
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

function oddity(dice: Dice): Part {
  return dice<Part>([
    ["sysctl masked", { [`${OWN}/systemd-sysctl.service`]: { link: "/dev/null" } }],
    ["networkd masked", { [`${OWN}/systemd-networkd.service`]: { link: "/dev/null" } }],
    ["NetworkManager masked", { [`${OWN}/NetworkManager.service`]: { link: "/dev/null" } }],
    [
      "sysctl.d is a link",
      {
        "/etc/sysctl.d/70-link.conf": { link: "/opt/values" },
        "/opt/values": "net.ipv6.conf.all.disable_ipv6=1\n",
      },
    ],
    ["a default target of its own", { [`${OWN}/default.target`]: { link: `${LIB}/multi-user.target` } }],
    ["rescue", { [`${OWN}/default.target`]: { link: `${LIB}/basic.target` } }],
    [
      "preset for networkd",
      { "/etc/systemd/system-preset/00-own.preset": "enable systemd-networkd.service\n" },
    ],
    ["preset for nothing", { "/etc/systemd/system-preset/00-own.preset": "disable *\n" }],
    [
      "sysctl with a condition",
      { [`${OWN}/systemd-sysctl.service.d/c.conf`]: "[Unit]\nConditionPathExists=/nowhere\n" },
    ],
    [
      "sysctl runs something else",
      { [`${OWN}/systemd-sysctl.service.d/c.conf`]: "[Service]\nExecStart=\nExecStart=/bin/true\n" },
    ],
  ]);
}

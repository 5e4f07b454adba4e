import { type FlatFiles, grubConfig } from "../../support/machine.ts";
import { NIC } from "./container.ts";
import { deviceRule } from "./devices.ts";
import { type Dice, diceOf, LIB, OWN, type Part, WANTS } from "./dice.ts";
import { manager } from "./managers.ts";
import { CLOUD_INIT_OFF } from "./packages.ts";
import { writer } from "./writers.ts";

/** A machine made by dice: what of a root's own configuration goes, and what comes. */
export interface RandomMachine {
  readonly name: string;
  /** Paths of the root that are taken away first. */
  readonly without: readonly string[];
  readonly files: FlatFiles;
}

const SERVICES = [
  "NetworkManager.service",
  "networking.service",
  "systemd-networkd.service",
  "connman.service",
  "dhcpcd.service",
  "ufw.service",
];

/** No manager starts, nothing was booted: every machine begins here. */
const WITHOUT = [
  ...SERVICES.flatMap((one) => [`${WANTS}/${one}`, `${OWN}/network-online.target.wants/${one}`]),
  `${OWN}/network-online.target.wants/NetworkManager-wait-online.service`,
  `${OWN}/network-online.target.wants/systemd-networkd-wait-online.service`,
  `${OWN}/network-online.target.wants/connman-wait-online.service`,
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
  // The card of a container is a virtual one, which NetworkManager would leave alone.
  "/etc/udev/rules.d/85-nm-unmanaged.rules": { link: "/dev/null" },
};

/** A machine of one part, and nothing thrown. */
export function machineOf([name, files]: Part): RandomMachine {
  const plain = {
    "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    ...(name.startsWith("cloud-init") ? {} : { [CLOUD_INIT_OFF]: "" }),
  };
  // TuneD applies sysctl files once more, whatever the row is about.
  const without = [...WITHOUT, `${WANTS}/tuned.service`];
  return { name, without, files: { ...BASE, ...plain, ...files } };
}

/** `has`: whether the root it is for has a path. */
export function randomMachine(seed: number, has: (path: string) => boolean): RandomMachine {
  const dice = diceOf(seed);
  const several = (part: (dice: Dice, index: number) => Part, counts: readonly number[]): readonly Part[] =>
    Array.from({ length: dice(counts) }, (_, index) => part(dice, index));
  const parts = [
    ...several((throws) => manager(throws, has), [1, 1, 1, 1, 2]),
    machineId(dice),
    ...several(sysctlFile, [0, 1, 1, 2, 3]),
    ...several(writer, [0, 0, 0, 0, 0, 0, 1, 1, 2]),
    ...several(deviceRule, [0, 0, 0, 1]),
    ...several(oddity, [0, 0, 0, 1]),
  ];
  return {
    name: parts.map(([name]) => name).join("; "),
    without: WITHOUT,
    files: Object.assign(
      {},
      BASE,
      parts.some(([name]) => name.startsWith("cloud-init")) ? {} : { [CLOUD_INIT_OFF]: "" },
      ...parts.map(([, files]) => files),
    ),
  };
}

function machineId(dice: Dice): Part {
  return dice<Part>([
    ...Array.from(
      { length: 6 },
      (): Part => ["", { "/etc/machine-id": "0123456789abcdef0123456789abcdef\n" }],
    ),
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
const VALUES = [
  "1",
  "1",
  "1",
  "1",
  "1",
  "1",
  "1",
  "0",
  "0",
  "01",
  "0x1",
  "2",
  "-1",
  "yes",
  "1 # off",
  "1;",
  "",
];
/** systemd-sysctl: an exception to the patterns. */
const EXCEPTIONS = [`-net.ipv6.conf.${NIC}.disable_ipv6`, "-net.ipv6.conf.all.disable_ipv6"];

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
  const lines = Array.from({ length: dice([1, 1, 2, 3]) }, (_, at) =>
    dice([false, false, false, false, false, true]) && at > 0
      ? dice(EXCEPTIONS)
      : `${dice(KEYS)} = ${dice(VALUES)}`,
  );
  const path = `${folder}/${name}`;
  return [`${path}: ${lines.join(", ")}`, { [path]: `${lines.join("\n")}\n` }];
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

import { corrupt } from "../../src/errors.ts";
import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { bls, redHat, wanted } from "./distributions.ts";
import { keyfile, ROOT, SET, without } from "./settings.ts";

const OFF: FlatFiles = { ...DEBIAN_12, ...SET };
const NETWORK = "/etc/systemd/network";
const LINK: FlatFiles = { [`${NETWORK}/10-own.link`]: "[Match]\nOriginalName=e*\n[Link]\nName=lan0\n" };
const only = (name: string): FlatFiles => ({
  "/etc/sysctl.d/zz.conf": `net.ipv6.conf.${name}.disable_ipv6=0\n`,
});

/** The image gives its network card a name of its own. */
const ROWS: readonly Cells[] = [
  ["a link file, and nothing by that name", { ...OFF, ...LINK }, "off", "systemd.link(5)"],
  ["sysctl switches that name on", { ...OFF, ...LINK, ...only("lan0") }, "unknown", "seen on in a container"],
  ["sysctl switches a name on that no card has", { ...OFF, ...only("lan0") }, "off", "sysctl.d(5)"],
  [
    "networkd configures that name",
    {
      ...OFF,
      ...wanted("systemd-networkd.service"),
      [`${NETWORK}/10-own.link`]: "[Match]\nDriver=virtio_net ena\n[Link]\nName=vmnet0\n",
      [`${NETWORK}/20.network`]: "[Match]\nName=vmnet0\n[Network]\nDHCP=yes\n",
    },
    "unknown",
    "systemd.link(5): on where the file is heeded",
  ],
  [
    "what switches off goes by another name",
    { ...DEBIAN_12, ...LINK, "/etc/sysctl.d/1.conf": "net.ipv6.conf.e*.disable_ipv6=1\n" },
    "unknown",
    "systemd.link(5)",
  ],
  [
    "a link file for wireless cards",
    {
      ...OFF,
      [`${NETWORK}/10-own.link`]: "[Match]\nOriginalName=wl*\n[Link]\nName=lan0\n",
      ...only("lan0"),
    },
    "off",
    "systemd.link(5)",
  ],
  [
    "a link file that is masked",
    { ...OFF, [`${NETWORK}/10-own.link`]: { link: "/dev/null" }, ...only("lan0") },
    "off",
    "systemd.link(5)",
  ],
  [
    "a rule of udev",
    {
      ...OFF,
      "/etc/udev/rules.d/70-persistent-net.rules":
        'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", KERNEL=="eth*", NAME="lan0"\n',
      ...only("lan0"),
    },
    "unknown",
    "udev(7), NAME",
  ],
  [
    "a rule of udev that only compares",
    {
      ...OFF,
      "/etc/udev/rules.d/70-own.rules": 'SUBSYSTEM=="net", NAME=="lan0", TAG+="x"\n',
      ...only("lan0"),
    },
    "off",
    "udev(7)",
  ],
  [
    "a link file that cannot be read",
    { ...OFF, [`${NETWORK}/10-own.link`]: corrupt("ext4", "inode 12: checksum") },
    "unknown",
    "not looked at",
  ],
];

truthTable("names that the image gives to its card", ROWS);

/** A profile for eth0 alone; any other card gets one of NetworkManager's own making, with IPv6. */
const ETH0: FlatFiles = {
  ...redHat("9.4"),
  ...keyfile("[ipv6]\nmethod=disabled\n", "interface-name=eth0\n"),
};

const KERNEL_NAMES: readonly Cells[] = [
  ["udev renames cards", ETH0, "unknown", "systemd.net-naming-scheme(7): ens5 where it has a slot"],
  ["net.ifnames=0", { ...ETH0, ...bls(`${ROOT} net.ifnames=0`) }, "off", "systemd.net-naming-scheme(7)"],
  [
    "the boot loader's arguments are not known",
    without(ETH0, "/boot/grub2", "/boot/loader"),
    "off",
    "net.ifnames=0 may be among them",
  ],
  [
    "udev's rule is masked",
    { ...ETH0, "/etc/udev/rules.d/80-net-setup-link.rules": { link: "/dev/null" } },
    "off",
    "systemd.net-naming-scheme(7)",
  ],
  [
    "the default link file is masked",
    { ...ETH0, [`${NETWORK}/99-default.link`]: { link: "/dev/null" } },
    "off",
    "systemd.link(5)",
  ],
  [
    "a rule of udev says eth0",
    {
      ...ETH0,
      "/etc/udev/rules.d/70-persistent-net.rules": 'SUBSYSTEM=="net", DRIVERS=="?*", NAME="eth0"\n',
    },
    "off",
    "udev(7), NAME",
  ],
  [
    "by sysctl, whatever the card is called",
    { ...ETH0, ...SET, "/etc/NetworkManager/conf.d/a.conf": "[keyfile]\nunmanaged-devices=*\n" },
    "off",
    "NetworkManager leaves all alone",
  ],
  [
    "a name that udev gives",
    { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=disabled\n", "interface-name=ens5\n") },
    "off",
    "the card that is meant",
  ],
];

truthTable("a card with the kernel's name", KERNEL_NAMES);

import { describe, expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, grubConfig, predictFiles } from "./support/machine.ts";

const OFF = "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n";
const ON = "net.ipv6.conf.all.disable_ipv6=0\nnet.ipv6.conf.default.disable_ipv6=0\n";

/** What a machine was seen to do: file and line that decide, where the state comes from one. */
type Case = readonly [name: string, files: FlatFiles, state: string, decidedBy?: string];

/** Booted with Debian 12, ifupdown: systemd-sysctl 252 and kernel 6.1 agree with every row. */
const PLAIN: readonly Case[] = [
  ["nothing set", {}, "on", "/boot/config-6.1.0-18-cloud-amd64:3"],
  ["sysctl.d: all and default", { "/etc/sysctl.d/60-x.conf": OFF }, "off", "/etc/sysctl.d/60-x.conf:1"],
  ["command line", { "/boot/grub/grub.cfg": grubConfig("ipv6.disable=1") }, "off", "/boot/grub/grub.cfg:3"],
  ["modprobe options, built in", { "/etc/modprobe.d/ipv6.conf": "options ipv6 disable=1\n" }, "on"],
  [
    "later file switches on again",
    { "/etc/sysctl.d/10-x.conf": OFF, "/etc/sysctl.d/zz.conf": ON },
    "on",
    "/etc/sysctl.d/zz.conf:1",
  ],
  [
    "later file switches off",
    { "/etc/sysctl.d/10-a.conf": ON, "/etc/sysctl.d/zz.conf": OFF },
    "off",
    "/etc/sysctl.d/zz.conf:1",
  ],
  [
    "only the vendor's folder",
    { "/usr/lib/sysctl.d/60-x.conf": OFF },
    "off",
    "/usr/lib/sysctl.d/60-x.conf:1",
  ],
  [
    "vendor file masked",
    { "/usr/lib/sysctl.d/60-x.conf": OFF, "/etc/sysctl.d/60-x.conf": { link: "/dev/null" } },
    "on",
  ],
  [
    "vendor file shadowed",
    { "/usr/lib/sysctl.d/60-x.conf": OFF, "/etc/sysctl.d/60-x.conf": "vm.swappiness=1\n" },
    "on",
  ],
  ["leading dash", { "/etc/sysctl.d/60-x.conf": "-net.ipv6.conf.all.disable_ipv6=1\n" }, "off"],
  ["slashes", { "/etc/sysctl.d/60-x.conf": "net/ipv6/conf/all/disable_ipv6=1\n" }, "off"],
  ["pattern", { "/etc/sysctl.d/60-x.conf": "net.ipv6.conf.*.disable_ipv6=1\n" }, "off"],
];

/** Traps that checkers were seen to fall into. */
const TRAPS: readonly Case[] = [
  ["sysctl.conf through its link", { "/etc/sysctl.conf": OFF }, "off", "/etc/sysctl.conf:1"],
  ["hexadecimal", { "/boot/grub/grub.cfg": grubConfig("ipv6.disable=0x1") }, "off"],
  ["last one wins", { "/boot/grub/grub.cfg": grubConfig("ipv6.disable=1 ipv6.disable=0") }, "on"],
  ["behind --", { "/boot/grub/grub.cfg": grubConfig("-- ipv6.disable=1") }, "on"],
  ["a value that the kernel refuses", { "/boot/grub/grub.cfg": grubConfig("ipv6.disable=yes") }, "on"],
  ["a name that nobody reads", { "/boot/grub/grub.cfg": grubConfig("disable_ipv6=1 noipv6 ipv6=off") }, "on"],
  ["start value of the interfaces", { "/boot/grub/grub.cfg": grubConfig("ipv6.disable_ipv6=1") }, "off"],
  [
    "sysctl on the command line",
    { "/boot/grub/grub.cfg": grubConfig("sysctl.net.ipv6.conf.all.disable_ipv6=1") },
    "off",
  ],
  ["initcall_blacklist", { "/boot/grub/grub.cfg": grubConfig("initcall_blacklist=inet6_init") }, "off"],
  ["autoconf=0 limits addresses only", { "/boot/grub/grub.cfg": grubConfig("ipv6.autoconf=0") }, "on"],
  [
    "trailing comment is no comment",
    { "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=1 # off\n" },
    "off",
  ],
  ["word that is no number", { "/etc/sysctl.d/1.conf": "net.ipv6.conf.all.disable_ipv6=true\n" }, "on"],
  ["key in another spelling", { "/etc/sysctl.d/1.conf": "net.ipv6/conf/all/disable_ipv6=1\n" }, "on"],
  ["name without .conf", { "/etc/sysctl.d/1.conf.bak": OFF, "/etc/sysctl.d/.2.conf": OFF }, "on"],
  [
    "-key takes it back",
    {
      "/etc/sysctl.d/1.conf": OFF,
      "/etc/sysctl.d/2.conf": "-net.ipv6.conf.all.disable_ipv6\n-net.ipv6.conf.default.disable_ipv6\n",
    },
    "on",
  ],
  ["names sort as bytes", { "/etc/sysctl.d/10.conf": ON, "/etc/sysctl.d/9.conf": OFF }, "off"],
  [
    "default alone depends on when the card appears",
    { "/etc/sysctl.d/1.conf": "net.ipv6.conf.default.disable_ipv6=1\n" },
    "unknown",
  ],
  ["the card by name", { "/etc/sysctl.d/1.conf": `${OFF}net.ipv6.conf.eth0.disable_ipv6=0\n` }, "unknown"],
  [
    "a same value keeps its place",
    {
      "/etc/sysctl.d/1.conf": OFF,
      "/etc/sysctl.d/2.conf": "net.ipv6.conf.lo.disable_ipv6=0\n",
      "/etc/sysctl.d/3.conf": OFF,
    },
    "off",
  ],
  [
    "modular, install /bin/true",
    modular({ "/etc/modprobe.d/x.conf": "install ipv6 /bin/true\n" }),
    "off",
    "/etc/modprobe.d/x.conf:1",
  ],
  [
    "modular, options disable=1",
    modular({ "/etc/modprobe.d/x.conf": "options ipv6 disable=1\n" }),
    "off",
    "/etc/modprobe.d/x.conf:1",
  ],
  [
    "modular, options taken back on the command line",
    modular({
      "/etc/modprobe.d/x.conf": "options ipv6 disable=1\n",
      "/boot/grub/grub.cfg": grubConfig("ipv6.disable=0"),
    }),
    "on",
  ],
  ["modular, only blacklisted", modular({ "/etc/modprobe.d/x.conf": "blacklist ipv6\n" }), "unknown"],
  [
    "modular, module_blacklist",
    modular({ "/boot/grub/grub.cfg": grubConfig("module_blacklist=ipv6") }),
    "off",
  ],
  ["modular: systemd loads it as it starts, before sysctl", modular({ "/etc/sysctl.d/1.conf": OFF }), "off"],
  [
    "modular without systemd: sysctl may come too early",
    modular({ "/etc/sysctl.d/1.conf": OFF, "/usr/lib/os-release": "ID=devuan\n" }),
    "unknown",
  ],
  [
    "modular: an alias that leads nowhere does not stop systemd",
    modular({ "/etc/modprobe.d/x.conf": "alias net-pf-10 off\n" }),
    "on",
  ],
  [
    "systemd-sysctl masked on the command line",
    { "/etc/sysctl.d/1.conf": OFF, "/boot/grub/grub.cfg": grubConfig("systemd.mask=systemd-sysctl.service") },
    "on",
  ],
  [
    "another init",
    { "/etc/sysctl.d/1.conf": OFF, "/boot/grub/grub.cfg": grubConfig("init=/bin/sh") },
    "unknown",
  ],
  ["another init, but no stack", { "/boot/grub/grub.cfg": grubConfig("init=/bin/sh ipv6.disable=1") }, "off"],
  [
    "a credential adds settings",
    { "/boot/grub/grub.cfg": grubConfig("systemd.set_credential=sysctl.extra:x") },
    "unknown",
  ],
  [
    "an invalid parameter of the module",
    modular({ "/etc/modprobe.d/x.conf": "options ipv6 disable=yes\n" }),
    "unknown",
  ],
  [
    "modular, an install line that may load it all the same",
    modular({ "/etc/modprobe.d/x.conf": "install ipv6 /bin/true && modprobe -i ipv6\n" }),
    "unknown",
  ],
  [
    "modular, behind -- kmod still reads",
    modular({ "/boot/grub/grub.cfg": grubConfig("-- ipv6.disable=1") }),
    "off",
  ],
  [
    "Alpine: BusyBox reads all, /run last",
    alpine({ "/etc/sysctl.d/1.conf": ON, "/etc/sysctl.conf": OFF }),
    "off",
  ],
  [
    "Alpine: sysctl in no runlevel",
    without(alpine({ "/etc/sysctl.conf": OFF }), "/etc/runlevels/boot/sysctl"),
    "on",
  ],
  [
    "Devuan: sysctl.conf comes last",
    {
      "/etc/sysctl.d/zz.conf": ON,
      "/etc/sysctl.conf": OFF,
      "/usr/lib/os-release": "ID=devuan\n",
      "/etc/rcS.d/S13procps": { link: "../init.d/procps" },
    },
    "off",
  ],
  ["built without IPv6", { "/boot/config-6.1.0-18-cloud-amd64": "# CONFIG_IPV6 is not set\n" }, "off"],
];

function without(files: FlatFiles, path: string): FlatFiles {
  return Object.fromEntries(Object.entries(files).filter(([one]) => one !== path));
}

function alpine(files: FlatFiles): FlatFiles {
  return {
    "/usr/lib/os-release": "ID=alpine\n",
    "/etc/init.d/sysctl": 'veinfo "Ignoring $f due to"\n',
    "/etc/runlevels/boot/sysctl": { link: "/etc/init.d/sysctl" },
    "/etc/runlevels/default/x": "",
    "/sbin/sysctl": { link: "/bin/busybox" },
    "/bin/busybox": "",
    ...files,
  };
}

function modular(files: FlatFiles): FlatFiles {
  return { "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=m\n", ...files };
}

const GROUPS: readonly (readonly [string, readonly Case[]])[] = [
  ["plain", PLAIN],
  ["traps", TRAPS],
];

describe.each(GROUPS)("%s", (_group, cases) => {
  for (const [name, files, state, decidedBy] of cases) {
    test(name, async () => {
      const prediction = await predictFiles({ ...DEBIAN_12, ...files });
      expect([prediction.state, prediction.reason]).toEqual([state, prediction.reason]);
      if (decidedBy === undefined) return;
      const [evidence] = prediction.deciding.flatMap((step) => step.evidence);
      expect(`${evidence?.locator.split(" > ").at(-1)}:${evidence?.line}`).toBe(decidedBy);
    });
  }
});

test("with the stack gone, what comes later does not matter", async () => {
  const prediction = await predictFiles({
    ...DEBIAN_12,
    "/boot/grub/grub.cfg": grubConfig("ipv6.disable=1"),
    "/etc/systemd/system/multi-user.target.wants/NetworkManager.service": "",
  });
  expect(prediction).toMatchObject({
    state: "off",
    stack: "disabled",
    disableIpv6: { all: "absent", nic: "absent" },
  });
});

test("the same files give the same answer, byte for byte", async () => {
  const files = { ...DEBIAN_12, "/etc/sysctl.d/1.conf": OFF };
  expect(JSON.stringify(await predictFiles(files))).toBe(JSON.stringify(await predictFiles(files)));
});

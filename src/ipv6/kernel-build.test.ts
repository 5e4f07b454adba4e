import { describe, expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, grubConfig, predictFiles } from "../../test/support/machine.ts";

const VERSION = "6.1.0-18-cloud-amd64";
const CONFIG = `/boot/config-${VERSION}`;
const MODULES = `/usr/lib/modules/${VERSION}`;

/** The same machine without a .config in /boot. */
function withoutConfig(files: FlatFiles): FlatFiles {
  const { [CONFIG]: _, ...rest } = DEBIAN_12;
  return { ...rest, ...files };
}

describe("how IPv6 is built into the kernel", () => {
  test.for([
    ["modules.builtin", { [`${MODULES}/modules.builtin`]: "kernel/net/ipv6/ipv6.ko\n" }, "on"],
    [
      "a parameter of its own, from 7.1 on",
      {
        [`${MODULES}/modules.builtin`]: "kernel/net/ipv6/sit.ko\n",
        [`${MODULES}/modules.builtin.modinfo`]: "a.parm=x\0ipv6.parm=disable:Disable IPv6\0",
      },
      "on",
    ],
    ["the .config beside the modules", { [`${MODULES}/config`]: "CONFIG_IPV6=y\n" }, "on"],
    ["a .config without it", { [`${MODULES}/config`]: "# CONFIG_IPV6 is not set\n" }, "off"],
    [
      "a compressed module that is never loaded",
      {
        [`${MODULES}/kernel/net/ipv6/ipv6.ko.zst`]: "",
        "/etc/modprobe.d/x.conf": "install ipv6 /bin/false\n",
      },
      "off",
    ],
    ["nothing that tells", { [`${MODULES}/modules.builtin`]: "kernel/net/ipv6/sit.ko\n" }, "unknown"],
    ["another kernel's record", { "/boot/config-6.9": "CONFIG_IPV6=y\n" }, "unknown"],
  ] as const)("%s", async ([, files, state]) => {
    const prediction = await predictFiles(withoutConfig(files));
    expect([prediction.state, prediction.reason]).toEqual([state, prediction.reason]);
  });
});

describe("a command line in the kernel itself", () => {
  const config = (...lines: readonly string[]): string => [...lines, "CONFIG_IPV6=y", ""].join("\n");
  const off = 'CONFIG_CMDLINE="ipv6.disable=1 x=\\"y\\""';
  test.for([
    ["in front of the boot loader's", config("CONFIG_CMDLINE_BOOL=y", off), "quiet", "off"],
    ["in front, and undone", config("CONFIG_CMDLINE_BOOL=y", off), "ipv6.disable=0", "on"],
    [
      "instead of the boot loader's",
      config("CONFIG_CMDLINE_BOOL=y", off, "CONFIG_CMDLINE_OVERRIDE=y"),
      "ipv6.disable=0",
      "off",
    ],
    ["instead, on arm64", config(off, "CONFIG_CMDLINE_FORCE=y"), "ipv6.disable=0", "off"],
    ["only without a boot loader's", config(off, "CONFIG_CMDLINE_FROM_BOOTLOADER=y"), "quiet", "on"],
    ["empty", config('CONFIG_CMDLINE=""'), "quiet", "on"],
  ] as const)("%s", async ([, content, args, state]) => {
    const files = { ...DEBIAN_12, [CONFIG]: content, "/boot/grub/grub.cfg": grubConfig(args) };
    expect((await predictFiles(files)).state).toBe(state);
  });
});

test("sysctl arguments need a kernel that knows them", async () => {
  const machine = (version: string): FlatFiles => ({
    ...DEBIAN_12,
    [`/boot/config-${version}`]: "CONFIG_IPV6=y\n",
    "/boot/grub/grub.cfg": `menuentry a {\nlinux /boot/vmlinuz-${version} sysctl.net.ipv6.conf.all.disable_ipv6=1\n}\n`,
  });
  expect((await predictFiles(machine("5.4.0-42-generic"))).state).toBe("on");
  expect((await predictFiles(machine("5.8.0-1"))).state).toBe("off");
  expect((await predictFiles(machine("5.10.0-8-amd64"))).state).toBe("off");
  expect((await predictFiles(machine("6.1.0"))).state).toBe("off");
});

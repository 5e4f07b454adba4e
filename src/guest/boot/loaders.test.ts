import { describe, expect, test } from "vitest";
import { booted } from "../../../test/support/booted.ts";
import { corrupt } from "../../errors.ts";

describe("extlinux", () => {
  const labels =
    "LABEL one\n KERNEL /vmlinuz-6.1.0-1\n APPEND a\nLABEL two\n LINUX ../vmlinuz-6.2.0-1\n append b\n";
  test.for([
    ["DEFAULT", `DEFAULT two\n${labels}`, "b"],
    ["no DEFAULT: the first", labels, "a"],
    ["a DEFAULT that is no label", `default menu.c32\n${labels}`, "a"],
    ["ONTIMEOUT", `DEFAULT one\nONTIMEOUT two\n${labels}`, "b"],
    ["MENU DEFAULT", `DEFAULT menu.c32\n${labels} MENU DEFAULT\n`, "b"],
    ["a common APPEND", "APPEND common\nLABEL x\nKERNEL /k\n", "common"],
    ["a common APPEND replaced", "APPEND common\nLABEL x\nKERNEL /k\nAPPEND own\n", "own"],
    ["a common APPEND refused", "APPEND common\nLABEL x\nKERNEL /k\nAPPEND -\n", ""],
    ["arguments behind the kernel", "LABEL x\nKERNEL /k a=1\nAPPEND b\n", "a=1 b"],
  ] as const)("%s", async ([, config, cmdline]) => {
    const facts = await booted({ "/boot/extlinux/extlinux.conf": config });
    expect(facts).toMatchObject({ cmdline, loader: "extlinux" });
  });

  test("INCLUDE", async () => {
    const facts = await booted({
      "/boot/syslinux/syslinux.cfg": "INCLUDE more.cfg\n",
      "/boot/syslinux/more.cfg":
        "DEFAULT two\nINCLUDE more.cfg\nLABEL two\nKERNEL /vmlinuz-6.1-x\nAPPEND included\n",
    });
    expect(facts).toMatchObject({ cmdline: "included", kernelVersion: "6.1-x" });
  });

  test("what starts no kernel is unknown", async () => {
    const facts = await booted({ "/boot/extlinux.conf": "LABEL a\nKERNEL chain.c32\nAPPEND hd0\n" });
    expect(facts.cmdlineUnknown).toContain("starts no kernel");
  });
});

describe("GRUB legacy", () => {
  const config = (head: string): string => `${head}
# kopt=commented
timeout=0
title Amazon Linux (4.14.1-1.amzn1.x86_64)
root (hd0,0)
kernel /boot/vmlinuz-4.14.1-1.amzn1.x86_64 root=LABEL=/ console=ttyS0
initrd /boot/initramfs-4.14.1.img
title other
kernel (hd0,0)/vmlinuz-3.2 ro ipv6.disable=1
`;
  test.for([
    ["default=0", "root=LABEL=/ console=ttyS0", "4.14.1-1.amzn1.x86_64"],
    ["default 1", "ro ipv6.disable=1", "3.2"],
    ["", "root=LABEL=/ console=ttyS0", "4.14.1-1.amzn1.x86_64"],
  ] as const)("%s", async ([head, cmdline, kernelVersion]) => {
    const facts = await booted({
      "/boot/grub/menu.lst": { link: "./grub.conf" },
      "/boot/grub/grub.conf": config(head),
    });
    expect(facts).toMatchObject({ cmdline, kernelVersion, loader: "grub-legacy" });
  });
  test.for([["default saved"], ["default 9"]] as const)("%s cannot be told", async ([head]) => {
    const facts = await booted({ "/boot/grub/menu.lst": config(head) });
    expect(facts.cmdline).toBeUndefined();
    expect(facts.cmdlineUnknown).toContain("ipv6.disable=1");
  });
});

describe("facts", () => {
  const grub = (kernel: string, args = ""): string => `menuentry a { linux ${kernel} ${args} }`;
  test.for([
    ["/boot/vmlinuz-6.1.0-18-cloud-amd64", "6.1.0-18-cloud-amd64"],
    ["/vmlinux-5.10.0-8-arm64", "5.10.0-8-arm64"],
    ["/boot/kernel-genkernel-x86_64-6.6.1-gentoo", "6.6.1-gentoo"],
    ["/boot/Image-5.14.21-default", "5.14.21-default"],
    ["/0123/6.1.0-9-amd64/linux", "6.1.0-9-amd64"],
    ["/boot/vmlinuz-linux", undefined],
    ["/boot/vmlinuz-virt", undefined],
  ] as const)("the version of %s", async ([path, version]) => {
    expect((await booted({ "/boot/grub/grub.cfg": grub(path) })).kernelVersion).toBe(version);
  });

  test("the version behind a link", async () => {
    const paths = {
      "/boot/grub/grub.cfg": grub("/vmlinuz"),
      "/vmlinuz": { link: "boot/vmlinuz-6.1.0-9-amd64" },
    };
    expect(await booted(paths)).toMatchObject({ kernelPath: "/vmlinuz", kernelVersion: "6.1.0-9-amd64" });
  });

  test("what the next update would make of it", async () => {
    const notes = async (defaults: string) =>
      (
        await booted({
          "/boot/grub/grub.cfg": grub("/k", "quiet ipv6.disable=1"),
          "/etc/default/grub": defaults,
        })
      ).notes;
    expect(await notes('GRUB_CMDLINE_LINUX="ipv6.disable=1"\nGRUB_CMDLINE_LINUX_DEFAULT=quiet\n')).toEqual(
      [],
    );
    expect(await notes("GRUB_CMDLINE_LINUX_DEFAULT='quiet'\n")).toEqual([
      "/etc/default/grub has nothing about IPv6, what boots has ipv6.disable=1: update-grub will change that",
    ]);
    expect(await notes('GRUB_CMDLINE_LINUX="$(cat /x)"\n')).toEqual([]);
    const bls = await booted({
      "/boot/loader/loader.conf": "",
      "/boot/loader/entries/a.conf": "linux /k\noptions ipv6.disable=1\n",
      "/etc/kernel/cmdline": "ro\n",
    });
    expect(bls.notes.at(-1)).toContain("/etc/kernel/cmdline has nothing about IPv6");
  });

  test("names of the NIC", async () => {
    const nics = async (args: string) => (await booted({ "/boot/grub/grub.cfg": grub("/k", args) })).nicNames;
    expect(await nics("net.ifnames=0")).toEqual(["eth0"]);
    expect(await nics("net.ifnames=0 biosdevname=1")).toEqual([]);
    expect(await nics("quiet")).toEqual([]);
  });

  test("a command line that the kernel cuts", async () => {
    const facts = await booted({ "/boot/grub/grub.cfg": grub("/k", `x=${"y".repeat(2050)}`) });
    expect(facts.notes).toEqual([expect.stringContaining("longer than 2047 bytes")]);
  });

  test("what cannot be read is unknown, and not taken for absent", async () => {
    const facts = await booted({ "/boot/grub/grub.cfg": corrupt("disk", "bad extent") });
    expect(facts).toMatchObject({ cmdline: undefined, loader: "grub2" });
    expect(facts.cmdlineUnknown).toContain("bad extent");
    const env = await booted({
      "/boot/grub/grub.cfg": `load_env\n${grub("/k", "$x")}`,
      "/boot/grub/grubenv": corrupt("disk", "bad block"),
    });
    expect(env.cmdlineUnknown).toContain("bad block");
  });

  test("a configuration without entries says so", async () => {
    const facts = await booted({ "/boot/grub/grub.cfg": "set a=1\nmenuentry a {\n" });
    expect(facts.cmdlineUnknown).toContain(
      "/boot/grub/grub.cfg has no entry to boot; GRUB skips a syntax error in",
    );
  });
});

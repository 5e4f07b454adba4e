import { describe, expect, test } from "vitest";
import { booted } from "../../../test/support/booted.ts";
import { tryMutants } from "../../../test/support/mutate.ts";
import { pe, peOf } from "../../../test/support/unified-image.ts";

const entry = (fields: Readonly<Record<string, string>>): string =>
  Object.entries({ linux: "/linux", ...fields })
    .map(([key, value]) => `${key} ${value}\n`)
    .join("");

const uki = (cmdline: string, padding = 0): Uint8Array =>
  pe(
    {
      ".osrel": 'ID=fedora\nVERSION_ID=40\nPRETTY_NAME="Fedora 40"\n',
      ".uname": "6.8.5-301.fc40.x86_64",
      ".linux": "kernel",
      ".cmdline": `${cmdline}\n\0`,
    },
    padding,
  );

describe("systemd-boot", () => {
  const two = {
    "/boot/loader/entries/a.conf": entry({
      title: "A",
      version: "6.1.0-1",
      options: "a",
      linux: "/tok/6.1.0-1/linux",
    }),
    "/boot/loader/entries/b.conf": entry({ title: "B", version: "6.2.0-1", options: "b ipv6.disable=1" }),
  };

  test("every options line counts; version and kernel from the entry", async () => {
    const conf =
      "title X\nversion 6.9\nlinux /tok/6.9.1-arch1/linux\noptions root=x quiet\n\n# c\noptions  ipv6.disable=1 \n";
    const facts = await booted({
      "/boot/loader/loader.conf": "timeout 3\n",
      "/boot/loader/entries/x.conf": conf,
    });
    expect(facts).toMatchObject({
      cmdline: "root=x quiet ipv6.disable=1",
      loader: "systemd-boot",
      entry: "X",
      kernelPath: "/tok/6.9.1-arch1/linux",
      kernelVersion: "6.9.1-arch1",
      cmdlineEvidence: [{ line: 4 }, { line: 7 }],
    });
  });

  test.for([
    ["the pattern of loader.conf", "default a*\n", {}, "A"],
    ["a pattern without extension", "default  a\n", {}, "A"],
    ["a pattern that fits nothing", "default zzz\n", {}, "B"],
    ["the saved one, which only EFI variables know", "default @saved\n", {}, "B"],
    ["no default: the greatest id", "", {}, "B"],
    [
      "a sort key goes before none",
      "",
      { "/boot/loader/entries/0.conf": entry({ title: "Z", "sort-key": "z" }) },
      "Z",
    ],
    [
      "the newest version of the first sort key",
      "",
      {
        "/boot/loader/entries/k1.conf": entry({ title: "K1", "sort-key": "k", version: "6.10" }),
        "/boot/loader/entries/k2.conf": entry({ title: "K2", "sort-key": "k", version: "6.9" }),
        "/boot/loader/entries/l.conf": entry({ title: "L", "sort-key": "l", version: "7" }),
      },
      "K1",
    ],
    ["no tries left goes last", "", { "/boot/loader/entries/z+0-3.conf": entry({ title: "Z" }) }, "B"],
    ["tries left", "", { "/boot/loader/entries/z+2-1.conf": entry({ title: "Z" }) }, "Z"],
  ] as const)("%s", async ([, config, more, title]) => {
    const facts = await booted({ "/boot/loader/loader.conf": config, ...two, ...more });
    expect(facts.entry).toBe(title);
  });

  test("entries that differ are noted", async () => {
    const facts = await booted({ "/boot/loader/loader.conf": "default a.conf", ...two });
    expect(facts.notes).toContain(
      'entry "B" differs: it has ipv6.disable=1 where the default has nothing about IPv6',
    );
  });

  test("on the EFI partition, entries on /boot", async () => {
    const facts = await booted({
      "/efi/loader/loader.conf": "",
      "/boot/loader/entries/a.conf": entry({ options: "o" }),
    });
    expect(facts).toMatchObject({ loader: "systemd-boot", cmdline: "o" });
  });

  test("a configuration in /boot, and another on the EFI partition", async () => {
    const boot = {
      "/boot/loader/loader.conf": "default a.conf\n",
      "/boot/loader/entries/a.conf": entry({ options: "ipv6.disable=1" }),
    };
    const esp = (options: string) => ({
      "/efi/loader/loader.conf": "default b.conf\n",
      "/efi/loader/entries/b.conf": entry({ options }),
    });
    expect((await booted({ ...boot, ...esp("quiet") })).cmdlineUnknown).toContain("different things");
    expect((await booted({ ...boot, ...esp("ipv6.disable=1") })).cmdline).toBe("ipv6.disable=1");
    expect((await booted({ ...boot, "/efi/EFI/Linux/a.efi": uki("quiet") })).cmdline).toBeUndefined();
  });

  test("beside GRUB on the same machine nobody can tell, unless both agree", async () => {
    const grub = "menuentry a { linux /linux o }";
    const both = { "/boot/loader/loader.conf": "", "/boot/loader/entries/a.conf": entry({ options: "o" }) };
    expect((await booted({ "/boot/grub/grub.cfg": grub, ...both })).cmdline).toBe("o");
    const facts = await booted({ "/boot/grub/grub.cfg": grub.replace(" o ", " p "), ...both });
    expect(facts.cmdlineUnknown).toContain(
      "2 configurations (grub2 and systemd-boot) would start different things",
    );
  });
});

describe("unified kernel images", () => {
  test("the command line, the kernel's version, addons", async () => {
    const facts = await booted({
      "/boot/efi/EFI/Linux/fedora.efi": uki("root=x ro"),
      "/boot/efi/EFI/Linux/fedora.efi.extra.d/ipv6.addon.efi": pe({ ".cmdline": "ipv6.disable=1" }),
    });
    expect(facts).toMatchObject({
      cmdline: "root=x ro ipv6.disable=1",
      loader: "uki",
      entry: "Fedora 40",
      kernelVersion: "6.8.5-301.fc40.x86_64",
      cmdlineEvidence: [
        { locator: "disk > /boot/efi/EFI/Linux/fedora.efi" },
        { locator: "disk > /boot/efi/EFI/Linux/fedora.efi.extra.d/ipv6.addon.efi" },
      ],
    });
  });

  const addon = (cmdline: string, more: Readonly<Record<string, string>> = {}): Uint8Array =>
    pe({ ".cmdline": cmdline, ...more });
  const stub = (version: string): Uint8Array =>
    pe({
      ".linux": "kernel",
      ".uname": "6.8.5",
      ".cmdline": "quiet",
      ".sdmagic": `#### LoaderInfo: systemd-stub ${version} ####`,
    });
  test.for([
    ["of its own", { "a.efi": stub("255.4-1"), "a.efi.extra.d/x.addon.efi": addon("more") }, "quiet more"],
    [
      "before there were any",
      { "a.efi": stub("252.22"), "a.efi.extra.d/x.addon.efi": addon("more") },
      "quiet",
    ],
    [
      "with a boot counter",
      { "a+3.efi": stub("255"), "a.efi.extra.d/x.addon.efi": addon("more") },
      "quiet more",
    ],
    ["by a counted name", { "a+3.efi": stub("255"), "a+3.efi.extra.d/x.addon.efi": addon("more") }, "quiet"],
    [
      "for another kernel",
      { "a.efi": stub("255"), "a.efi.extra.d/x.addon.efi": addon("more", { ".uname": "6.1" }) },
      "quiet",
    ],
    [
      "that are kernels",
      { "a.efi": stub("255"), "a.efi.extra.d/x.addon.efi": addon("more", { ".linux": "k" }) },
      "quiet",
    ],
  ] as const)("addons %s", async ([, images, cmdline]) => {
    const files = Object.entries<Uint8Array>(images).map(([name, image]) => [
      `/efi/EFI/Linux/${name}`,
      image,
    ]);
    expect((await booted(Object.fromEntries(files))).cmdline).toBe(cmdline);
  });

  test("an addon that cannot be read", async () => {
    const broken = addon("ipv6.disable=0").subarray(0, 160);
    for (const image of ["EFI/Linux/a.efi", "EFI/BOOT/BOOTX64.EFI"]) {
      const files = { [`/efi/${image}`]: stub("255"), [`/efi/${image}.extra.d/x.addon.efi`]: broken };
      expect((await booted(files)).cmdlineUnknown).toContain("corrupt");
    }
  });

  test("a command line behind the first 64 KiB", async () => {
    const facts = await booted({ "/efi/EFI/Linux/a.efi": uki("deep", 300_000) });
    expect(facts.cmdline).toBe("deep");
  });

  const OFF = "ipv6.disable=1";
  test.for([
    [
      "the first profile's own",
      [
        [".cmdline", OFF],
        [".profile", "ID=a"],
        [".cmdline", "own"],
      ],
      "own",
    ],
    [
      "that of all",
      [
        [".cmdline", "all"],
        [".profile", "ID=a"],
        [".profile", "ID=b"],
        [".cmdline", OFF],
      ],
      "all",
    ],
    [
      "none but the second's",
      [
        [".profile", "ID=a"],
        [".profile", "ID=b"],
        [".cmdline", OFF],
      ],
      "",
    ],
    [
      "an empty one",
      [
        [".cmdline", "all"],
        [".profile", "ID=a"],
        [".cmdline", ""],
      ],
      "all",
    ],
  ] as const)("of several command lines: %s", async ([, sections, cmdline]) => {
    const image = peOf([[".linux", "kernel"], [".osrel", "ID=x\n"], ...sections]);
    expect((await booted({ "/efi/EFI/Linux/a.efi": image })).cmdline).toBe(cmdline);
  });

  test("a profile that loader.conf names", async () => {
    const image = peOf([
      [".linux", "kernel"],
      [".cmdline", OFF],
      [".profile", "ID=a"],
      [".profile", "ID=b"],
      [".cmdline", "quiet"],
    ]);
    const facts = await booted({
      "/efi/loader/loader.conf": "default a.efi@b\n",
      "/efi/EFI/Linux/a.efi": image,
    });
    expect(facts).toMatchObject({ cmdline: undefined, cmdlineUnknown: expect.stringContaining("profile") });
  });

  test("started by the firmware", async () => {
    expect(await booted({ "/boot/efi/EFI/BOOT/BOOTX64.EFI": uki("direct") })).toMatchObject({
      cmdline: "direct",
      loader: "uki",
    });
    const shim = await booted({ "/boot/efi/EFI/BOOT/BOOTX64.EFI": pe({ ".text": "shim" }) });
    expect(shim.cmdlineUnknown).toContain("no boot loader");
  });

  test("a damaged image is unreadable, not absent", async () => {
    const whole = uki("root=x");
    const facts = await booted({ "/boot/efi/EFI/Linux/a.efi": whole.subarray(0, 200) });
    expect(facts).toMatchObject({ cmdline: undefined, loader: "systemd-boot" });
    expect(facts.cmdlineUnknown).toContain("corrupt");
  });

  test("mutated images", async () => {
    const count = await tryMutants(
      uki("root=x ipv6.disable=1"),
      async (source) => {
        await booted({ "/efi/EFI/Linux/a.efi": await source.read(0, source.size) });
      },
      { count: 500, hot: [[0, 0x150]] },
    );
    console.log(`uki: ${count.mutants} mutants, ${count.accepted} answered`);
    expect(count.refused).toBe(0);
  });
});

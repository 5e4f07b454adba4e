import { describe, expect, test } from "vitest";
import { BLSCFG, bls, CUSTOM, debian, envBlock, ID, ubuntu } from "../../../test/support/boot-configs.ts";
import { booted } from "../../../test/support/booted.ts";
import { tarOf } from "../../../test/support/tar.ts";

describe("distributions", () => {
  test("Debian 12: the first entry, its line, the kernel's version", async () => {
    const cfg = debian("console=ttyS0 ipv6.disable=1 quiet", "single console=ttyS0");
    const facts = await booted({ "/boot/grub/grub.cfg": cfg });
    expect(facts).toMatchObject({
      cmdline: "root=UUID=0a-1b ro console=ttyS0 ipv6.disable=1 quiet",
      loader: "grub2",
      entry: "Debian GNU/Linux",
      kernelPath: "/boot/vmlinuz-6.1.0-18-cloud-amd64",
      kernelVersion: "6.1.0-18-cloud-amd64",
      nicNames: [],
      notes: [
        'entry "Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-18-cloud-amd64 (recovery mode)" differs: it has nothing where the default has ipv6.disable=1 about IPv6',
      ],
    });
    const line = cfg.split("\n").findIndex((text) => text.startsWith("\tlinux\t")) + 1;
    expect(facts.cmdlineEvidence).toEqual([
      { locator: "disk > /boot/grub/grub.cfg", line, text: cfg.split("\n")[line - 1] },
    ]);
  });

  test("Debian 12: grubenv and custom.cfg are followed", async () => {
    const paths = {
      "/boot/grub/grub.cfg": debian("quiet", "single", ""),
      "/boot/grub/grubenv": envBlock("saved_entry=mine\n"),
      "/boot/grub/custom.cfg":
        "menuentry Mine --id mine { linux /vmlinuz-6.1.0-18 net.ifnames=0 biosdevname=0 }\n",
    };
    expect(await booted(paths)).toMatchObject({
      entry: "Mine",
      cmdline: "net.ifnames=0 biosdevname=0",
      kernelVersion: "6.1.0-18",
      nicNames: ["eth0"],
    });
  });

  test("Debian 12: the saved recovery entry", async () => {
    const paths = {
      "/boot/grub/grub.cfg": debian("quiet", "single ipv6.disable=1"),
      "/boot/grub/grubenv": envBlock(
        "saved_entry=gnulinux-advanced-0a-1b>gnulinux-6.1.0-18-recovery-0a-1b\n",
      ),
    };
    expect(await booted(paths)).toMatchObject({ cmdline: "root=UUID=0a-1b ro single ipv6.disable=1" });
  });

  test("Debian 12: the EFI partition's stub leads to /boot", async () => {
    const stub = "search.fs_uuid 0a-1b root\nset prefix=($root)'/boot/grub-x'\nconfigfile $prefix/grub.cfg\n";
    const paths = {
      "/boot/efi/EFI/debian/grub.cfg": stub,
      "/boot/grub-x/grub.cfg": debian("quiet", "single"),
    };
    expect(await booted(paths)).toMatchObject({ cmdline: "root=UUID=0a-1b ro quiet", loader: "grub2" });
  });

  test("Ubuntu 24.04: recordfail, initrd-less boot, graphics hand-off", async () => {
    const facts = await booted({ "/boot/grub/grub.cfg": ubuntu });
    expect(facts.cmdline).toBe("root=PARTUUID=77 ro quiet splash vt.handoff=7 panic=-1");
    expect(facts.kernelVersion).toBe("6.8.0-31-generic");
    expect(facts.notes).toEqual([
      expect.stringContaining("it has ipv6.disable=1 where the default has nothing"),
    ]);
  });

  test("Ubuntu 24.04: what depends on the graphics card is told, and does not matter", async () => {
    const facts = await booted({ "/boot/grub/grub.cfg": ubuntu, "/boot/grub/gfxblacklist.txt": "" });
    expect(facts.cmdline).toBe("root=PARTUUID=77 ro quiet splash vt.handoff=7 panic=-1");
    expect(facts.notes).toContain("an argument depends on the machine: vt.handoff=7 or (none)");
  });

  test("RHEL 8: kernelopts from grubenv, the newest entry first, rescue last", async () => {
    const facts = await booted({
      "/boot/grub2/grub.cfg": BLSCFG,
      "/boot/grub2/grubenv": { link: "../efi/EFI/redhat/grubenv" },
      "/boot/efi/EFI/redhat/grubenv": envBlock(
        "kernelopts=root=UUID=22 ro ipv6.disable=1 \nboot_success=1\n",
      ),
      [`/boot/loader/entries/${ID}-0-rescue.conf`]: bls("0-rescue", "$kernelopts"),
      [`/boot/loader/entries/${ID}-4.18.0-80.el8.x86_64.conf`]: bls(
        "4.18.0-80.el8.x86_64",
        "$kernelopts $tuned_params",
      ),
      [`/boot/loader/entries/${ID}-4.18.0-425.el8.x86_64.conf`]: bls(
        "4.18.0-425.el8.x86_64",
        "$kernelopts $tuned_params",
      ),
    });
    expect(facts).toMatchObject({
      cmdline: "root=UUID=22 ro ipv6.disable=1",
      loader: "grub2-bls",
      entry: "Linux (4.18.0-425.el8.x86_64)",
      kernelVersion: "4.18.0-425.el8.x86_64",
      notes: [],
    });
    expect(facts.cmdlineEvidence.map(({ locator, line }) => `${locator}:${line}`)).toEqual([
      `disk > /boot/loader/entries/${ID}-4.18.0-425.el8.x86_64.conf:5`,
      "disk > /boot/efi/EFI/redhat/grubenv:2",
    ]);
  });

  test("RHEL 8: without grubenv the fallback of grub.cfg counts", async () => {
    const facts = await booted({
      "/boot/grub2/grub.cfg": BLSCFG,
      [`/boot/loader/entries/${ID}-4.18.0-80.el8.x86_64.conf`]: bls(
        "4.18.0-80.el8.x86_64",
        "$kernelopts $tuned_params",
      ),
    });
    expect(facts.cmdline).toBe("root=UUID=22 ro fallback");
    expect(facts.cmdlineEvidence[1]?.text).toBe('  set kernelopts="root=UUID=22 ro fallback"');
  });

  test("RHEL 8 on EFI: the whole configuration on the EFI partition", async () => {
    const facts = await booted({
      "/boot/efi/EFI/redhat/grub.cfg": BLSCFG,
      "/boot/efi/EFI/redhat/grubenv": envBlock("kernelopts=root=UUID=22 ro efi\n"),
      [`/boot/loader/entries/${ID}-4.18.0-80.el8.x86_64.conf`]: bls("4.18.0-80.el8.x86_64", "$kernelopts"),
    });
    expect(facts).toMatchObject({ cmdline: "root=UUID=22 ro efi", loader: "grub2-bls" });
  });

  test("RHEL 9: the saved entry by its file name; the others differ", async () => {
    const facts = await booted({
      "/boot/grub2/grub.cfg": BLSCFG,
      "/boot/grub2/grubenv": envBlock(`saved_entry=${ID}-5.14.0-70.el9.x86_64\n`),
      [`/boot/loader/entries/${ID}-5.14.0-70.el9.x86_64.conf`]: bls(
        "5.14.0-70.el9.x86_64",
        "root=UUID=22 ro ipv6.disable=1 $tuned_params",
      ),
      [`/boot/loader/entries/${ID}-5.14.0-362.el9.x86_64.conf`]: bls(
        "5.14.0-362.el9.x86_64",
        "root=UUID=22 ro $tuned_params",
      ),
    });
    expect(facts.cmdline).toBe("root=UUID=22 ro ipv6.disable=1");
    expect(facts.notes).toEqual([expect.stringContaining("5.14.0-362.el9.x86_64")]);
  });

  test("Fedora: two options lines, an empty line: only the first part counts", async () => {
    const entry = `title F\nversion 6.8\nlinux /vmlinuz-6.8.5-301.fc40.x86_64\noptions root=UUID=22 dyndbg="file a +p"\noptions ipv6.disable=1\n\noptions ipv6.disable=1\n`;
    const facts = await booted({
      "/boot/grub2/grub.cfg": BLSCFG,
      [`/boot/loader/entries/${ID}-6.8.5-301.fc40.x86_64.conf`]: entry,
    });
    expect(facts.cmdline).toBe('root=UUID=22 "dyndbg=file a +p"');
  });

  test("Amazon Linux 2023: full options, the kernel's dots and dashes", async () => {
    const version = "6.1.79-99.164.amzn2023.x86_64";
    const facts = await booted({
      "/boot/grub2/grub.cfg": BLSCFG,
      [`/boot/loader/entries/${ID}-${version}.conf`]: bls(
        version,
        "root=UUID=22 ro console=tty0 net.ifnames=0 rd.emergency=poweroff",
      ),
    });
    expect(facts).toMatchObject({ kernelVersion: version, nicNames: ["eth0"] });
  });

  test("SUSE: linuxefi chosen by the platform, snapshots sourced", async () => {
    const cfg = `set btrfs_relative_path="y"
export btrfs_relative_path
if [ -f  $prefix/grubenv ]; then load_env; fi
if [ "\${env_block}" ]; then set env_block="(\${root})\${env_block}"; export env_block; load_env -f "\${env_block}"; fi
if [ "\${next_entry}" ] ; then set default="\${next_entry}"; else set default="\${saved_entry}"; fi
if [ "$grub_platform" = "efi" ]; then set linux=linuxefi; else set linux=linux; fi
menuentry 'SLES 15-SP5' --class sles $menuentry_id_option 'gnulinux-simple-22' {
	load_video
	set gfxpayload=keep
	echo	'Loading Linux 5.14.21-150500.53-default ...'
	$linux	/boot/vmlinuz-5.14.21-150500.53-default root=UUID=22 \${extra_cmdline} splash=silent mitigations=auto
	initrd	/boot/initrd-5.14.21-150500.53-default
}
if [ -f "/.snapshots/grub-snapshot.cfg" ]; then
  source "/.snapshots/grub-snapshot.cfg"
fi
${CUSTOM}`;
    const facts = await booted({ "/boot/grub2/grub.cfg": cfg, "/.snapshots/grub-snapshot.cfg": "true\n" });
    expect(facts).toMatchObject({
      cmdline: "root=UUID=22 splash=silent mitigations=auto",
      kernelVersion: "5.14.21-150500.53-default",
    });
  });

  const flatcar = `insmod all_video
set default="flatcar"
set timeout=1
set linux_root="root=LABEL=ROOT"
set linux_console=""
set first_boot=""
set linux_append=""
search --no-floppy --set oem --part-label OEM --hint "$root"
if [ -n "$oem" -a -f "($oem)/grub.cfg" ]; then
    source "($oem)/grub.cfg"
fi
search --no-floppy --set first_boot --disk-uuid 00000000-0000-0000-0000-000000000001
if [ -n "$first_boot" ]; then set first_boot="flatcar.first_boot=detected"; fi
if [ -z "$linux_console" ]; then
    if [ "$grub_platform" = pc ]; then set linux_console="console=ttyS0,115200n8 console=tty0"
    elif [ "$grub_platform" = efi ]; then set linux_console="console=ttyS0,115200n8 console=tty0"; fi
fi
set suf=""
if [ "$grub_platform" = efi ]; then
    if [ "$grub_cpu" = x86_64 ]; then set suf="efi"; fi
fi
export linux_root linux_console first_boot linux_append suf
menuentry "Flatcar default" --id=flatcar --unrestricted {
   gptprio.next -d usr -u usr_uuid
   if [ "$usr_uuid" = 7130c94a ]; then
       linux$suf /flatcar/vmlinuz-a rootflags=rw mount.usrflags=ro usr=PARTUUID=$usr_uuid $linux_root $linux_console $first_boot $linux_append
   else
       linux$suf /flatcar/vmlinuz-b rootflags=rw mount.usrflags=ro usr=PARTUUID=$usr_uuid $linux_root $linux_console $first_boot $linux_append
   fi
}
menuentry "Flatcar USR-A" --id=flatcar-a { linux$suf /flatcar/vmlinuz-a $linux_append }
`;
  test("Flatcar: linux_append of the OEM partition; slot and UUID stay open", async () => {
    const facts = await booted({
      "/boot/flatcar/grub/grub.cfg.tar": tarOf("grub.cfg", flatcar),
      "/oem/grub.cfg":
        'set oem_id="qemu"\nset linux_append="$linux_append ipv6.disable=1 flatcar.oem.id=qemu"\n',
    });
    expect(facts.cmdline).toBe(
      "rootflags=rw mount.usrflags=ro usr=PARTUUID=? root=LABEL=ROOT console=ttyS0,115200n8 console=tty0 flatcar.first_boot=detected ipv6.disable=1 flatcar.oem.id=qemu",
    );
    expect(facts.kernelVersion).toBeUndefined();
    expect(facts.notes).toContain("the value of usr is known only on the running machine");
  });
  test("Flatcar: an OEM partition nobody sees leaves it open", async () => {
    const facts = await booted({ "/boot/flatcar/grub/grub.cfg.tar": tarOf("grub.cfg", flatcar) });
    expect(facts.cmdline).toBeUndefined();
  });

  test("Container-Optimized OS: the slot depends on the disk's priorities", async () => {
    const cfg = (b: string): string => `defaultA=0
defaultB=1
gptpriority $grubdisk 2 prioA
gptpriority $grubdisk 4 prioB
if [ $prioA -lt $prioB ]; then
  set default=$defaultB
else
  set default=$defaultA
fi
set timeout=0
menuentry "local image A" { linux /syslinux/vmlinuz.A init=/usr/lib/systemd/systemd ipv6.disable=1 root=PARTUUID=A }
menuentry "local image B" { linux /syslinux/vmlinuz.B init=/usr/lib/systemd/systemd ${b} root=PARTUUID=B }
menuentry "installer" { linux /syslinux/vmlinuz.A other }
`;
    const same = await booted({ "/efi/EFI/boot/grub.cfg": cfg("ipv6.disable=1") });
    expect(same).toMatchObject({
      cmdline: "init=/usr/lib/systemd/systemd ipv6.disable=1 root=PARTUUID=B",
      entry: "local image B or local image A",
    });
    expect(same.notes).toContain("an argument depends on the machine: root=PARTUUID=B or root=PARTUUID=A");
    const other = await booted({ "/efi/EFI/boot/grub.cfg": cfg("ipv6.disable=0") });
    expect(other.cmdline).toBeUndefined();
    expect(other.cmdlineUnknown).toContain("ipv6.disable=1");
  });

  test("Alpine: extlinux with a relative kernel", async () => {
    const cfg = `# Generated by update-extlinux 6.04_pre1-r15
DEFAULT menu.c32
PROMPT 0
MENU TITLE Alpine/Linux Boot Menu
MENU HIDDEN
MENU AUTOBOOT Alpine will be booted automatically in # seconds.
TIMEOUT 10
LABEL virt
  MENU DEFAULT
  MENU LABEL Linux virt
  LINUX vmlinuz-virt
  INITRD initramfs-virt
  APPEND root=UUID=22 modules=sd-mod,usb-storage,ext4 quiet rootfstype=ext4
MENU SEPARATOR
`;
    expect(await booted({ "/boot/extlinux.conf": cfg })).toMatchObject({
      cmdline: "root=UUID=22 modules=sd-mod,usb-storage,ext4 quiet rootfstype=ext4",
      loader: "extlinux",
      entry: "Linux virt",
      kernelPath: "/boot/vmlinuz-virt",
      kernelVersion: undefined,
      cmdlineEvidence: [{ line: 11 }, { line: 13 }],
    });
  });

  test("a container has no boot loader", async () => {
    const facts = await booted({ "/etc/os-release": "ID=alpine\n" });
    expect(facts.cmdline).toBeUndefined();
    expect(facts.loader).toBeUndefined();
    expect(facts.cmdlineUnknown).toContain("looked for GRUB");
  });
});

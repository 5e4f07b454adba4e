import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { varUuid } from "../../src/guest/var.ts";
import {
  below,
  GUEST_DISK_NEEDS,
  type Judged,
  judgeDisk,
  makeGuestDisk,
  type Part,
} from "../support/guest-disk.ts";
import { missing, scratch } from "../support/images.ts";
import { DEBIAN_12, type FlatFiles, grubConfig } from "../support/machine.ts";
import { tarOf } from "../support/tar.ts";

const why = missing(...GUEST_DISK_NEEDS);
const area = scratch("guest");
let count = 0;

const FS_UUID = "33333333-3333-4333-8333-333333333333";
const OTHER_UUID = "44444444-4444-4444-8444-444444444444";
const FSTAB_USR = "/dev/vda2 /usr ext4 ro 0 1\n";
const USR_X86 = "8484680c-9521-48c6-9c11-b0720656f69e";
const USR_FLATCAR = "5dfbf5f4-2848-4bac-aa5e-0d9a20b745a6";
const ROOT_FLATCAR = "3884dd41-8582-4404-b9a8-e9b84f2df50e";
const ROOT_X86 = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
const ROOT_COS = "3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec";
const SYSCTL = "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.default.disable_ipv6 = 1\n";
const OFF_IN_USR: FlatFiles = { "/lib/sysctl.d/90-off.conf": SYSCTL };
const OFF: FlatFiles = { "/etc/sysctl.d/90-off.conf": SYSCTL };

function judge(...parts: readonly Part[]): Promise<Judged> {
  return judgeDisk(makeGuestDisk(join(area, `${count++}`), parts));
}

/** What /usr holds, as the root of its own volume. */
function usr(more: FlatFiles = {}): FlatFiles {
  const release = DEBIAN_12["/usr/lib/os-release"] ?? "";
  return { "/lib/os-release": release, "/bin/sh": "", "/sbin/init": "", "/share/doc/x": "", ...more };
}

function rootWithoutUsr(more: FlatFiles = {}): FlatFiles {
  const rest = Object.entries(DEBIAN_12).filter(([path]) => !path.startsWith("/usr/"));
  return { ...Object.fromEntries(rest), "/var/lib/x": "", ...more };
}

describe.skipIf(why)("a /usr of its own", () => {
  const fstab = `UUID=${FS_UUID} / ext4 rw 0 1\n`;
  test.each([
    ["in fstab", { "/etc/fstab": `${fstab}${FSTAB_USR}` }, {}],
    ["by its content", {}, {}],
    ["by its GPT type, no fstab line", {}, { type: USR_X86 }],
  ] as const)("%s", async (_what, files, type) => {
    for (const [more, state] of [
      [{}, "on"],
      [OFF_IN_USR, "off"],
    ] as const) {
      const root = { files: rootWithoutUsr(files), fsUuid: FS_UUID };
      const { mounts, prediction } = await judge(root, { files: usr(more), ...type });
      expect(mounts).toContain("/usr gpt#2 > ext4");
      expect(prediction.state).toBe(state);
    }
  });

  test("trap: an old /usr, off, beside the newer by its label", async () => {
    const root = { files: rootWithoutUsr(), fsUuid: FS_UUID };
    const old = { files: usr(OFF_IN_USR), type: USR_X86, name: "os_1.9" };
    const now = { files: usr(), type: USR_X86, name: "os_1.10" };
    const { mounts, prediction } = await judge(root, old, now);
    expect(mounts).toContain("/usr gpt#3 > ext4");
    expect(prediction.state).toBe("on");
    const swapped = await judge(root, { ...old, name: "os_1.11" }, now);
    expect(swapped.prediction.state).toBe("off");
    const closed = await judge(root, { ...old, name: "os_1.11", attributes: "GUID:63" }, now);
    expect(closed.prediction.state).toBe("on");
  });

  test("two that nothing tells apart: neither is judged, and that is told", async () => {
    const root = { files: rootWithoutUsr(), fsUuid: FS_UUID };
    const { prediction, mounts } = await judge(root, { files: usr(OFF_IN_USR) }, { files: usr() });
    expect(prediction.state).toBe("unknown");
    expect(mounts).toContain("/usr gpt#1 > ext4");
  });

  test("a root that has its own keeps it", async () => {
    const root = { files: DEBIAN_12, fsUuid: FS_UUID };
    const { mounts, prediction } = await judge(root, { files: usr(OFF_IN_USR), type: USR_X86 });
    expect(mounts.some((mount) => mount.startsWith("/usr "))).toBe(false);
    expect(prediction.state).toBe("on");
  });
});

describe.skipIf(why)("Flatcar", () => {
  const VERSION = "6.6.1-flatcar";
  const grub = "EFI/BOOT/grub.cfg";
  const esp = (id: string, args = ""): Part => ({
    vfat: true,
    files: {
      [`/${grub}`]: `menuentry 'Flatcar' {\n\tlinux /flatcar/vmlinuz-${VERSION} mount.usr=/dev/mapper/usr verity.usr=PARTUUID=${id} root=LABEL=ROOT ${args}\n}\n`,
    },
  });
  const A = "7130c94a-213a-4e5a-8e26-6cce9662f132";
  const B = "e03dd35c-7c2d-4a47-b3fe-27f15780a57c";
  const slot = (uuid: string, attributes: string, more: FlatFiles): Part => ({
    type: USR_FLATCAR,
    uuid,
    attributes,
    files: usr({
      [`/lib/modules/${VERSION}/config`]: "CONFIG_IPV6=y\n",
      ...below("/share/flatcar", { "/etc/hosts": "", "/etc/systemd/.keep": "" }),
      ...more,
    }),
  });
  const root = (files: FlatFiles): Part => ({ type: ROOT_FLATCAR, label: "ROOT", files });
  const OFF_BELOW = below("/share/flatcar", OFF);
  const EMPTY = { "/.keep": "" };

  test.each([
    ["nothing set", A, {}, {}, EMPTY, "on"],
    ["off in /usr", A, OFF_IN_USR, {}, EMPTY, "off"],
    ["off in the /etc that /usr brings", A, OFF_BELOW, {}, EMPTY, "off"],
    ["off in the root's /etc", A, {}, {}, OFF, "off"],
    ["trap: off in the slot that does not boot", A, {}, OFF_IN_USR, EMPTY, "on"],
    ["the command line names slot B", B, {}, OFF_IN_USR, EMPTY, "off"],
    ["the root's file hides the one below", A, OFF_BELOW, {}, { "/etc/sysctl.d/90-off.conf": "" }, "on"],
  ] as const)("%s", async (_what, id, a, b, files, state) => {
    const parts = [slot(A, "GUID:48,56", a), slot(B, "GUID:49,56", b), root(files)];
    const { prediction, mounts } = await judge(esp(id), ...parts);
    expect(mounts).toContain(`/usr gpt#${id === A ? 2 : 3} > ext4`);
    expect(prediction.state).toBe(state);
  });

  /** As Flatcar builds it: GRUB's configuration in an archive, which takes more from the OEM partition. */
  const CONFIG = `set default="flatcar"
set linux_append=""
search --no-floppy --set oem --part-label OEM --hint "$root"
if [ -n "$oem" -a -f "($oem)/grub.cfg" ]; then
    source "($oem)/grub.cfg"
fi
menuentry "Flatcar default" --id=flatcar --unrestricted {
   gptprio.next -d usr -u usr_uuid
   if [ "$usr_uuid" = "${A}" ]; then
       linux$suf /flatcar/vmlinuz-a mount.usr=/dev/mapper/usr verity.usr=PARTUUID=$usr_uuid root=LABEL=ROOT $linux_append
   else
       linux$suf /flatcar/vmlinuz-b mount.usr=/dev/mapper/usr verity.usr=PARTUUID=$usr_uuid root=LABEL=ROOT $linux_append
   fi
}
`;
  const oem = (text: string | undefined): Part => ({
    name: "OEM",
    label: "OEM",
    files: { "/oem-release": "ID=qemu\n", ...(text === undefined ? {} : { "/grub.cfg": text }) },
  });

  test.each([
    ["nothing", oem(undefined), "on", ""],
    [
      "other arguments",
      oem('set linux_append="$linux_append flatcar.oem.id=qemu"\n'),
      "on",
      " flatcar.oem.id=qemu",
    ],
    ["IPv6 off", oem('set linux_append="$linux_append ipv6.disable=1"\n'), "off", " ipv6.disable=1"],
    ["what cannot be read", { name: "OEM", files: {}, damaged: true }, "on", undefined],
  ] as const)("the OEM partition adds %s to the command line", async (_what, added, state, appended) => {
    const archive: Part = { vfat: true, files: { "/flatcar/grub/grub.cfg.tar": tarOf("grub.cfg", CONFIG) } };
    const parts = [slot(A, "GUID:48,56", {}), slot(B, "GUID:49,56", {}), root(EMPTY)];
    const { prediction, mounts, boot } = await judge(archive, ...parts, added);
    expect(mounts).toContain("/oem gpt#5 > ext4");
    expect(mounts).toContain("/usr gpt#3 > ext4"); // as gptprio.next would
    expect(prediction.state).toBe(state);
    expect(boot.cmdline).toBe(
      appended === undefined
        ? undefined
        : `mount.usr=/dev/mapper/usr verity.usr=PARTUUID=? root=LABEL=ROOT${appended}`,
    );
    // An "on" that rests on what was not read says so.
    expect(prediction.blindSpots.some(({ layer }) => layer === "cmdline")).toBe(appended === undefined);
  });

  test.each([
    ["the higher priority", "GUID:48,56", "GUID:49,56", 2],
    ["no tries left", "GUID:48,56", "GUID:49", 1],
    ["tries left", "GUID:48,56", "GUID:49,52", 2],
  ] as const)("without a command line: %s", async (_what, a, b, which) => {
    const { mounts } = await judge(slot(A, a, {}), slot(B, b, {}), root(EMPTY));
    expect(mounts).toContain(`/usr gpt#${which} > ext4`);
  });
});

describe.skipIf(why)("several roots", () => {
  const system = (uuid: string, more: FlatFiles, args = ""): Part => ({
    fsUuid: uuid,
    files: {
      ...DEBIAN_12,
      "/etc/fstab": "",
      "/boot/grub/grub.cfg": grubConfig(args),
      ...more,
    },
  });
  test.each(["UUID", "PARTUUID"])("root=%s of the boot entry decides; the other is named", async (tag) => {
    const id = tag === "UUID" ? FS_UUID : OTHER_UUID;
    const grubCfg = grubConfig("").replace(/root=\S+/, `root=${tag}=${id}`);
    const menu = { "/boot/grub/grub.cfg": grubCfg };
    const one: Part = system(OTHER_UUID, { ...OFF, ...menu });
    const two: Part = { ...system(FS_UUID, menu), uuid: OTHER_UUID };
    const on = await judge(one, two);
    expect(on.mounts[0]).toBe("/ gpt#2 > ext4");
    expect(on.notes).toContain("another root file system lies in");
    expect(on.prediction.state).toBe("on");
    const off = await judge(
      { ...two, fsUuid: OTHER_UUID, uuid: FS_UUID },
      { ...one, fsUuid: FS_UUID, uuid: OTHER_UUID },
    );
    expect(off.prediction.state).toBe("off");
  });

  test.each([
    [ROOT_X86, { name: "os_2" }, { name: "os_10" }],
    [ROOT_COS, { attributes: "GUID:48,56" }, { attributes: "GUID:49,56" }],
  ] as const)("no root= that fits: the table decides (%s)", async (type, a, b) => {
    const one: Part = { ...system(OTHER_UUID, OFF), type, ...a };
    const two: Part = { ...system("55555555-5555-4555-8555-555555555555", {}), type, ...b };
    expect((await judge(one, two)).prediction.state).toBe("on");
    expect((await judge({ ...one, ...b }, { ...two, ...a })).prediction.state).toBe("off");
  });

  test("each boots itself, nothing tells which: unknown, not the first one's off", async () => {
    const own = (uuid: string, more: FlatFiles): Part => {
      const menu = grubConfig("").replace(FS_UUID, uuid);
      return system(uuid, { "/boot/grub/grub.cfg": menu, ...more });
    };
    const { prediction, notes } = await judge(own(FS_UUID, OFF), own(OTHER_UUID, {}));
    expect(prediction.state).toBe("unknown");
    expect(notes).toContain("another root file system lies in");
    expect(notes).toContain("which of 2 roots boots cannot be told");
  });
});

const VAR_TYPE = "4d21b016-b534-45c2-a9fb-5c16e091fd2d";
const XBOOTLDR = "bc13c2ff-59e6-4262-a352-b275fd6f7172";
const KERNEL = "6.1.0-18-cloud-amd64";
const MACHINE_ID = "0123456789abcdef0123456789abcdef";

describe.skipIf(why)("partitions by their GPT type alone", () => {
  const { "/var/lib/x": _, ...plain } = rootWithoutUsr();
  const files: FlatFiles = { ...plain, ...DEBIAN_12, "/etc/machine-id": `${MACHINE_ID}\n` };
  const own = varUuid(MACHINE_ID) ?? "";
  const varFiles: FlatFiles = { "/lib/misc/x": "" };

  test("a /var whose UUID belongs to this machine", async () => {
    const part = { files: varFiles, type: VAR_TYPE, uuid: own };
    expect((await judge({ files }, part)).mounts).toContain("/var gpt#2 > ext4");
  });

  test.each([
    ["another machine's", { uuid: "44444444-4444-4444-8444-444444444444" }, {}, /not mounted/],
    ["marked to be left alone", { uuid: own, attributes: "GUID:63" }, {}, undefined],
    ["over a /var with files", { uuid: own }, { "/var/lib/x": "" }, undefined],
    ["of an image without a machine ID", { uuid: own }, { "/etc/machine-id": "" }, /not mounted/],
  ] as const)("trap: %s", async (_what, part, more, note) => {
    const judged = await judge(
      { files: { ...files, ...more } },
      { files: varFiles, type: VAR_TYPE, ...part },
    );
    expect(judged.mounts.join()).not.toContain("/var");
    if (note) expect(judged.notes).toMatch(note);
    else expect(judged.notes).not.toContain("/var");
  });

  test("fstab names another /var: that one", async () => {
    const fstab = `UUID=${FS_UUID} / ext4 rw 0 1\n/dev/vda3 /var ext4 rw 0 2\n`;
    const auto = { files: varFiles, type: VAR_TYPE, uuid: own };
    const judged = await judge({ files: { ...files, "/etc/fstab": fstab } }, auto, { files: varFiles });
    expect(judged.mounts).toContain("/var gpt#3 > ext4");
    expect(judged.notes).not.toContain("taken for /var");
  });

  test("an extended boot loader partition beside an ESP, whose entries boot", async () => {
    const entry = (args: string): string =>
      `title x\nversion ${KERNEL}\nlinux /vmlinuz-${KERNEL}\noptions root=UUID=${FS_UUID} ${args}\n`;
    const { "/boot/grub/grub.cfg": _grub, ...bare } = files;
    const esp = { vfat: true, files: { "/EFI/systemd/systemd-bootx64.efi": "", "/loader/loader.conf": "" } };
    const boot = {
      vfat: true,
      type: XBOOTLDR,
      files: {
        "/EFI/Linux/x": "",
        "/loader/entries/x.conf": entry("ipv6.disable=1"),
        [`/vmlinuz-${KERNEL}`]: "",
        [`/config-${KERNEL}`]: "CONFIG_IPV6=y\n",
      },
    };
    const judged = await judge(esp, boot, { files: bare, fsUuid: FS_UUID });
    expect(judged.mounts).toContain("/boot gpt#2 > vfat");
    expect(judged.mounts).toContain("/boot/efi gpt#1 > vfat");
    expect(judged.boot.cmdline).toContain("ipv6.disable=1");
    expect(judged.prediction.state).toBe("off");
  });
});

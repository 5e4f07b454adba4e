import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { GUEST_DISK_NEEDS, judgeDisk, makeGuestDisk, type Part } from "../support/guest-disk.ts";
import { missing, scratch } from "../support/images.ts";
import { DEBIAN_12, type FlatFiles, grubConfig } from "../support/machine.ts";

const why = missing(...GUEST_DISK_NEEDS);
const area = scratch("beside-unread");
let count = 0;

const FS_UUID = "33333333-3333-4333-8333-333333333333";
const ROOT_X86 = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
const SETTINGS = "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.default.disable_ipv6 = 1\n";
const OFF: FlatFiles = { "/etc/sysctl.d/90-off.conf": SETTINGS };
const LUKS: Part = { files: {}, magic: [0, "LUKS\xba\xbe\0\x02"] };
const ZFS: Part = { files: {}, magic: [16_384 + 24, "version\0"] };

function menu(root: string): FlatFiles {
  return { "/boot/grub/grub.cfg": grubConfig("").replace(/root=\S+/, root) };
}

async function doubtsOf(root: Part, ...more: readonly Part[]): Promise<string> {
  const { doubts, prediction } = await judgeDisk(makeGuestDisk(join(area, `${count++}`), [root, ...more]));
  expect(prediction.state).toBe(doubts.length > 0 ? "unknown" : "off");
  return doubts.join("\n");
}

describe.skipIf(why)("a root beside what could not be read", () => {
  const linux = (more: FlatFiles = {}): Part => ({
    fsUuid: FS_UUID,
    files: { ...DEBIAN_12, ...OFF, ...more },
  });

  test.each([
    ["that the boot entry names", {}],
    ["named by its partition", menu("root=/dev/vda1")],
    ["named by its partition number in another way", menu("root=PARTUUID=x/PARTNROFF=1")],
    [
      "named by the table of a mapped device, a partition behind another",
      menu(
        'root=/dev/dm-0 dm-mod.create="root,,,ro,0 8 verity 1 PARTUUID=x/PARTNROFF=1 PARTUUID=x/PARTNROFF=2"',
      ),
    ],
    ["without a boot entry", { "/boot/grub/grub.cfg": "" }],
  ])("%s boots", async (_what, more) => {
    expect(await doubtsOf(linux(more), LUKS)).toBe("");
  });

  test.each([
    ["its boot entry", menu("root=/dev/mapper/luks-root"), /the boot entry names \/dev\/mapper\/luks-root/],
    ["its boot entry, of a pool", menu("root=ZFS=rpool/ROOT/debian"), /names ZFS=rpool\/ROOT\/debian/],
    [
      "its fstab",
      { "/boot/grub/grub.cfg": "", "/etc/fstab": "/dev/mapper/crypt / ext4 rw 0 1\n" },
      /fstab names \/dev\/mapper\/crypt as the root, which is not .*gpt#1/,
    ],
  ])("is not the one that boots where another is named by %s", async (_what, more, told) => {
    expect(await doubtsOf(linux(more), LUKS)).toMatch(told);
    expect(await doubtsOf(linux(more))).toBe("");
  });

  test("is not the one that boots where the other is a root by its type, and nothing names one", async () => {
    const bare = linux({ "/boot/grub/grub.cfg": "", "/etc/fstab": "" });
    expect(await doubtsOf(bare, { ...LUKS, type: ROOT_X86 })).toMatch(/p2 is a root by its type/);
    expect(await doubtsOf(linux(), { ...LUKS, type: ROOT_X86 })).toBe("");
  });

  test("a pool is mounted where it says, by a system that has what does it", async () => {
    expect(await doubtsOf(linux(), ZFS)).toBe("");
    const tools = { "/usr/lib/systemd/system/zfs-mount.service": "[Service]\n" };
    expect(await doubtsOf(linux(tools), ZFS)).toMatch(/the ZFS pool in p2 was not read/);
    expect(await doubtsOf(linux(tools), LUKS)).toBe("");
  });

  test("a mount that the machine would do without may be the one that was not read", async () => {
    const line = `UUID=${FS_UUID} / ext4 rw 0 1\n/dev/mapper/data /data ext4 nofail 0 2\n`;
    const more = { "/etc/fstab": line, "/etc/sysctl.d/99-z.conf": { link: "/data/z.conf" } };
    const state = async (...beside: readonly Part[]): Promise<string> => {
      const disk = makeGuestDisk(join(area, `${count++}`), [linux(more), ...beside]);
      return (await judgeDisk(disk)).prediction.state;
    };
    expect(await state()).toBe("off");
    expect(await state(LUKS)).toBe("unknown");
  });
});

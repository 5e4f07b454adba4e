import { join } from "node:path";
import { describe, expect, test } from "vitest";
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

const why = missing(...GUEST_DISK_NEEDS);
const area = scratch("mounts");
let count = 0;

const FS_UUID = "33333333-3333-4333-8333-333333333333";
const SYSCTL = "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.default.disable_ipv6 = 1\n";
const OFF: FlatFiles = { "/etc/sysctl.d/90-off.conf": SYSCTL };
const FIRST = `UUID=${FS_UUID} / ext4 rw 0 1\n`;
const KERNEL = "6.1.0-18-cloud-amd64";

function judge(...parts: readonly Part[]): Promise<Judged> {
  return judgeDisk(makeGuestDisk(join(area, `${count++}`), parts));
}

function root(fstab: string, more: FlatFiles = {}): Part {
  return { fsUuid: FS_UUID, files: { ...DEBIAN_12, "/etc/fstab": `${FIRST}${fstab}`, ...more } };
}

function boot(args: string): Part {
  return {
    files: {
      [`/config-${KERNEL}`]: "# CONFIG_CMDLINE_BOOL is not set\nCONFIG_IPV6=y\n",
      "/grub/grub.cfg": grubConfig(args),
    },
  };
}

const IN_SECOND: Part = { files: { "/90-off.conf": SYSCTL } };
const EMPTY: Part = { files: { "/.keep": "" } };
const LINK: FlatFiles = { "/etc/sysctl.d/90-off.conf": { link: "/data/off.conf" } };

describe.skipIf(why)("what fstab mounts", () => {
  test.each([
    ["over a folder of settings", "/dev/sda2 /etc/sysctl.d ext4", IN_SECOND, {}, "looks off"],
    ["over settings, with nothing in it", "/dev/sda2 /etc/sysctl.d ext4", EMPTY, OFF, "on"],
    [
      "on its first use",
      "/dev/sda2 /etc/sysctl.d ext4 noauto,x-systemd.automount",
      IN_SECOND,
      {},
      "looks off",
    ],
    ["not by itself", "/dev/sda2 /etc/sysctl.d ext4 auto,noauto", IN_SECOND, {}, "on"],
    ["behind a link", "/dev/sda2 /lib/sysctl.d ext4", IN_SECOND, {}, "looks off"],
    ["by a path that goes to and fro", "/dev/sda2 /etc//x/../sysctl.d/ ext4", IN_SECOND, {}, "looks off"],
    [
      "where a link of the settings leads",
      "/dev/sda2 /data ext4",
      { files: { "/off.conf": SYSCTL } },
      LINK,
      "looks off",
    ],
    [
      "over what a link of the settings leads to",
      "/dev/sda2 /data ext4",
      { files: { "/off.conf": "" } },
      { ...LINK, "/data/off.conf": SYSCTL },
      "on",
    ],
    [
      "from a disk that is not here, over what a link leads to",
      "/dev/sdb1 /data ext4",
      EMPTY,
      { ...LINK, "/data/off.conf": SYSCTL },
      "unknown",
    ],
    [
      "from a further disk that the machine does without",
      "/dev/sdb1 /data ext4 nofail",
      EMPTY,
      { ...LINK, "/data/off.conf": SYSCTL },
      "off",
    ],
    ["from a further disk, where it decides", "/dev/sdb1 /etc/sysctl.d ext4 nofail", EMPTY, OFF, "unknown"],
    ["empty, as a tmpfs", "tmpfs /etc/sysctl.d tmpfs size=1m", EMPTY, OFF, "on"],
    [
      "a folder in a second place",
      "/data /etc/sysctl.d none bind",
      EMPTY,
      below("/data", { "/a.conf": SYSCTL }),
      "looks off",
    ],
    [
      "a folder of another mount in a second place, its line first",
      "/data/x /etc/sysctl.d none rbind\n/dev/sda2 /data ext4",
      { files: { "/x/a.conf": SYSCTL } },
      {},
      "looks off",
    ],
    ["a folder that is not there", "/nowhere /etc/sysctl.d none bind", EMPTY, OFF, "unknown"],
    [
      "once, by the first line for a place",
      "/dev/sda2 /etc/sysctl.d ext4\n/dev/sdb1 /etc/sysctl.d ext4",
      IN_SECOND,
      {},
      "looks off",
    ],
  ] as const)("%s", async (_what, lines, second, more, state) => {
    const { prediction } = await judge(root(`${lines}\n`, more), second);
    // Settings that are mounted may come too late for who reads them: src/guest/late-mounts.ts.
    const looks = /^it (looks off)/.exec(prediction.reason)?.[1];
    expect(looks ?? prediction.state).toBe(state);
  });

  test("a volume without a file system is named as such", async () => {
    const { prediction } = await judge(root("/dev/sda2 /etc/sysctl.d ext4\n"), {
      ...EMPTY,
      type: "21686148-6449-6E6F-744E-656564454649",
    });
    expect(prediction.reason).toContain("mounts /dev/sda2 here, which holds no file system");
  });

  test("a machine of thousands of mounts is refused, and a path that no kernel takes is left out", async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `/dev/sdb1 /data/${n} ext4\n`).join("");
    await expect(judge(root(lines))).rejects.toMatchObject({ code: "limit" });
    const { prediction } = await judge(root(`/dev/sdb1 ${"/x".repeat(30_000)} ext4\n`, OFF));
    expect(prediction.state).toBe("off");
  });

  test("one of two volumes with one label: which, is not guessed", async () => {
    const label = "settings";
    const line = root(`LABEL=${label} /etc/sysctl.d ext4\n`);
    const { prediction } = await judge(line, { ...IN_SECOND, label }, { ...EMPTY, label });
    expect(prediction.state).toBe("unknown");
    expect(prediction.reason).toContain("2 volumes of this disk answer to");
  });
});

describe.skipIf(why)("copies", () => {
  test("of two roots with one UUID neither is judged", async () => {
    const { prediction, notes } = await judge(root("", OFF), root(""));
    expect(prediction.state).toBe("unknown");
    expect(notes).toContain("which of 2 roots boots cannot be told");
  });
});

describe.skipIf(why)("a /boot that fstab does not mount", () => {
  const { [`/boot/config-${KERNEL}`]: _config, "/boot/grub/grub.cfg": _menu, ...bare } = DEBIAN_12;
  const without = (fstab: string): Part => ({
    fsUuid: FS_UUID,
    files: { ...bare, "/boot/.keep": "", "/etc/fstab": `${FIRST}${fstab}` },
  });

  test.each([
    ["the only one there is", "", [boot("ipv6.disable=1")], "off"],
    ["one of two", "", [boot("ipv6.disable=1"), boot("")], "unknown"],
    [
      "named, but not mounted by itself",
      "/dev/sda3 /boot ext4 noauto\n",
      [boot("ipv6.disable=1"), boot("")],
      "on",
    ],
    [
      "beside one that is mounted elsewhere",
      "/dev/sda2 /rescue ext4\n",
      [boot("ipv6.disable=1"), boot("")],
      "on",
    ],
  ] as const)("%s", async (_what, fstab, boots, state) => {
    const { prediction } = await judge(without(fstab), ...boots);
    expect(prediction.state).toBe(state);
  });

  test("a rescue system beside a root with its own /boot", async () => {
    const own = root("", { [`/boot/vmlinuz-${KERNEL}`]: "" });
    const { prediction, notes } = await judge(own, boot("ipv6.disable=1"));
    expect(prediction.state).toBe("on");
    expect(notes).toContain("looks like a /boot, but fstab does not name it");
  });
});

import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { openDisk } from "../../src/disk/disk.ts";
import { bootEntry } from "../../src/guest/boot/index.ts";
import { type Examined, examine } from "../../src/guest/machine.ts";
import { predict } from "../../src/ipv6/predict.ts";
import { type Observations, observe } from "../../src/model/observations.ts";
import type { Prediction } from "../../src/model/prediction.ts";
import { ASKS } from "../../src/scan/asks.ts";
import { BTRFS_NEEDS, makeBtrfs } from "../support/btrfs.ts";
import { fileSource } from "../support/file-source.ts";
import { missing, run, scratch } from "../support/images.ts";
import { DEBIAN_12, type FlatFiles } from "../support/machine.ts";

const why = missing(...BTRFS_NEEDS, "mke2fs", "sfdisk", "dd");
const OFF = "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.default.disable_ipv6 = 1\n";
const KERNEL = "vmlinuz-6.1.0-18-cloud-amd64";

/** A root that nothing switches IPv6 off in, with its own fstab and GRUB configuration. */
function system(folder: string, fstab: string, cmdline: string, more: FlatFiles = {}): void {
  const { "/boot/grub/grub.cfg": _, ...base } = DEBIAN_12;
  const menu = `set default="0"\nmenuentry 'Linux' {\n\tlinux\t/boot/${KERNEL} ${cmdline}\n}\n`;
  write(folder, { ...base, "/etc/fstab": fstab, "/boot/grub/grub.cfg": menu, ...more });
}

function write(folder: string, files: FlatFiles): void {
  for (const [path, value] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    if (typeof value === "string") writeFileSync(join(folder, path), value);
    else if ("link" in value && typeof value.link === "string") symlinkSync(value.link, join(folder, path));
  }
}

function subvolumes(top: string, ...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    run("btrfs", ["-q", "subvolume", "create", join(top, path)]);
  }
}

interface Machine {
  readonly mounts: readonly string[];
  readonly notes: string;
  readonly seen: Observations;
  readonly prediction: Prediction;
  hostname(): string | undefined;
}

interface Layout {
  /** Fills the file system, seen from its top level. */
  fill(top: string, uuid: string): void;
  /** Files of an ext4 partition in front of it. */
  boot?(uuid: string): FlatFiles;
}

const area = scratch("layouts");
let count = 0;

/** Makes the image with real tools and finds the machine in it. */
async function machine({ fill, boot }: Layout): Promise<Machine> {
  const folder = join(area, `${count++}`);
  mkdirSync(folder);
  const uuid = randomUUID();
  const image = join(folder, "btrfs");
  await makeBtrfs(image, join(folder, "mount"), { size: "120M", mkfs: ["-U", uuid] }, (top) =>
    fill(top, uuid),
  );
  const disk = boot ? withBoot(folder, image, boot(uuid)) : image;
  const examined = await examine((await openDisk(fileSource(disk))).volumes, ASKS);
  if (!examined) throw new Error("no machine found");
  return told(examined, disk);
}

/** A GPT disk: ext4 first, then the Btrfs. */
function withBoot(folder: string, image: string, files: FlatFiles): string {
  const [tree, boot, disk] = ["tree", "boot", "disk"].map((name) => join(folder, name));
  if (!tree || !boot || !disk) throw new Error("no names");
  write(tree, files);
  run("mke2fs", ["-q", "-F", "-t", "ext4", "-d", tree, boot, "8M"]);
  run("truncate", ["-s", "132M", disk]);
  run("sfdisk", ["-q", disk], { input: "label: gpt\nstart=2048, size=16384, type=L\nstart=18432, type=L\n" });
  for (const [from, at] of [
    [boot, 1],
    [image, 9],
  ] as const)
    run("dd", [`if=${from}`, `of=${disk}`, "bs=1M", `seek=${at}`, "conv=notrunc,sparse", "status=none"]);
  return disk;
}

function told({ tree, snapshot, notes }: Examined, disk: string): Machine {
  const seen = observe(snapshot);
  return {
    mounts: tree.mounts
      .filter(({ path }) => path !== "/run")
      .map(({ path, locator }) => `${path} ${locator.slice(disk.length + 3)}`),
    notes: notes.join("\n"),
    seen,
    prediction: predict(seen, bootEntry.read(seen)),
    hostname() {
      const conf = seen.file("/etc/sysctl.conf");
      return conf.state === "found" ? Buffer.from(conf.value.bytes).toString().trim() : undefined;
    },
  };
}

/** Tells one root from another: a file that every scan reads. */
const named = (name: string): FlatFiles => ({ "/etc/sysctl.conf": `# ${name}\n` });

describe.skipIf(why)("Btrfs layouts", () => {
  test("OSTree in the default subvolume; fstab mounts others of the same file system", async () => {
    const deployment = "ostree/deploy/os/deploy/aaa.0";
    const { mounts, prediction } = await machine({
      fill(top, uuid) {
        subvolumes(top, "root", "var", "settings");
        const fstab = ["/var btrfs subvol=var", "/etc/sysctl.d btrfs subvol=settings", "/sysroot btrfs ro"]
          .map((line) => `UUID=${uuid} ${line} 0 0\n`)
          .join("");
        const {
          "/boot/config-6.1.0-18-cloud-amd64": config = "",
          "/boot/grub/grub.cfg": _,
          ...base
        } = DEBIAN_12;
        write(join(top, "root", deployment), {
          ...base,
          "/etc/fstab": fstab,
          "/usr/lib/modules/6.1.0-18-cloud-amd64/config": config,
        });
        write(join(top, "settings"), { "/90-ipv6.conf": OFF });
        write(join(top, "var"), { "/lib/x": "" });
        const id = run("btrfs", ["inspect-internal", "rootid", join(top, "root")])
          .toString()
          .trim();
        run("btrfs", ["subvolume", "set-default", id, top]);
      },
    });
    expect(mounts.filter((mount) => !/^\/(boot)? /.test(mount))).toEqual([
      "/var btrfs > subvol=var",
      "/etc/sysctl.d btrfs > subvol=settings",
      "/sysroot btrfs",
    ]);
    expect(prediction.state).toBe("off");
  });

  test("Fedora: the default is the top level, the command line names root; ext4 /boot", async () => {
    const { mounts, notes, prediction, hostname } = await machine({
      fill(top, uuid) {
        subvolumes(top, "root", "home", "var");
        const fstab = ["/ subvol=root", "/home subvol=home", "/var subvol=var"]
          .map((line) => `UUID=${uuid} ${line.replace(" ", " btrfs ")},compress=zstd:1 0 0\n`)
          .join("");
        system(join(top, "root"), `${fstab}LABEL=none /mnt ext4 noauto 0 0\n`, "", {
          ...named("root"),
          "/etc/sysctl.d/90-ipv6.conf": OFF,
          "/boot/grub/grub.cfg": "menuentry 'below the mount' {\n\tlinux /vmlinuz quiet\n}\n",
        });
        write(join(top, "home"), { "/user/.profile": "" });
      },
      boot: (uuid) => ({
        "/config-6.1.0-18-cloud-amd64": "CONFIG_IPV6=y\n",
        "/grub2/grub.cfg": 'set default="0"\nblscfg\n',
        "/loader/entries/a-6.1.0-18-cloud-amd64.conf": `title Fedora\nversion 6.1.0-18-cloud-amd64\nlinux /${KERNEL}\noptions root=UUID=${uuid} ro rootflags=subvol=root\n`,
      }),
    });
    expect(mounts).toEqual([
      "/ gpt#2 > btrfs > subvol=root",
      "/home gpt#2 > btrfs > subvol=home",
      "/var gpt#2 > btrfs > subvol=var",
      "/boot gpt#1 > ext4",
    ]);
    expect(hostname()).toBe("# root");
    expect(prediction.state).toBe("off");
    expect(notes).not.toContain("command line");
  });

  test("openSUSE: a snapshot is the default; folders of its own come from fstab", async () => {
    const { mounts, prediction, hostname, seen } = await machine({
      fill(top, uuid) {
        subvolumes(
          top,
          "@",
          "@/.snapshots",
          "@/var",
          "@/usr-local",
          "@/boot-grub2",
          "@/.snapshots/1/snapshot",
        );
        const fstab = [
          "/ ",
          "/var subvol=/@/var",
          "/usr/local subvol=/@/usr-local",
          "/boot/grub2 subvol=@/boot-grub2",
        ]
          .map((line) => line.split(" "))
          .map(([path, option]) => `UUID=${uuid} ${path} btrfs ${option || "defaults"} 0 0\n`)
          .join("");
        const root = join(top, "@/.snapshots/1/snapshot");
        system(root, `${fstab}UUID=${uuid} /.snapshots btrfs subvol=/@/.snapshots 0 0\n`, "", {
          ...named("snapshot 1"),
          "/boot/grub/grub.cfg": "",
          "/usr/local/lib/hidden": "",
          "/boot/grub2/hidden": "",
          "/var/hidden": "",
        });
        rmSync(join(root, "boot/grub"), { recursive: true });
        write(join(top, "@/usr-local"), { "/lib/sysctl.d/90.conf": OFF });
        write(join(top, "@/boot-grub2"), {
          "/grub.cfg": `set btrfs_relative_path="yes"\nmenuentry 'SUSE' {\n\tlinux /boot/${KERNEL} root=UUID=${uuid}\n}\n`,
        });
        run("mkdir", ["-p", join(top, "@/.snapshots/2")]);
        run("btrfs", ["-q", "subvolume", "snapshot", root, join(top, "@/.snapshots/2/snapshot")]);
        write(join(top, "@/.snapshots/2/snapshot"), named("snapshot 2"));
        run("btrfs", ["subvolume", "set-default", root]);
      },
    });
    expect(mounts).toEqual([
      "/ btrfs",
      "/var btrfs > subvol=@/var",
      "/usr/local btrfs > subvol=@/usr-local",
      "/boot/grub2 btrfs > subvol=@/boot-grub2",
      "/.snapshots btrfs > subvol=@/.snapshots",
    ]);
    expect(hostname()).toBe("# snapshot 1");
    expect(seen.file("/boot/grub2/grub.cfg").state).toBe("found");
    expect(prediction.state).toBe("off");
  });

  test("MicroOS: what an overlay on /etc hides is never a pass", async () => {
    const { prediction, seen } = await machine({
      fill(top, uuid) {
        subvolumes(top, "@", "@/.snapshots", "@/var", "@/.snapshots/1/snapshot");
        const root = join(top, "@/.snapshots/1/snapshot");
        const overlay =
          "overlay /etc overlay defaults,lowerdir=/sysroot/etc,upperdir=/sysroot/var/lib/overlay/1/etc,workdir=/sysroot/var/lib/overlay/1/work-etc 0 0\n";
        system(root, `UUID=${uuid} / btrfs ro 0 0\n${overlay}`, `root=UUID=${uuid}`, {
          "/etc/sysctl.d/90-ipv6.conf": OFF,
        });
        run("btrfs", ["subvolume", "set-default", root]);
      },
    });
    expect(seen.file("/etc/sysctl.conf")).toMatchObject({
      state: "unreadable",
      reason: expect.stringContaining("overlay"),
    });
    expect(prediction.state).not.toBe("off");
  });

  test.each(["@rootfs", "@", "odd/place"])("Debian, Ubuntu and others: %s, GRUB inside", async (path) => {
    const { mounts, prediction, hostname, notes } = await machine({
      fill(top, uuid) {
        subvolumes(top, path, "@home");
        system(join(top, path), `UUID=${uuid} / btrfs defaults,subvol=${path} 0 0\n`, "", {
          ...named(path),
          "/etc/sysctl.d/90-ipv6.conf": OFF,
          "/boot/grub/grub.cfg": `source /${path}/boot/grub/more.cfg\n`,
          "/boot/grub/more.cfg": `menuentry 'x' {\n\tlinux /${path}/boot/${KERNEL} ro rootflags=subvol=${path}\n}\n`,
        });
      },
    });
    expect(mounts).toEqual([`/ btrfs > subvol=${path}`]);
    expect(notes).not.toContain("command line");
    expect(hostname()).toBe(`# ${path}`);
    expect(prediction.state).toBe("off");
  });

  describe("several roots", () => {
    const two = (top: string, uuid: string, cmdline: string, fstab: readonly [string, string]): void => {
      subvolumes(top, "root", "@");
      for (const [i, path] of ["root", "@"].entries())
        system(join(top, path), `UUID=${uuid} / btrfs ${fstab[i] ?? ""} 0 0\n`, cmdline, named(path));
    };

    test("the command line decides", async () => {
      const { hostname, notes } = await machine({
        fill: (top, uuid) => two(top, uuid, "ro rootflags=subvol=/@", ["subvol=root", "subvol=@"]),
      });
      expect(hostname()).toBe("# @");
      expect(notes).toMatch(/another root file system lies in .*subvol=root; judged: .*subvol=@/);
    });

    test("by subvolid, too", async () => {
      const { hostname } = await machine({
        fill: (top, uuid) => two(top, uuid, "ro rootflags=noatime,subvolid=257", ["subvol=root", "subvol=@"]),
      });
      expect(hostname()).toBe("# @");
    });

    test("else the one whose own fstab names it", async () => {
      const { hostname } = await machine({
        fill(top, uuid) {
          two(top, uuid, "ro", ["subvol=@", "subvolid=257"]);
          for (const path of ["root", "@"]) rmSync(join(top, path, "boot"), { recursive: true });
        },
      });
      expect(hostname()).toBe("# @");
    });

    test("the default, when the command line names none and it is a root", async () => {
      const { hostname, mounts } = await machine({
        fill(top, uuid) {
          two(top, uuid, "ro", ["subvol=root", "subvol=@"]);
          system(top, `UUID=${uuid} / btrfs defaults 0 0\n`, "ro", named("top"));
        },
      });
      expect(mounts).toEqual(["/ btrfs"]);
      expect(hostname()).toBe("# top");
    });

    test("a subvolume that is not there is no root to be read", async () => {
      const { seen, prediction, notes } = await machine({
        fill: (top, uuid) => two(top, uuid, "ro rootflags=subvol=gone", ["subvol=root", "subvol=@"]),
      });
      expect(seen.file("/etc/sysctl.conf").state).toBe("unreadable");
      expect(notes).toMatch(/names this subvolume, which is not here .*subvol=gone/);
      expect(prediction.state).not.toBe("off");
    });
  });
});

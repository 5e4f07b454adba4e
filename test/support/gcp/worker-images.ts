import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeGuestDisk, writeFiles } from "../guest-disk.ts";
import { buildHive, type HiveTree } from "../hive.ts";
import { run, unmount } from "../images.ts";
import { DEBIAN_12, type FlatFiles, grubConfig } from "../machine.ts";
import { makeNtfs, NTFS_NEEDS } from "../ntfs.ts";

export const WORKER_IMAGE_NEEDS: readonly string[] = [
  "mke2fs",
  "mkfs.fat",
  "mcopy",
  "mkfs.xfs",
  "mkfs.btrfs",
  "btrfs",
  "sfdisk",
  "losetup",
  ...NTFS_NEEDS,
];

const FILES: FlatFiles = {
  ...DEBIAN_12,
  "/etc/sysctl.d/90-ipv6.conf": "net.ipv6.conf.all.disable_ipv6 = 1\n",
  "/etc/modprobe.d/ipv6.conf": "options ipv6 disable=0\n",
  "/etc/systemd/network/10-eth.network": "[Match]\nName=en*\n[Network]\nDHCP=yes\nIPv6AcceptRA=no\n",
  "/usr/lib/systemd/system/networking.service": "[Unit]\nDescription=Raise network interfaces\n",
  "/usr/bin/true": "",
  "/var/lib/x": "",
  // Not what the layers want: what is not asked for is not sent.
  ...Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`/usr/share/doc/p${i}/copyright`, `${i}`.repeat(3000)]),
  ),
};

export interface WorkerImage {
  readonly fs: "ext4" | "xfs" | "btrfs" | "ntfs";
  readonly path: string;
}

/** A GPT disk for each file system, with a machine on it. Needs root for all but ext4. */
export async function workerImages(folder: string): Promise<readonly WorkerImage[]> {
  return [
    { fs: "ext4", path: ext4Image(folder) },
    {
      fs: "xfs",
      path: mountedImage(folder, "xfs", 320, ["mkfs.xfs", "-q"], (root) => writeFiles(root, FILES)),
    },
    { fs: "btrfs", path: mountedImage(folder, "btrfs", 256, ["mkfs.btrfs", "-q"], btrfsRoot) },
    { fs: "ntfs", path: await ntfsImage(folder) },
  ];
}

export function ext4Image(folder: string): string {
  const few = Object.entries(FILES).filter(([path]) => !/doc\/p\d{2,}/.test(path));
  return makeGuestDisk(join(folder, "ext4"), [
    { files: { "/EFI/debian/grub.cfg": "configfile x\n" }, vfat: true },
    { files: Object.fromEntries(few), fsUuid: "33333333-3333-4333-8333-333333333333" },
  ]);
}

/** As Fedora has it: the root is a subvolume that the command line names. */
function btrfsRoot(mount: string): void {
  run("btrfs", ["subvolume", "create", join(mount, "root")]);
  const cfg = grubConfig("rootflags=subvol=root");
  writeFiles(join(mount, "root"), { ...FILES, "/boot/grub/grub.cfg": cfg });
}

function mountedImage(
  folder: string,
  type: string,
  mebibytes: number,
  make: readonly string[],
  fill: (root: string) => void,
): string {
  const area = join(folder, type);
  const mount = join(area, "mount");
  const part = join(area, "part");
  mkdirSync(mount, { recursive: true });
  writeFileSync(part, "");
  truncateSync(part, mebibytes << 20);
  const [program = "", ...args] = make;
  run(program, [...args, part]);
  run("mount", ["-o", "loop", part, mount]);
  try {
    fill(mount);
  } finally {
    unmount(mount);
  }
  return asDisk(area, part, mebibytes, "L");
}

/** A Windows with that value of DisabledComponents: 0xff has IPv6 off. */
export async function ntfsImage(folder: string, disabledComponents = 0xff): Promise<string> {
  const area = join(folder, `ntfs-${disabledComponents}`);
  mkdirSync(area, { recursive: true });
  const part = await makeNtfs(48 << 20, [], (mount) => {
    const config = join(mount, "Windows/System32/config");
    mkdirSync(config, { recursive: true });
    for (let i = 0; i < 300; i++) writeFileSync(join(mount, "Windows/System32", `lib${i}.dll`), `${i}`);
    writeFileSync(join(config, "SYSTEM"), systemHive(disabledComponents));
  });
  return asDisk(area, part, 48, "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7");
}

function systemHive(disabledComponents: number): Uint8Array {
  const services: Record<string, HiveTree> = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [
      `Service${i}`,
      { values: { Start: 3, Description: "x".repeat(200) } },
    ]),
  );
  services.Tcpip6 = {
    values: { Start: 1 },
    keys: { Parameters: { values: { DisabledComponents: disabledComponents } } },
  };
  return buildHive({
    keys: { Select: { values: { Current: 1 } }, ControlSet001: { keys: { Services: { keys: services } } } },
  });
}

function asDisk(area: string, part: string, mebibytes: number, type: string): string {
  const disk = join(area, "disk");
  writeFileSync(disk, "");
  truncateSync(disk, (mebibytes + 2) << 20);
  run("sfdisk", ["-q", disk], { input: `label: gpt\nstart=2048,size=${mebibytes * 2048},type=${type}\n` });
  run("dd", [`if=${part}`, `of=${disk}`, "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none"]);
  return disk;
}

import { existsSync } from "node:fs";
import { join } from "node:path";

/** Other programs that read the same files out of an image, where they are installed. */
export interface Peer {
  readonly name: string;
  readonly needs: string;
  /** What reads the files of FILES (or as few as it can) out of this image; undefined: it cannot. */
  command(image: string): readonly [string, ...string[]] | undefined;
}

const FILES = [
  "/etc/os-release",
  "/etc/fstab",
  "/etc/sysctl.conf",
  "/etc/sysctl.d/60-hardening.conf",
  "/etc/sysctl.d/90-ipv6.conf",
  "/etc/modprobe.d/ipv6.conf",
  "/usr/lib/sysctl.d/50-pid-max.conf",
  "/usr/lib/sysctl.d/99-protect-links.conf",
  "/boot/grub/grub.cfg",
];

/** Where the root file systems of the raw images begin. */
const EXT4_ROOT = 125 << 20;
const XFS_ROOT = 725 << 20;
const NTFS_ROOT = 141 << 20;

/** For programs that take no offset: a read-only loop device (root only), which costs some milliseconds. */
function onLoop(
  image: string,
  end: string,
  offset: number,
  command: string,
): readonly [string, ...string[]] | undefined {
  if (!image.endsWith(end) || process.getuid?.() !== 0) return undefined;
  const script = `dev=$(losetup -rf --show -o ${offset} "$0") && trap 'losetup -d "$dev"' EXIT && ${command}`;
  return ["sh", "-c", script, image];
}

function mounted(options: string): string {
  return `folder=$(mktemp -d) && mount -o ${options} "$dev" "$folder" && { (cd "$folder" && cat ${FILES.map((file) => `.${file}`).join(" ")} || true); umount "$folder"; rmdir "$folder"; }`;
}

const ALL: readonly Peer[] = [
  {
    name: "debugfs",
    needs: "debugfs",
    command: (image) =>
      image.endsWith("ext4.raw")
        ? ["debugfs", `${image}?offset=${EXT4_ROOT}`, ...FILES.flatMap((file) => ["-R", `cat ${file}`])]
        : undefined,
  },
  {
    name: "xfs_db",
    needs: "xfs_db",
    command: (image) => onLoop(image, "xfs.raw", XFS_ROOT, `xfs_db -r -c 'ls /etc/sysctl.d' "$dev"`),
  },
  {
    name: "btrfs restore",
    needs: "btrfs",
    command: (image) =>
      onLoop(
        image,
        "btrfs.raw",
        XFS_ROOT,
        `btrfs restore -D --path-regex '^/(|root(|/etc(|/sysctl\\.d(|/.*))))$' "$dev" /tmp`,
      ),
  },
  {
    name: "ntfscat",
    needs: "ntfscat",
    command: (image) =>
      onLoop(image, "ntfs.raw", NTFS_ROOT, `ntfscat -f "$dev" Windows/System32/config/SYSTEM`),
  },
  {
    name: "Sleuth Kit",
    needs: "icat",
    command: (image) =>
      image.endsWith("ext4.raw")
        ? [
            "sh",
            "-c",
            `image=$1 offset=$2; shift 2; for file do inode=$(ifind -o "$offset" -n "$file" "$image") && icat -o "$offset" "$image" "$inode"; done`,
            "sh",
            image,
            String(EXT4_ROOT / 512),
            ...FILES,
          ]
        : undefined,
  },
  {
    name: "kernel mount",
    needs: "mount",
    command: (image) =>
      onLoop(image, "ext4.raw", EXT4_ROOT, mounted("ro,noload")) ??
      onLoop(image, "xfs.raw", XFS_ROOT, mounted("ro,norecovery,nouuid")) ??
      onLoop(image, "btrfs.raw", XFS_ROOT, mounted("ro,subvol=root")),
  },
  {
    name: "guestfish",
    needs: "guestfish",
    command: (image) => [
      "guestfish",
      "--ro",
      "-a",
      image,
      "-i",
      ...FILES.flatMap((file, at) => [...(at > 0 ? [":"] : []), "cat", file]),
    ],
  },
  {
    name: "7z",
    needs: "7z",
    command: (image) => ["7z", "l", image],
  },
];

export function installedPeers(): readonly Peer[] {
  const folders = (process.env.PATH ?? "").split(":").concat("/usr/sbin", "/sbin");
  return ALL.filter(({ needs }) => folders.some((folder) => existsSync(join(folder, needs))));
}

import { existsSync } from "node:fs";
import { join } from "node:path";

/** Other programs that read the same files out of an image, where they are installed. */
export interface Peer {
  readonly name: string;
  readonly needs: string;
  /** Fits images whose root file system starts at this many bytes into a raw file; undefined: cannot read it. */
  command(image: string, rootOffset: number): readonly [string, ...string[]] | undefined;
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

const ALL: readonly Peer[] = [
  {
    name: "debugfs",
    needs: "debugfs",
    command: (image, rootOffset) =>
      image.endsWith(".raw")
        ? ["debugfs", `${image}?offset=${rootOffset}`, ...FILES.flatMap((file) => ["-R", `cat ${file}`])]
        : undefined,
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

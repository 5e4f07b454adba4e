import type { DiskVolume } from "../disk/disk.ts";
import type { FileSystem, Subvolume } from "../disk/filesystems/driver.ts";
import type { Mount } from "../disk/filesystems/tree.ts";
import { isReadError, type ScanError } from "../errors.ts";
import { isBootType } from "./discoverable.ts";
import { withSubvolumes } from "./subvolumes.ts";

/**
 * What a file system is for, judged by the names in its root folder. `etc`: a root, if there is no better;
 * `ostree`: a root lies in one of its folders.
 */
export type Role = "root" | "etc" | "ostree" | "usr" | "boot" | "esp" | "other";

export interface Candidate {
  readonly volume: DiskVolume;
  readonly fs: FileSystem;
  readonly locator: string;
  readonly role: Role;
  /** When it is not what a plain mount of the volume shows. */
  readonly subvolume?: Subvolume;
  /** Why its root folder could not be listed. */
  readonly error?: ScanError;
  /** What a mount of it shows, when it is a folder of that. */
  readonly whole?: Mounted;
  /** Mounts that come with it as the root. */
  readonly mounts?: readonly Mount[];
  /** What a reviewer should know when it is the root. */
  readonly notes?: readonly string[];
}

/** The EFI system partition says what it is: GPT type (UEFI 2.11, section 5.3.3) and MBR type. */
const ESP_TYPES = new Set(["c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "ef"]);

/** Looks at every file system's root folder, and at subvolumes that may be roots, all side by side. */
export async function candidates(volumes: readonly DiskVolume[]): Promise<readonly Candidate[]> {
  const found = await Promise.all(
    volumes.flatMap((volume) => {
      if (volume.content.kind !== "filesystem") return [];
      const { subvolumes } = volume.content.fs;
      return subvolumes
        ? withSubvolumes(volume, volume.content, subvolumes, look)
        : look(volume, volume.content).then((one) => [one]);
    }),
  );
  return found.flat();
}

export interface Mounted {
  readonly fs: FileSystem;
  readonly locator: string;
}

/** What one mount would show at its root. */
export type Look = (volume: DiskVolume, mounted: Mounted) => Promise<Candidate>;

export async function look(volume: DiskVolume, { fs, locator }: Mounted): Promise<Candidate> {
  // Its firmware-readable ones look like an ESP. Boot loaders read it whatever the flag against mounting says.
  if (volume.partition && isBootType(volume.partition)) return { volume, fs, locator, role: "boot" };
  if (fs.type === "vfat" && ESP_TYPES.has(volume.partition?.type ?? ""))
    return { volume, fs, locator, role: "esp" };
  try {
    const entries = await (await fs.root()).list();
    return { volume, fs, locator, role: roleOf(fs, new Set(entries.map((entry) => entry.name))) };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { volume, fs, locator, role: "other", error };
  }
}

function roleOf(fs: FileSystem, names: ReadonlySet<string>): Role {
  const has = (...some: readonly string[]): boolean => some.some((name) => names.has(name));
  // Drive C can have folders of a Unix beside (Cygwin); it boots none.
  if (fs.type === "ntfs" && [...names].some((name) => name.toLowerCase() === "windows")) return "other";
  const physical = has("ostree") && !has("usr");
  if (has("etc") && !physical && has("usr", "bin", "sbin", "lib", "boot", "var")) return "root";
  if (fs.type === "vfat" && has("EFI", "efi")) return "esp";
  if (has("grub", "grub2", "loader", "extlinux", "syslinux")) return "boot";
  if ([...names].some((name) => /^(vmlinu[xz]|config-|initr)/.test(name))) return "boot";
  if (has("ostree")) return "ostree";
  if (["bin", "lib", "share"].every((name) => names.has(name)) && !has("etc", "usr")) return "usr";
  return has("etc") ? "etc" : "other";
}

import type { DiskVolume } from "../disk/disk.ts";
import type { FileSystem } from "../disk/filesystems/driver.ts";
import { isReadError, type ScanError } from "../errors.ts";

/** What a file system is for, judged by the names in its root folder. `etc`: a root, if there is no better. */
export type Role = "root" | "etc" | "boot" | "esp" | "other";

export interface Candidate {
  readonly volume: DiskVolume;
  readonly fs: FileSystem;
  readonly locator: string;
  readonly role: Role;
  /** Why its root folder could not be listed. */
  readonly error?: ScanError;
}

/** The EFI system partition says what it is: GPT type (UEFI 2.11, section 5.3.3) and MBR type. */
const ESP_TYPES = new Set(["c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "ef"]);

/** Looks at every file system's root folder, all in one round. */
export function candidates(volumes: readonly DiskVolume[]): Promise<readonly Candidate[]> {
  return Promise.all(
    volumes.flatMap((volume) => (volume.content.kind === "filesystem" ? [look(volume, volume.content)] : [])),
  );
}

async function look(
  volume: DiskVolume,
  { fs, locator }: { readonly fs: FileSystem; readonly locator: string },
): Promise<Candidate> {
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
  if (has("etc") && has("usr", "bin", "sbin", "lib", "boot", "var")) return "root";
  if (fs.type === "vfat" && has("EFI", "efi")) return "esp";
  if (has("grub", "grub2", "loader", "extlinux", "syslinux")) return "boot";
  if ([...names].some((name) => /^(vmlinu[xz]|config-|initr)/.test(name))) return "boot";
  return has("etc") ? "etc" : "other";
}

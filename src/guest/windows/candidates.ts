import type { DiskVolume } from "../../disk/disk.ts";
import type { FileSystem } from "../../disk/filesystems/driver.ts";
import { Tree } from "../../disk/filesystems/tree.ts";
import { isReadError, type ScanError } from "../../errors.ts";
import { anyCase } from "./any-case.ts";
import { isForWindows } from "./volumes.ts";

/** A file system, and the volume it lies in when it lies on a disk. */
export interface Root {
  readonly fs: FileSystem;
  readonly locator: string;
  readonly volume?: DiskVolume;
}

/** A volume that may hold the Windows that boots. */
export type Candidate =
  | (Root & { readonly state: "read"; readonly tree: Tree; readonly hasHive: boolean })
  | {
      readonly state: "unread";
      readonly locator: string;
      readonly volume?: DiskVolume;
      readonly error: ScanError;
    };

export type ReadCandidate = Extract<Candidate, { state: "read" }>;

const SYSTEM = "/Windows/System32/config/SYSTEM";

/** Every volume with a Windows folder, and those that could have one and were not read. */
export async function candidatesAmong(
  roots: readonly Root[],
  volumes: readonly DiskVolume[],
): Promise<readonly Candidate[]> {
  const locked = volumes.flatMap((volume): readonly Candidate[] => {
    const { content, data } = volume;
    if (content.kind !== "unread" || !isForWindows(volume)) return [];
    return [{ state: "unread", locator: data.label, volume, error: content.error }];
  });
  const looked = await Promise.all(roots.map(look));
  const found = [...looked.filter((one) => one !== undefined), ...locked];
  // Of one alone it does not matter: looking would only make everything else wait.
  return found.length === 1 ? found : Promise.all(found.map(withHive));
}

/** The volumes of a disk that could boot a Windows: those with a SYSTEM hive, and those that were not read. */
export async function bootableAmong(volumes: readonly DiskVolume[]): Promise<readonly Candidate[]> {
  const able = volumes.filter(isForWindows);
  const roots = able.flatMap((volume) =>
    volume.content.kind === "filesystem" ? [{ ...volume.content, volume }] : [],
  );
  const found = await Promise.all((await candidatesAmong(roots, able)).map(withHive));
  return found.filter((one) => one.state === "unread" || one.hasHive);
}

/** Whether files without a disk are a Windows: folders of a Unix can lie in it, too. */
export async function isWindows(fs: FileSystem, locator: string): Promise<boolean> {
  const found = await look({ fs, locator });
  return found?.state === "read" && (await holdsHive(found.tree));
}

async function look(from: Root): Promise<Candidate | undefined> {
  const { locator, volume } = from;
  const fs = anyCase(from.fs);
  if (fs.type === "vfat") return undefined; // Windows does not boot from it; an ESP has other folders
  try {
    const names = await (await fs.root()).list();
    if (!names.some(({ name }) => name.toLowerCase() === "windows")) return undefined;
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { state: "unread", locator, error, ...(volume ? { volume } : {}) };
  }
  return { ...from, fs, state: "read", tree: new Tree([{ path: "/", locator, fs }]), hasHive: true };
}

async function withHive(one: Candidate): Promise<Candidate> {
  if (one.state === "unread") return one;
  return { ...one, hasHive: await holdsHive(one.tree) };
}

async function holdsHive(tree: Tree): Promise<boolean> {
  return (await tree.resolve(SYSTEM)).state !== "absent";
}

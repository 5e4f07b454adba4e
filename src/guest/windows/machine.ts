import type { DiskVolume } from "../../disk/disk.ts";
import type { FileSystem } from "../../disk/filesystems/driver.ts";
import { Tree } from "../../disk/filesystems/tree.ts";
import { isReadError } from "../../errors.ts";
import type { RegistryWant } from "../../model/registry.ts";
import type { Asks } from "../../model/snapshot.ts";
import { extract } from "../extract.ts";
import type { Examined } from "../machine.ts";
import { readRegistry } from "./registry.ts";

interface Root {
  readonly fs: FileSystem;
  readonly locator: string;
}

/**
 * Finds the volume that Windows boots from and fetches what is asked for: files, and keys of its registry.
 * Undefined when no volume has a Windows folder.
 */
export async function examineWindows(
  roots: readonly Root[],
  asks: readonly Asks[],
  wants: readonly RegistryWant[],
): Promise<Examined | undefined> {
  const found = await windowsAmong(roots);
  const [first, ...others] = found;
  if (!first) return undefined;
  const tree = new Tree([{ path: "/", locator: first.locator, fs: first.fs }]);
  const [snapshot, { registry, notes, doubts }] = await Promise.all([
    extract(tree, asks),
    readRegistry(tree, wants),
  ]);
  return {
    tree,
    snapshot: { ...snapshot, registry },
    doubts,
    notes: [
      ...others.map(({ locator }) => `another Windows lies in ${locator}; judged: ${first.locator}`),
      ...first.fs.notes.map((note) => `${first.locator}: ${note}`),
      ...notes,
    ],
  };
}

export function fileSystemsOf(volumes: readonly DiskVolume[]): readonly Root[] {
  return volumes.flatMap(({ content }) => (content.kind === "filesystem" ? [content] : []));
}

/** Those that hold Windows; one with a SYSTEM hive comes before one without (a recovery partition, a leftover). */
async function windowsAmong(roots: readonly Root[]): Promise<readonly Root[]> {
  const looked = await Promise.all(
    roots.map(async (root) => {
      if (!(await hasWindows(root))) return undefined;
      if (roots.length === 1) return { root, rank: 0 };
      const tree = new Tree([{ path: "/", locator: root.locator, fs: root.fs }]);
      const hive = await tree.resolve("/Windows/System32/config/SYSTEM");
      return { root, rank: hive.state === "found" ? 0 : 1 };
    }),
  );
  return looked
    .filter((one) => one !== undefined)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ root }) => root);
}

async function hasWindows({ fs }: Root): Promise<boolean> {
  if (fs.type === "vfat") return false; // Windows does not boot from it; an ESP has other folders
  try {
    const root = await fs.root();
    return (await root.list()).some(({ name }) => name.toLowerCase() === "windows");
  } catch (error) {
    if (!isReadError(error)) throw error;
    return false;
  }
}

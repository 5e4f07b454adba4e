import type { FileSystem } from "../disk/filesystems/driver.ts";
import type { Located, Mount, Tree } from "../disk/filesystems/tree.ts";

export type FoundFolder = Extract<Located, { state: "found" }>;

/** The folder at `path`, links followed; undefined when there is none. @throws what cannot be read */
export async function folderAt(tree: Tree, path: string): Promise<FoundFolder | undefined> {
  const located = await tree.resolve(path);
  if (located.state === "unreadable") throw located.error;
  return located.state === "found" && located.node.type === "directory" ? located : undefined;
}

/** A folder as a file system of its own: what a bind mount of it shows. */
export function folderAsFileSystem(
  of: FileSystem,
  folder: FoundFolder,
  notes: readonly string[] = [],
): FileSystem {
  const { type, label, uuid, features, caseSensitive } = of;
  return {
    type,
    label,
    uuid,
    features,
    caseSensitive,
    notes,
    // Asked anew: it may depend on what was read by then.
    get stale() {
      return of.stale;
    },
    root: () => Promise.resolve(folder.node),
  };
}

export function bindMount(path: string, of: FileSystem, folder: FoundFolder): Mount {
  return { path, locator: folder.locator, fs: folderAsFileSystem(of, folder) };
}

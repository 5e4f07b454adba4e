import type { DirEntry, FsNode } from "../disk/filesystems/driver.ts";

/**
 * Two folders as one: what the upper has hides what the lower has, and folders that both have are merged. A
 * device node above hides and is nothing itself. Source: Linux Documentation/filesystems/overlayfs.rst.
 */
export function union(upper: FsNode, lower: FsNode): FsNode {
  return {
    id: `${upper.id}+${lower.id}`,
    type: "directory",
    sizeBytes: upper.sizeBytes,
    ...(upper.mode === undefined ? {} : { mode: upper.mode }),
    ...(upper.uid === undefined ? {} : { uid: upper.uid }),
    async lookup(name) {
      const [above, below] = await Promise.all([upper.lookup(name), lower.lookup(name)]);
      if (above === undefined) return below;
      if (isWhiteout(above.type)) return undefined;
      return above.type === "directory" && below?.type === "directory" ? union(above, below) : above;
    },
    async list() {
      const [above, below] = await Promise.all([upper.list(), lower.list()]);
      const merged = new Map<string, DirEntry>([...below, ...above].map((entry) => [entry.name, entry]));
      return [...merged.values()].filter(({ type }) => !isWhiteout(type));
    },
    readLink: () => upper.readLink(),
    content: () => upper.content(),
  };
}

function isWhiteout(type: FsNode["type"] | undefined): boolean {
  return type !== undefined && type !== "file" && type !== "directory" && type !== "symlink";
}

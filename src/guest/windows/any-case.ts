import type { FileSystem, FsNode } from "../../disk/filesystems/driver.ts";

/** The same files as Windows would see them: a name that is not there exactly matches in another case, too. */
export function anyCase(fs: FileSystem): FileSystem {
  if (!fs.caseSensitive) return fs;
  const { type, label, uuid, features, notes } = fs;
  return {
    type,
    label,
    uuid,
    features,
    notes,
    caseSensitive: false,
    get stale() {
      return fs.stale;
    },
    root: async () => folded(await fs.root()),
  };
}

function folded(node: FsNode): FsNode {
  const { id, type, sizeBytes, mode, uid } = node;
  return {
    id,
    type,
    sizeBytes,
    ...(mode === undefined ? {} : { mode }),
    ...(uid === undefined ? {} : { uid }),
    async lookup(name) {
      const exact = await node.lookup(name);
      if (exact) return folded(exact);
      const wanted = name.toLowerCase();
      const near = (await node.list()).find((entry) => entry.name.toLowerCase() === wanted);
      return near && folded(await near.open());
    },
    list: async () =>
      (await node.list()).map((entry) => ({ ...entry, open: async () => folded(await entry.open()) })),
    readLink: () => node.readLink(),
    content: () => node.content(),
  };
}

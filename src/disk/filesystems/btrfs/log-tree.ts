/**
 * What fsync left for a mount to replay. It is not replayed here, but which inodes it is about can be told: all that is
 * read of others is what a mount would show. Source: Linux fs/btrfs/tree-log.c (what is logged, and what a replay
 * does with it); Btrfs documentation, "On-disk format".
 */
import { corrupt, limitReached } from "../../../errors.ts";
import { ITEM, type Key, OFFSET_MAX } from "./keys.ts";
import { scan } from "./search.ts";
import type { Item } from "./tree-node.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

const TREE_LOG = 0xfffffffffffffffan;
const EXTENDED_REF_BYTES = 18;
const LEVEL_MAX = 7;
/** A log holds what was written since the last commit, 30 seconds ago. */
const ITEMS_MAX = 1 << 18;
const ALL: { readonly from: Key; readonly to: Key } = {
  from: { objectid: 0n, type: 0, offset: 0n },
  to: { objectid: OFFSET_MAX, type: 0xff, offset: OFFSET_MAX },
};

/** How an inode of a subvolume is named among those of the log. */
export function loggedKey(subvolume: bigint, inode: bigint): string {
  return `${subvolume}:${inode}`;
}

/**
 * Every inode whose contents, names or place a replay may change: those that are logged, and the folders that their
 * logged names lie in. A file that was moved away is itself among them. @throws when the log cannot be read
 */
export async function loggedInodes(volume: BtrfsVolume): Promise<ReadonlySet<string>> {
  const { logTree, generation } = volume.superblock;
  const roots: TreeRoot[] = [];
  const root: TreeRoot = { ...logTree, generation: generation + 1n, id: TREE_LOG };
  await scan(volume, root, ALL, ({ key, data }) => {
    if (key.objectid !== TREE_LOG || key.type !== ITEM.root) return;
    const [bytenr, level] = [data.u64le(176), data.u8(238)];
    if (level > LEVEL_MAX) throw corrupt(volume.label, `Btrfs log tree of level ${level}`, data.base);
    roots.push({ bytenr, level, generation: data.big64le(160), id: key.offset });
  });
  const inodes = new Set<string>();
  let items = 0;
  for (const one of roots)
    await scan(volume, one, ALL, (item) => {
      if (++items > ITEMS_MAX)
        throw limitReached(volume.label, `Btrfs log tree of more than ${ITEMS_MAX} items`);
      inodes.add(loggedKey(one.id, item.key.objectid));
      for (const parent of parentsIn(item)) inodes.add(loggedKey(one.id, parent));
    });
  return inodes;
}

/** The folders that an inode's names lie in. */
function parentsIn({ key, data }: Item): readonly bigint[] {
  if (key.type === ITEM.inodeRef) return [key.offset];
  if (key.type !== ITEM.inodeExtendedRef) return [];
  const parents: bigint[] = [];
  for (let at = 0; at < data.length; at += EXTENDED_REF_BYTES + data.u16le(at + 16))
    parents.push(data.big64le(at));
  return parents;
}

import { limitReached } from "../../../errors.ts";
import { compareKeys, type Key } from "./keys.ts";
import type { Item, NodeRef } from "./tree-node.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

/** Nodes one search may read: a folder of a million names fits. */
const NODES_MAX = 1 << 16;
/** Nodes read side by side: 8 MiB at the largest. */
const BATCH = 128;

/** Items from `from` to `to`, both included; with `orBefore` also the last one before `from`. */
export interface KeyRange {
  readonly from: Key;
  readonly to: Key;
  readonly orBefore?: boolean;
}

/** Visits the items of a range in order; reads only the nodes that lead to them, those of a level together. */
export async function scan(
  volume: BtrfsVolume,
  root: TreeRoot,
  range: KeyRange,
  visit: (item: Item) => void,
): Promise<void> {
  await visitNode(volume, root, root.id, range, visit, { nodesLeft: NODES_MAX });
}

/** The item of exactly this key. */
export async function findItem(volume: BtrfsVolume, root: TreeRoot, key: Key): Promise<Item | undefined> {
  let found: Item | undefined;
  await scan(volume, root, { from: key, to: key }, (item) => {
    found = item;
  });
  return found;
}

async function visitNode(
  volume: BtrfsVolume,
  ref: NodeRef,
  tree: bigint,
  range: KeyRange,
  visit: (item: Item) => void,
  budget: { nodesLeft: number },
): Promise<void> {
  if (--budget.nodesLeft < 0)
    throw limitReached(volume.label, `Btrfs tree ${tree}: more than ${NODES_MAX} nodes in one search`);
  const node = await volume.node(ref, tree);
  const upTo = node.lastUpTo(range.from);
  if (node.level === 0) {
    for (let i = Math.max(0, upTo); i < node.keys.length; i++) {
      const item = node.item(i);
      if (compareKeys(item.key, range.to) > 0) return;
      if (range.orBefore || compareKeys(item.key, range.from) >= 0) visit(item);
    }
    return;
  }
  const children: NodeRef[] = [];
  for (let i = Math.max(0, upTo); i < node.keys.length; i++) {
    const child = node.child(i);
    if (child.first && compareKeys(child.first, range.to) > 0) break;
    children.push(child);
  }
  for (let at = 0; at < children.length; at += BATCH) {
    const batch = children.slice(at, at + BATCH);
    // Ask for all, then visit in order: what was read waits in the cache.
    if (batch.length > 1)
      await Promise.all(batch.map((child) => volume.node(child, tree).catch(() => undefined)));
    for (const child of batch) await visitNode(volume, child, tree, range, visit, budget);
  }
}

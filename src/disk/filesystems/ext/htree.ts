import type { View } from "../../bytes/view.ts";
import { hashName } from "./hash.ts";
import type { Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

const ROOT_ENTRIES = 0x20;
const NODE_ENTRIES = 8;
const ENTRY_BYTES = 8;
const LEVELS_MAX = 3;
/** A hash that goes on in the next leaf has its lowest bit set there. */
const CONTINUED = 1;
const LEAVES_MAX = 64;

/**
 * The leaf blocks in which `name` can stand, first first; undefined when the index is of a kind that cannot be
 * used, so that the directory has to be read from front to back. `readBlock` rejects what its checksum does not
 * match: a wrong index would say that a name is absent. Source: ext4/directory.rst, "Hash Tree
 * Directories".
 */
export async function findLeaves(
  volume: ExtVolume,
  inode: Inode,
  name: Uint8Array,
  readBlock: (block: number) => Promise<View>,
): Promise<readonly number[] | undefined> {
  const blocks = Math.floor(inode.sizeBytes / volume.superblock.blockBytes);
  const root = await readBlock(0);
  const levels = root.u8(0x1e);
  if (root.u32le(0x18) !== 0 || root.u8(0x1d) !== 8 || levels >= LEVELS_MAX) return undefined;
  const hash = hashName(name, root.u8(0x1c), volume.superblock);
  if (hash === undefined) return undefined;

  let frontier: readonly number[] | undefined = candidates(root, ROOT_ENTRIES, hash);
  for (let level = 0; level < levels && frontier; level++) {
    const below: number[] = [];
    for (const block of frontier) {
      if (block >= blocks) return undefined;
      const next = candidates(await readBlock(block), NODE_ENTRIES, hash);
      if (!next) return undefined;
      below.push(...next);
    }
    frontier = below;
  }
  if (!frontier || frontier.length > LEAVES_MAX) return undefined;
  return frontier.every((block) => block < blocks) ? frontier : undefined;
}

/** The entry whose range holds the hash, and those after it that continue it. */
function candidates(node: View, at: number, hash: number): readonly number[] | undefined {
  const limit = node.u16le(at);
  const count = node.u16le(at + 2);
  if (count === 0 || count > limit || at + limit * ENTRY_BYTES > node.length) return undefined;
  const hashOf = (index: number): number => (index === 0 ? 0 : node.u32le(at + index * ENTRY_BYTES));
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (hashOf(middle) <= hash) low = middle;
    else high = middle - 1;
  }
  const found = [low];
  // The hash may begin in the leaf before the one that continues it.
  while (low > 0 && hashOf(low) === hash) found.unshift(--low);
  for (let next = (found.at(-1) ?? 0) + 1; next < count; next++) {
    if (hashOf(next) !== (hash | CONTINUED) >>> 0) break;
    found.push(next);
  }
  return found.map((index) => node.u32le(at + index * ENTRY_BYTES + 4));
}

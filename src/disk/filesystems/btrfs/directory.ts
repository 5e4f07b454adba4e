import { corrupt, unsupported } from "../../../errors.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { decodeName, encodeName } from "../../bytes/names.ts";
import type { View } from "../../bytes/view.ts";
import type { NodeType } from "../driver.ts";
import { entryTypeOf } from "../posix-node.ts";
import { ITEM, type Key, keyAt, OFFSET_MAX } from "./keys.ts";
import { findItem, scan } from "./search.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

// Source: Btrfs documentation, "On-disk format", DIR_ITEM and DIR_INDEX.

const ENTRY_BYTES = 30;
/** Start value of the register, no inversion at the end. Source: Linux fs/btrfs/ctree.h, btrfs_name_hash. */
const HASH_SEED = 0xfffffffe;
const NAME_MAX_BYTES = 255;
const ENTRIES_MAX = 1_000_001;
const ENCRYPTED = 0x80;
/** A name in a folder; `location` is the key of an inode, or of a subvolume's root item. */
export interface DirItem {
  readonly name: string;
  readonly location: Key;
  readonly type?: NodeType;
}

/** The entry of this name: names whose hashes collide share an item. */
export async function findDirItem(
  volume: BtrfsVolume,
  root: TreeRoot,
  folder: bigint,
  name: string,
): Promise<DirItem | undefined> {
  const bytes = encodeName(name);
  if (bytes.length === 0 || bytes.length > NAME_MAX_BYTES) return undefined;
  const hash = crc32cUpdate(HASH_SEED, bytes);
  const item = await findItem(volume, root, { objectid: folder, type: ITEM.dirItem, offset: BigInt(hash) });
  return item && parseEntries(item.data).find((entry) => entry.name === name);
}

/** Every entry, in the order in which they were made. */
export async function listDirItems(
  volume: BtrfsVolume,
  root: TreeRoot,
  folder: bigint,
): Promise<readonly DirItem[]> {
  const entries: DirItem[] = [];
  const key = (offset: bigint): Key => ({ objectid: folder, type: ITEM.dirIndex, offset });
  await scan(volume, root, { from: key(0n), to: key(OFFSET_MAX) }, ({ data }) => {
    if (entries.length < ENTRIES_MAX) entries.push(...parseEntries(data));
  });
  return entries;
}

function parseEntries(data: View): readonly DirItem[] {
  const entries: DirItem[] = [];
  for (let at = 0; at < data.length; ) {
    const nameBytes = data.u16le(at + 27);
    const type = data.u8(at + 29);
    if ((type & ENCRYPTED) !== 0)
      throw unsupported(data.label, "encrypted directory (fscrypt): no key", data.base + at);
    if (nameBytes === 0 || nameBytes > NAME_MAX_BYTES)
      throw corrupt(data.label, `Btrfs directory entry of type ${type}, ${nameBytes} bytes`, data.base + at);
    const kind = entryTypeOf(type);
    const name = decodeName(data.slice(at + ENTRY_BYTES, nameBytes));
    entries.push({ name, location: keyAt(data, at), ...(kind ? { type: kind } : {}) });
    at += ENTRY_BYTES + nameBytes + data.u16le(at + 25);
  }
  return entries;
}

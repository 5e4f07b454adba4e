import type { View } from "../../bytes/view.ts";

/** What every item of a Btrfs tree is found by. Source: Btrfs documentation, "On-disk format", "Keys". */
export interface Key {
  readonly objectid: bigint;
  readonly type: number;
  readonly offset: bigint;
}

export const KEY_BYTES = 17;

export const ITEM = {
  inode: 1,
  inodeRef: 12,
  inodeExtendedRef: 13,
  extentData: 108,
  dirItem: 84,
  dirIndex: 96,
  extentCsum: 128,
  root: 132,
  rootBackref: 144,
  rootRef: 156,
  chunk: 228,
} as const;

/** Object ids with a fixed meaning; the negative ones as unsigned. */
export const OBJECT = {
  rootTree: 1n,
  chunkTree: 3n,
  fsTree: 5n,
  csumTree: 7n,
  firstChunk: 256n,
  /** The first inode and the first subvolume besides the top level. */
  firstFree: 256n,
  extentCsum: 0xfffffffffffffff6n,
} as const;

export const OFFSET_MAX = 0xffffffffffffffffn;

export function keyAt(view: View, at: number): Key {
  return { objectid: view.big64le(at), type: view.u8(at + 8), offset: view.big64le(at + 9) };
}

export function compareKeys(a: Key, b: Key): number {
  if (a.objectid !== b.objectid) return a.objectid < b.objectid ? -1 : 1;
  if (a.type !== b.type) return a.type - b.type;
  if (a.offset !== b.offset) return a.offset < b.offset ? -1 : 1;
  return 0;
}

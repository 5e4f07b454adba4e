import { corrupt } from "../../../errors.ts";
import type { NodeType } from "../driver.ts";
import { typeOf } from "../posix-node.ts";
import { ITEM } from "./keys.ts";
import { findItem } from "./search.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

// Source: Btrfs documentation, "On-disk format", INODE_ITEM.

const INODE_BYTES = 160;
const NO_DATA_CHECKSUMS = 1n;

export interface Inode {
  readonly number: bigint;
  readonly type: NodeType;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  /** False after `chattr +C` or with nodatasum. */
  readonly hasChecksums: boolean;
}

/** Inode `number` of a subvolume. @throws corrupt when there is none */
export async function readInode(volume: BtrfsVolume, root: TreeRoot, number: bigint): Promise<Inode> {
  volume.touch(root.id, number);
  const item = await findItem(volume, root, { objectid: number, type: ITEM.inode, offset: 0n });
  const what = `inode ${number} of subvolume ${root.id}`;
  if (!item) throw corrupt(volume.label, `no ${what}`);
  const { data } = item;
  if (data.length < INODE_BYTES) throw corrupt(volume.label, `${what} is too short`, data.base);
  const mode = data.u32le(52);
  const type = typeOf(mode);
  if (!type) throw corrupt(volume.label, `${what} has mode ${mode.toString(8)}`, data.base);
  return {
    number,
    type,
    sizeBytes: data.u64le(16),
    mode: mode & 0o7777,
    uid: data.u32le(44),
    hasChecksums: (data.big64le(64) & NO_DATA_CHECKSUMS) === 0n,
  };
}

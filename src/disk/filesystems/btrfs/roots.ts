import { corrupt } from "../../../errors.ts";
import { decodeName } from "../../bytes/names.ts";
import type { View } from "../../bytes/view.ts";
import { findDirItem } from "./directory.ts";
import { ITEM, OBJECT, OFFSET_MAX } from "./keys.ts";
import { findItem, scan } from "./search.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

// Source: Btrfs documentation, "On-disk format", ROOT_ITEM, ROOT_REF, ROOT_BACKREF.

const ROOT_MIN_BYTES = 239;
const SUBVOLUMES_MAX = 1 << 16;
const ID_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Where a subvolume hangs: the tree and the folder in it that name it. */
export interface SubvolumeLink {
  readonly id: bigint;
  readonly parent: bigint;
  readonly folder: bigint;
  readonly name: string;
}

export function isSubvolumeId(id: bigint): boolean {
  return id === OBJECT.fsTree || (id >= OBJECT.firstFree && id <= ID_MAX);
}

/** The root of tree `id`; undefined when there is none, or it is about to be deleted. */
export async function treeRoot(volume: BtrfsVolume, id: bigint): Promise<TreeRoot | undefined> {
  const { label } = volume;
  let found: TreeRoot | undefined;
  // A snapshot's item has the generation it was made at behind its id.
  const range = {
    from: { objectid: id, type: ITEM.root, offset: 0n },
    to: { objectid: id, type: ITEM.root, offset: OFFSET_MAX },
  };
  await scan(volume, volume.rootTree, range, ({ data }) => {
    if (data.length < ROOT_MIN_BYTES) throw corrupt(label, `root item of tree ${id} is too short`, data.base);
    const references = data.u32le(216);
    const level = data.u8(238);
    if (level > 7) throw corrupt(label, `tree ${id} has level ${level}`, data.base);
    if (references === 0) return;
    found = {
      id,
      bytenr: data.u64le(176),
      level,
      generation: data.big64le(160),
    };
  });
  return found;
}

/** The subvolume that is mounted when nobody names one. Source: btrfs-subvolume(8), set-default. */
export async function defaultSubvolume(volume: BtrfsVolume): Promise<bigint> {
  const { rootDirectory } = volume.superblock;
  const entry = await findDirItem(volume, volume.rootTree, rootDirectory, "default");
  if (!entry) return OBJECT.fsTree;
  const { type, objectid } = entry.location;
  if (type !== ITEM.root || !isSubvolumeId(objectid))
    throw corrupt(volume.label, `the default subvolume is no subvolume: ${objectid}`);
  return objectid;
}

/**
 * True when the folder's entry really leads to the subvolume. A snapshot keeps the entries of subvolumes that
 * lay in what it was taken of; the kernel shows those as empty folders.
 */
export async function isLinked(volume: BtrfsVolume, link: SubvolumeLink): Promise<boolean> {
  const key = { objectid: link.parent, type: ITEM.rootRef, offset: link.id };
  const item = await findItem(volume, volume.rootTree, key);
  if (!item) return false;
  const { folder, name } = parseLink(item.data);
  return folder === link.folder && name === link.name;
}

/** Every subvolume but the top level, and where it hangs; or the one of this id. */
export async function subvolumeLinks(volume: BtrfsVolume, only?: bigint): Promise<readonly SubvolumeLink[]> {
  const links: SubvolumeLink[] = [];
  const range = {
    from: { objectid: only ?? OBJECT.firstFree, type: ITEM.root, offset: 0n },
    to: { objectid: only ?? ID_MAX, type: ITEM.rootRef, offset: OFFSET_MAX },
  };
  await scan(volume, volume.rootTree, range, ({ key, data }) => {
    if (key.type !== ITEM.rootBackref) return;
    links.push({ id: key.objectid, parent: key.offset, ...parseLink(data) });
    if (links.length > SUBVOLUMES_MAX) throw corrupt(volume.label, `more than ${SUBVOLUMES_MAX} subvolumes`);
  });
  return links;
}

function parseLink(data: View): Pick<SubvolumeLink, "folder" | "name"> {
  return { folder: data.big64le(0), name: decodeName(data.slice(18, data.u16le(16))) };
}

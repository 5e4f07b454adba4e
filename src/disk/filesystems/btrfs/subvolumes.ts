import { corrupt, limitReached } from "../../../errors.ts";
import { decodeName } from "../../bytes/names.ts";
import type { Subvolume, SubvolumeFileSystem, Subvolumes } from "../driver.ts";
import { splitPath } from "../path.ts";
import { BtrfsNode, subvolumeNode } from "./file-node.ts";
import { ITEM, OBJECT, OFFSET_MAX } from "./keys.ts";
import { defaultSubvolume, isSubvolumeId, type SubvolumeLink, subvolumeLinks, treeRoot } from "./roots.ts";
import { scan } from "./search.ts";
import type { Item } from "./tree-node.ts";
import type { BtrfsVolume } from "./volume.ts";

const DEPTH_MAX = 256;

/** The subvolumes of a file system, each of which `wrap` makes a file system of its own. */
export function subvolumesOf(
  volume: BtrfsVolume,
  wrap: (root: BtrfsNode, subvolume: Subvolume) => SubvolumeFileSystem,
): Subvolumes {
  return {
    async defaultId() {
      return Number(await defaultSubvolume(volume));
    },
    async list() {
      const links = await subvolumeLinks(volume);
      return Promise.all(
        links.map(async ({ id }): Promise<Subvolume> => ({ id: Number(id), path: await pathOf(volume, id) })),
      );
    },
    async open(which) {
      if (typeof which === "string") {
        const found = await walkTo(volume, which);
        return found && wrap(found.root, { id: Number(found.id), path: splitPath(which).join("/") });
      }
      // Source: Linux fs/btrfs/super.c: subvolid=0 is the top level.
      const id = which === 0 ? OBJECT.fsTree : BigInt(which);
      const root = isSubvolumeId(id) ? await subvolumeNode(volume, id) : undefined;
      return root && wrap(root, { id: Number(id), path: await pathOf(volume, id) });
    },
  };
}

/** The subvolume that a path from the top level ends at; undefined when it ends elsewhere. */
async function walkTo(
  volume: BtrfsVolume,
  path: string,
): Promise<{ readonly root: BtrfsNode; readonly id: bigint } | undefined> {
  let here = await subvolumeNode(volume, OBJECT.fsTree);
  for (const name of splitPath(path)) {
    const next = here?.type === "directory" ? await here.lookup(name) : undefined;
    here = next instanceof BtrfsNode ? next : undefined;
  }
  const id = here?.subvolume;
  return here && id !== undefined ? { root: here, id } : undefined;
}

/** From the top level down, by the names that lead to a subvolume. */
async function pathOf(volume: BtrfsVolume, id: bigint): Promise<string> {
  const names: string[] = [];
  for (let at = id; at !== OBJECT.fsTree; ) {
    if (names.length > DEPTH_MAX) throw limitReached(volume.label, `subvolume ${id} lies too deep`);
    const link = await linkTo(volume, at);
    names.unshift(...(await folderNames(volume, link)), link.name);
    at = link.parent;
  }
  return names.join("/");
}

async function linkTo(volume: BtrfsVolume, id: bigint): Promise<SubvolumeLink> {
  const [link] = await subvolumeLinks(volume, id);
  if (!link) throw corrupt(volume.label, `subvolume ${id} hangs nowhere`);
  return link;
}

/** The folders in the parent subvolume on the way to a subvolume. */
async function folderNames(volume: BtrfsVolume, link: SubvolumeLink): Promise<readonly string[]> {
  const names: string[] = [];
  const wrong = (what: string): Error => corrupt(volume.label, `folder of subvolume ${link.id}: ${what}`);
  if (link.folder === OBJECT.firstFree) return names;
  const root = await treeRoot(volume, link.parent);
  if (!root) throw wrong(`no subvolume ${link.parent}`);
  for (let at = link.folder; at !== OBJECT.firstFree; ) {
    if (names.length > DEPTH_MAX) throw wrong("lies too deep");
    const found: Item[] = [];
    const key = { objectid: at, type: ITEM.inodeRef };
    const range = { from: { ...key, offset: 0n }, to: { ...key, offset: OFFSET_MAX } };
    await scan(volume, root, range, (item) => void (found.length === 0 && found.push(item)));
    const [reference] = found;
    if (!reference) throw wrong(`inode ${at} has no name`);
    const { data, key: held } = reference;
    names.unshift(decodeName(data.slice(10, data.u16le(8))));
    at = held.offset;
  }
  return names;
}

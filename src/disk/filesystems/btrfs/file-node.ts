import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { DirEntry, FsNode } from "../driver.ts";
import { PosixNode } from "../posix-node.ts";
import { contentOf } from "./content.ts";
import { type DirItem, findDirItem, listDirItems } from "./directory.ts";
import { type Inode, readInode } from "./inode.ts";
import { ITEM, OBJECT } from "./keys.ts";
import { isLinked, isSubvolumeId, treeRoot } from "./roots.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

export class BtrfsNode extends PosixNode<Inode> {
  readonly #volume: BtrfsVolume;
  readonly #root: TreeRoot;

  constructor(volume: BtrfsVolume, root: TreeRoot, inode: Inode) {
    super(inode, volume.label);
    this.#volume = volume;
    this.#root = root;
  }

  /** Inode numbers repeat from subvolume to subvolume. */
  override get id(): string {
    return `${this.#root.id}:${this.inode.number}`;
  }
  /** The subvolume whose root folder this is. */
  get subvolume(): bigint | undefined {
    return this.inode.number === OBJECT.firstFree ? this.#root.id : undefined;
  }

  protected async find(name: string): Promise<BtrfsNode | EmptyFolder | undefined> {
    const entry = await findDirItem(this.#volume, this.#root, this.inode.number, name);
    return entry && this.#open(entry);
  }

  protected async entries(): Promise<readonly DirEntry[]> {
    const entries = await listDirItems(this.#volume, this.#root, this.inode.number);
    // What was moved away shows here until the log is replayed.
    for (const { location } of entries) this.#volume.touch(this.#root.id, location.objectid);
    return entries.map((entry) => ({
      name: entry.name,
      ...(entry.type ? { type: entry.type } : {}),
      open: () => this.#open(entry),
    }));
  }

  protected bytes(): ByteSource {
    return contentOf(this.#volume, this.#root, this.inode);
  }

  async #open({ name, location }: DirItem): Promise<BtrfsNode | EmptyFolder> {
    const { objectid, type } = location;
    if (type === ITEM.inode)
      return new BtrfsNode(this.#volume, this.#root, await readInode(this.#volume, this.#root, objectid));
    if (type !== ITEM.root || !isSubvolumeId(objectid))
      throw this.wrong(`entry leads to an item of type ${type}`);
    const link = { id: objectid, parent: this.#root.id, folder: this.inode.number, name };
    const [linked, node] = await Promise.all([
      isLinked(this.#volume, link),
      subvolumeNode(this.#volume, objectid).catch((error: unknown) => () => Promise.reject(error)),
    ]);
    if (!linked) return new EmptyFolder(this.id, name);
    return typeof node === "function" ? node() : (node ?? new EmptyFolder(this.id, name));
  }
}

/** What the kernel shows where a snapshot has the name of a subvolume that did not come along. */
export class EmptyFolder implements FsNode {
  readonly id: string;
  readonly type = "directory";
  readonly sizeBytes = 0;
  readonly mode = 0o755;
  readonly uid = 0;

  constructor(parent: string, name: string) {
    this.id = `${parent}/${name}`;
  }

  async lookup(): Promise<undefined> {
    return undefined;
  }
  async list(): Promise<readonly DirEntry[]> {
    return [];
  }
  readLink(): Promise<never> {
    return this.content();
  }
  content(): Promise<never> {
    return Promise.reject(corrupt(this.id, "is a directory"));
  }
}

/** The root folder of a subvolume; undefined when there is no such subvolume. */
export async function subvolumeNode(volume: BtrfsVolume, id: bigint): Promise<BtrfsNode | undefined> {
  const root = await treeRoot(volume, id);
  return root && new BtrfsNode(volume, root, await readInode(volume, root, OBJECT.firstFree));
}

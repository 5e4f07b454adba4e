import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName } from "../../bytes/names.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";
import { contentOf } from "./content.ts";
import { type DirItem, findDirItem, listDirItems } from "./directory.ts";
import { type Inode, readInode } from "./inode.ts";
import { ITEM, OBJECT } from "./keys.ts";
import { isLinked, isSubvolumeId, treeRoot } from "./roots.ts";
import type { BtrfsVolume, TreeRoot } from "./volume.ts";

const LINK_MAX_BYTES = 65536;

export class BtrfsNode implements FsNode {
  readonly #volume: BtrfsVolume;
  readonly #root: TreeRoot;
  readonly #inode: Inode;

  constructor(volume: BtrfsVolume, root: TreeRoot, inode: Inode) {
    this.#volume = volume;
    this.#root = root;
    this.#inode = inode;
  }

  /** Inode numbers repeat from subvolume to subvolume. */
  get id(): string {
    return `${this.#root.id}:${this.#inode.number}`;
  }
  get type(): NodeType {
    return this.#inode.type;
  }
  get sizeBytes(): number {
    return this.#inode.sizeBytes;
  }
  get mode(): number {
    return this.#inode.mode;
  }
  get uid(): number {
    return this.#inode.uid;
  }
  /** The subvolume whose root folder this is. */
  get subvolume(): bigint | undefined {
    return this.#inode.number === OBJECT.firstFree ? this.#root.id : undefined;
  }

  async lookup(name: string): Promise<BtrfsNode | EmptyFolder | undefined> {
    this.#expect("directory");
    const entry = await findDirItem(this.#volume, this.#root, this.#inode.number, name);
    return entry && this.#open(entry);
  }

  async list(): Promise<readonly DirEntry[]> {
    this.#expect("directory");
    const entries = await listDirItems(this.#volume, this.#root, this.#inode.number);
    return entries.map((entry) => ({
      name: entry.name,
      ...(entry.type ? { type: entry.type } : {}),
      open: () => this.#open(entry),
    }));
  }

  async readLink(): Promise<string> {
    this.#expect("symlink");
    if (this.sizeBytes > LINK_MAX_BYTES) throw this.#wrong(`link of ${this.sizeBytes} bytes`);
    const content = contentOf(this.#volume, this.#root, this.#inode);
    return decodeName(await content.read(0, content.size));
  }

  async content(): Promise<ByteSource> {
    this.#expect("file");
    return contentOf(this.#volume, this.#root, this.#inode);
  }

  async #open({ name, location }: DirItem): Promise<BtrfsNode | EmptyFolder> {
    const { objectid, type } = location;
    if (type === ITEM.inode)
      return new BtrfsNode(this.#volume, this.#root, await readInode(this.#volume, this.#root, objectid));
    if (type !== ITEM.root || !isSubvolumeId(objectid))
      throw this.#wrong(`entry leads to an item of type ${type}`);
    const link = { id: objectid, parent: this.#root.id, folder: this.#inode.number, name };
    const [linked, node] = await Promise.all([
      isLinked(this.#volume, link),
      subvolumeNode(this.#volume, objectid).catch((error: unknown) => () => Promise.reject(error)),
    ]);
    if (!linked) return new EmptyFolder(this.id, name);
    return typeof node === "function" ? node() : (node ?? new EmptyFolder(this.id, name));
  }

  #expect(type: NodeType): void {
    if (this.type !== type) throw this.#wrong(`is a ${this.type}, not a ${type}`);
  }

  #wrong(what: string): Error {
    return corrupt(this.#volume.label, `inode ${this.id}: ${what}`);
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

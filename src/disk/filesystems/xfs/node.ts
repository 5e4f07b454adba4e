import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName } from "../../bytes/names.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";
import { contentOf } from "./content.ts";
import { findDirent, listDirectory } from "./directory.ts";
import type { Inode } from "./inode.ts";
import { linkTarget } from "./symlink.ts";
import type { XfsVolume } from "./volume.ts";

export class XfsNode implements FsNode {
  readonly #volume: XfsVolume;
  readonly #inode: Inode;

  constructor(volume: XfsVolume, inode: Inode) {
    this.#volume = volume;
    this.#inode = inode;
  }

  get id(): string {
    return String(this.#inode.number);
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

  async lookup(name: string): Promise<FsNode | undefined> {
    this.#expect("directory");
    const found = await findDirent(this.#volume, this.#inode, name);
    return found && nodeOf(this.#volume, found.inode);
  }

  async list(): Promise<readonly DirEntry[]> {
    this.#expect("directory");
    const dirents = await listDirectory(this.#volume, this.#inode);
    return dirents.map(({ name, inode, type }) => ({
      name: decodeName(name),
      ...(type ? { type } : {}),
      open: () => nodeOf(this.#volume, inode),
    }));
  }

  async readLink(): Promise<string> {
    this.#expect("symlink");
    return decodeName(await linkTarget(this.#volume, this.#inode));
  }

  async content(): Promise<ByteSource> {
    this.#expect("file");
    return contentOf(this.#volume, this.#inode);
  }

  #expect(type: NodeType): void {
    if (this.type !== type)
      throw corrupt(this.#volume.label, `inode ${this.id}: is a ${this.type}, not a ${type}`);
  }
}

export async function nodeOf(volume: XfsVolume, inode: number): Promise<XfsNode> {
  return new XfsNode(volume, await volume.inode(inode));
}

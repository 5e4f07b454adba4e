import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName } from "../../bytes/names.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";
import { contentOf } from "./content.ts";
import { findDirent, listDirectory } from "./directory.ts";
import { type ErofsVolume, type Inode, readInode } from "./inode.ts";

const LINK_MAX_BYTES = 65536;

export class ErofsNode implements FsNode {
  readonly #volume: ErofsVolume;
  readonly #inode: Inode;

  constructor(volume: ErofsVolume, inode: Inode) {
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
    const found = await findDirent(this.#bytes("directory"), this.#volume.superblock.blockBytes, name);
    return found && nodeOf(this.#volume, found.inode);
  }

  async list(): Promise<readonly DirEntry[]> {
    const dirents = await listDirectory(this.#bytes("directory"), this.#volume.superblock.blockBytes);
    return dirents.map(({ name, type, inode }) => ({
      name,
      ...(type ? { type } : {}),
      open: () => nodeOf(this.#volume, inode),
    }));
  }

  async readLink(): Promise<string> {
    const content = this.#bytes("symlink");
    if (content.size > LINK_MAX_BYTES) throw corrupt(content.label, `link of ${content.size} bytes`);
    return decodeName(await content.read(0, content.size));
  }

  async content(): Promise<ByteSource> {
    return this.#bytes("file");
  }

  #bytes(type: NodeType): ByteSource {
    if (this.type !== type)
      throw corrupt(this.#volume.source.label, `inode ${this.id}: is a ${this.type}, not a ${type}`);
    return contentOf(this.#volume, this.#inode);
  }
}

export async function nodeOf(volume: ErofsVolume, inode: number): Promise<ErofsNode> {
  return new ErofsNode(volume, await readInode(volume, inode));
}

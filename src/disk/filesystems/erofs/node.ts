import type { ByteSource } from "../../bytes/byte-source.ts";
import type { DirEntry } from "../driver.ts";
import { PosixNode } from "../posix-node.ts";
import { contentOf } from "./content.ts";
import { findDirent, listDirectory } from "./directory.ts";
import { type ErofsVolume, type Inode, readInode } from "./inode.ts";

export class ErofsNode extends PosixNode<Inode> {
  readonly #volume: ErofsVolume;

  constructor(volume: ErofsVolume, inode: Inode) {
    super(inode, volume.source.label);
    this.#volume = volume;
  }

  protected async find(name: string): Promise<ErofsNode | undefined> {
    const found = await findDirent(this.bytes(), this.#volume.superblock.blockBytes, name);
    return found && nodeOf(this.#volume, found.inode);
  }

  protected async entries(): Promise<readonly DirEntry[]> {
    const dirents = await listDirectory(this.bytes(), this.#volume.superblock.blockBytes);
    return dirents.map(({ name, type, inode }) => ({
      name,
      ...(type ? { type } : {}),
      open: () => nodeOf(this.#volume, inode),
    }));
  }

  protected bytes(): ByteSource {
    return contentOf(this.#volume, this.inode);
  }
}

export async function nodeOf(volume: ErofsVolume, inode: number): Promise<ErofsNode> {
  return new ErofsNode(volume, await readInode(volume, inode));
}

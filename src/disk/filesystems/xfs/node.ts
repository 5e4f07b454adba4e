import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName } from "../../bytes/names.ts";
import type { DirEntry, NodeType } from "../driver.ts";
import { PosixNode } from "../posix-node.ts";
import { contentOf } from "./content.ts";
import { findDirent, listDirectory } from "./directory.ts";
import type { Inode } from "./inode.ts";
import { linkTarget } from "./symlink.ts";
import type { XfsVolume } from "./volume.ts";

export class XfsNode extends PosixNode<Inode> {
  readonly #volume: XfsVolume;

  constructor(volume: XfsVolume, inode: Inode) {
    super(inode, volume.label);
    this.#volume = volume;
  }

  protected async find(name: string): Promise<XfsNode | undefined> {
    const found = await findDirent(this.#volume, this.inode, name);
    return found && nodeOf(this.#volume, found.inode, found.type);
  }

  protected async entries(): Promise<readonly DirEntry[]> {
    const dirents = await listDirectory(this.#volume, this.inode);
    return dirents.map(({ name, inode, type }) => ({
      name: decodeName(name),
      ...(type ? { type } : {}),
      open: () => nodeOf(this.#volume, inode, type),
    }));
  }

  protected bytes(): ByteSource {
    return contentOf(this.#volume, this.inode);
  }

  protected override target(): Promise<Uint8Array> {
    return linkTarget(this.#volume, this.inode);
  }
}

export async function nodeOf(volume: XfsVolume, inode: number, type?: NodeType): Promise<XfsNode> {
  return new XfsNode(volume, await volume.inode(inode, type));
}

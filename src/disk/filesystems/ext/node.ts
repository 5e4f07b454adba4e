import type { ByteSource } from "../../bytes/byte-source.ts";
import type { DirEntry, NodeType } from "../driver.ts";
import { PosixNode } from "../posix-node.ts";
import { contentOf } from "./content.ts";
import { findDirent, listDirectory } from "./directory.ts";
import { INODE_FLAGS, type Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

export class ExtNode extends PosixNode<Inode> {
  readonly #volume: ExtVolume;

  constructor(volume: ExtVolume, inode: Inode) {
    super(inode, volume.label);
    this.#volume = volume;
  }

  protected async find(name: string): Promise<ExtNode | undefined> {
    const found = await findDirent(this.#volume, this.inode, name);
    return found && nodeOf(this.#volume, found.inode, found.type);
  }

  protected async entries(): Promise<readonly DirEntry[]> {
    const dirents = await listDirectory(this.#volume, this.inode);
    return dirents.map(({ name, inode, type }) => ({
      name,
      ...(type ? { type } : {}),
      open: () => nodeOf(this.#volume, inode, type),
    }));
  }

  protected bytes(): ByteSource {
    return contentOf(this.#volume, this.inode);
  }

  /** A target of less than 60 bytes lies where the block map would. Source: ext4/ifork.rst, "Symbolic Links". */
  protected override async target(): Promise<Uint8Array> {
    const { flags, sizeBytes, block } = this.inode;
    const elsewhere = INODE_FLAGS.extents | INODE_FLAGS.inlineData | INODE_FLAGS.encrypt;
    if (sizeBytes < block.length && (flags & elsewhere) === 0) return block.subarray(0, sizeBytes);
    return super.target();
  }
}

export async function nodeOf(volume: ExtVolume, inode: number, type?: NodeType): Promise<ExtNode> {
  return new ExtNode(volume, await volume.inode(inode, type));
}

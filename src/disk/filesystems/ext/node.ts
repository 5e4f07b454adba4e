import type { ByteSource } from "../../bytes/byte-source.ts";
import { WHOLE_BYTES } from "../directory-pieces.ts";
import type { DirEntry, NodeType } from "../driver.ts";
import { PosixNode } from "../posix-node.ts";
import { contentOf } from "./content.ts";
import { findDirent, isFolding, listDirectory } from "./directory.ts";
import type { Dirent } from "./directory-block.ts";
import { INODE_FLAGS, type Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

export class ExtNode extends PosixNode<Inode> {
  readonly #volume: ExtVolume;
  /** All names of a directory that is read whole anyway. */
  #names: Promise<ReadonlyMap<string, Dirent>> | undefined;

  constructor(volume: ExtVolume, inode: Inode) {
    super(inode, volume.label);
    this.#volume = volume;
  }

  protected async find(name: string): Promise<ExtNode | undefined> {
    const found = await this.#dirent(name);
    return found && nodeOf(this.#volume, found.inode, found.type);
  }

  async #dirent(name: string): Promise<Dirent | undefined> {
    if (this.inode.sizeBytes <= WHOLE_BYTES) {
      this.#names ??= namesOf(this.#volume, this.inode);
      const names = await this.#names.catch(() => undefined);
      const found = names?.get(name);
      if (found || (names && !isFolding(this.inode))) return found;
    }
    // Also where a block cannot be read: the name may stand in one before it.
    return findDirent(this.#volume, this.inode, name);
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

async function namesOf(volume: ExtVolume, inode: Inode): Promise<ReadonlyMap<string, Dirent>> {
  const names = new Map<string, Dirent>();
  for (const one of await listDirectory(volume, inode)) if (!names.has(one.name)) names.set(one.name, one);
  return names;
}

export async function nodeOf(volume: ExtVolume, inode: number, type?: NodeType): Promise<ExtNode> {
  return new ExtNode(volume, await volume.inode(inode, type));
}

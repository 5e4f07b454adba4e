import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName } from "../../bytes/names.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";
import { contentOf } from "./content.ts";
import { findDirent, listDirectory } from "./directory.ts";
import { INODE_FLAGS, type Inode } from "./inode.ts";
import type { ExtVolume } from "./volume.ts";

const LINK_MAX_BYTES = 65536;

export class ExtNode implements FsNode {
  readonly #volume: ExtVolume;
  readonly #inode: Inode;

  constructor(volume: ExtVolume, inode: Inode) {
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
      name,
      ...(type ? { type } : {}),
      open: () => nodeOf(this.#volume, inode),
    }));
  }

  /** A target of less than 60 bytes lies where the block map would. Source: ext4/ifork.rst, "Symbolic Links". */
  async readLink(): Promise<string> {
    this.#expect("symlink");
    const { flags, sizeBytes, block } = this.#inode;
    if (sizeBytes > LINK_MAX_BYTES) throw this.#wrong(`link of ${sizeBytes} bytes`);
    const elsewhere = INODE_FLAGS.extents | INODE_FLAGS.inlineData | INODE_FLAGS.encrypt;
    if (sizeBytes < block.length && (flags & elsewhere) === 0)
      return decodeName(block.subarray(0, sizeBytes));
    const content = contentOf(this.#volume, this.#inode);
    return decodeName(await content.read(0, content.size));
  }

  async content(): Promise<ByteSource> {
    this.#expect("file");
    return contentOf(this.#volume, this.#inode);
  }

  #expect(type: NodeType): void {
    if (this.type !== type) throw this.#wrong(`is a ${this.type}, not a ${type}`);
  }

  #wrong(what: string): Error {
    return corrupt(this.#volume.label, `inode ${this.id}: ${what}`);
  }
}

export async function nodeOf(volume: ExtVolume, inode: number): Promise<ExtNode> {
  return new ExtNode(volume, await volume.inode(inode));
}

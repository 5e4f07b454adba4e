import type { ByteSource } from "../../bytes/byte-source.ts";
import type { DirEntry } from "../driver.ts";
import { PosixNode } from "../posix-node.ts";
import { contentOf } from "./content.ts";
import { type Entry, findEntry, listEntries } from "./directory.ts";
import { type Inode, readInode } from "./inode.ts";
import type { Metadata } from "./metadata.ts";

export class SquashfsNode extends PosixNode<Inode> {
  readonly #metadata: Metadata;

  constructor(metadata: Metadata, inode: Inode) {
    super(inode, metadata.source.label);
    this.#metadata = metadata;
  }

  protected async find(name: string): Promise<SquashfsNode | undefined> {
    const { inode } = this;
    const entry = inode.type === "directory" ? await findEntry(this.#metadata, inode, name) : undefined;
    return entry && this.#open(entry);
  }

  protected async entries(): Promise<readonly DirEntry[]> {
    const { inode } = this;
    const entries = inode.type === "directory" ? await listEntries(this.#metadata, inode) : [];
    return entries.map((entry) => ({ name: entry.name, type: entry.type, open: () => this.#open(entry) }));
  }

  protected bytes(): ByteSource {
    const { inode } = this;
    if (inode.type !== "file") throw this.wrong(`${inode.type} without content`);
    return contentOf(this.#metadata, inode, `${this.#metadata.source.label} > inode ${this.id}`);
  }

  protected override async target(): Promise<Uint8Array> {
    const { inode } = this;
    if (inode.type !== "symlink") throw this.wrong(`${inode.type} without a target`);
    const { block, within } = inode.target;
    return (await this.#metadata.read(block, within, inode.sizeBytes)).bytes;
  }

  async #open({ block, within, type }: Entry): Promise<SquashfsNode> {
    const inode = await readInode(this.#metadata, block, within);
    if (inode.type !== type) throw this.wrong(`entry says ${type}, its inode ${inode.type}`);
    return new SquashfsNode(this.#metadata, inode);
  }
}

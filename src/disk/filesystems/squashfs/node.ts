import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName } from "../../bytes/names.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";
import { contentOf } from "./content.ts";
import { type Entry, findEntry, listEntries } from "./directory.ts";
import { type Inode, readInode } from "./inode.ts";
import type { Metadata } from "./metadata.ts";

export class SquashfsNode implements FsNode {
  readonly #metadata: Metadata;
  readonly #inode: Inode;

  constructor(metadata: Metadata, inode: Inode) {
    this.#metadata = metadata;
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
  get #label(): string {
    return `${this.#metadata.source.label} > inode ${this.id}`;
  }

  async lookup(name: string): Promise<FsNode | undefined> {
    const inode = this.#inode;
    if (inode.type !== "directory") throw this.#not("directory");
    const entry = await findEntry(this.#metadata, inode, name);
    return entry && this.#open(entry);
  }

  async list(): Promise<readonly DirEntry[]> {
    const inode = this.#inode;
    if (inode.type !== "directory") throw this.#not("directory");
    const entries = await listEntries(this.#metadata, inode);
    return entries.map((entry) => ({ name: entry.name, type: entry.type, open: () => this.#open(entry) }));
  }

  async readLink(): Promise<string> {
    const inode = this.#inode;
    if (inode.type !== "symlink") throw this.#not("symlink");
    const { block, within } = inode.target;
    return decodeName((await this.#metadata.read(block, within, inode.sizeBytes)).bytes);
  }

  async content(): Promise<ByteSource> {
    if (this.#inode.type !== "file") throw this.#not("file");
    return contentOf(this.#metadata, this.#inode, this.#label);
  }

  async #open({ block, within, type }: Entry): Promise<FsNode> {
    const inode = await readInode(this.#metadata, block, within);
    if (inode.type !== type) throw corrupt(this.#label, `entry says ${type}, its inode ${inode.type}`);
    return new SquashfsNode(this.#metadata, inode);
  }

  #not(wanted: NodeType): Error {
    return corrupt(this.#label, `is a ${this.type}, not a ${wanted}`);
  }
}

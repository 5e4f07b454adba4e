import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { NodeType } from "../driver.ts";
import { readInodeBytes } from "../inode-bytes.ts";
import { inodeTableBlock } from "./groups.ts";
import { type Inode, parseInode } from "./inode.ts";
import type { Superblock } from "./superblock.ts";

/** An opened file system: what inodes, extents and directories need of it. */
export class ExtVolume {
  readonly source: ByteSource;
  readonly superblock: Superblock;
  readonly #tables = new Map<number, Promise<number>>();

  constructor(source: ByteSource, superblock: Superblock) {
    this.source = source;
    this.superblock = superblock;
  }

  get label(): string {
    return this.source.label;
  }

  /** Reads inode `number` from its group's table; `type`, as a directory has it, decides only how much. */
  async inode(number: number, type?: NodeType): Promise<Inode> {
    const { inodesCount, inodesPerGroup, inodeBytes, blockBytes, groupsCount } = this.superblock;
    const group = Math.floor((number - 1) / inodesPerGroup);
    if (number < 1 || number > inodesCount || group >= groupsCount)
      throw corrupt(this.label, `inode ${number} of ${inodesCount}`);
    const table = await this.#table(group);
    const offset = table * blockBytes + ((number - 1) % inodesPerGroup) * inodeBytes;
    const bytes = await readInodeBytes(this.source, offset, inodeBytes, type);
    return parseInode(bytes, { number, offset, superblock: this.superblock, label: this.label });
  }

  /** One block, checked to lie inside the file system. */
  async block(number: number, what: string): Promise<Uint8Array> {
    const { blockBytes, blocksCount } = this.superblock;
    if (number <= 0 || number >= blocksCount)
      throw corrupt(this.label, `${what} points to block ${number} of ${blocksCount}`);
    return this.source.read(number * blockBytes, blockBytes);
  }

  #table(group: number): Promise<number> {
    const known = this.#tables.get(group);
    if (known) return known;
    const table = inodeTableBlock(this.source, this.superblock, group);
    this.#tables.set(group, table);
    table.catch(() => this.#tables.delete(group));
    return table;
  }
}

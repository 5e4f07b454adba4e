import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { NodeType } from "../driver.ts";
import { readInodeBytes } from "../inode-bytes.ts";
import { type Inode, parseInode } from "./inode.ts";
import type { Superblock } from "./superblock.ts";

/** An opened file system: what inodes, extents and directories need of it. */
export class XfsVolume {
  readonly source: ByteSource;
  readonly superblock: Superblock;

  constructor(source: ByteSource, superblock: Superblock) {
    this.source = source;
    this.superblock = superblock;
  }

  get label(): string {
    return this.source.label;
  }

  /** Where inode `number` lies, which its number says. Source: "Inode Numbers". */
  inodeOffset(number: number): number {
    const { inodesPerBlock, inodeBytes, blockBytes } = this.superblock;
    if (!Number.isSafeInteger(number) || number <= 0) throw corrupt(this.label, `inode number ${number}`);
    const block = this.linear(Math.floor(number / inodesPerBlock), 1, `inode ${number}`);
    return block * blockBytes + (number % inodesPerBlock) * inodeBytes;
  }

  /** `type`, as a directory has it, decides only how much is read. */
  async inode(number: number, type?: NodeType): Promise<Inode> {
    const offset = this.inodeOffset(number);
    const bytes = await readInodeBytes(this.source, offset, this.superblock.inodeBytes, type);
    return parseInode(bytes, { number, offset, superblock: this.superblock, label: this.label });
  }

  /**
   * Where the run of `length` blocks at file system block `number` (group and block in the group) starts, counted
   * in blocks from the front of the volume. Rejects what does not lie in one group.
   */
  linear(number: number, length: number, what: string): number {
    const { groupBlockBits, groupBlocks, groupsCount, blocksCount } = this.superblock;
    const group = Math.floor(number / 2 ** groupBlockBits);
    const inGroup = number % 2 ** groupBlockBits;
    const start = group * groupBlocks + inGroup;
    if (group >= groupsCount || inGroup + length > groupBlocks || start + length > blocksCount)
      throw corrupt(this.label, `${what} points to ${length} blocks at ${inGroup} of group ${group}`);
    return start;
  }
}

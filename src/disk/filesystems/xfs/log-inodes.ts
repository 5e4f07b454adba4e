/**
 * Logged inodes. Source: XFS Algorithms & Data Structures, "Inode Log Operations"; Linux
 * fs/xfs/xfs_inode_item_recover.c, fs/xfs/xfs_icreate_item.c, fs/xfs/libxfs/xfs_log_format.h.
 */
import { corrupt, unsupported } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import { seal } from "./checksum.ts";
import { BASIC_BLOCK_BYTES } from "./log-record.ts";
import type { Range, Sectors } from "./log-sectors.ts";
import type { LogItem } from "./log-transactions.ts";
import type { XfsVolume } from "./volume.ts";

const FORMAT_BYTES = { packed: 52, padded: 56 } as const;
const FIELD = { data: 0x2, extents: 0x4, root: 0x8, owner: 0x200 } as const;
const FORK_FIELDS = FIELD.data | FIELD.extents | FIELD.root;
const CORE_BYTES = 176;
const CRC_OFFSET = 100;
const LOGGED_OFFSET = 112;
const TREE_HEADER_BYTES = 72;
const ROOT_HEADER_BYTES = 4;
const POINTER_BYTES = 8;

/**
 * The log has the inode in the order of the machine that wrote it, the disk big-endian. Left out: the times, which
 * nobody reads, and what is set below.
 */
const SWAPPED: readonly (readonly [at: number, bytes: number])[] = [
  [0, 2],
  [2, 2],
  [6, 2],
  [8, 4],
  [12, 4],
  [16, 4],
  [20, 2],
  [22, 2],
  [24, 8],
  [56, 8],
  [64, 8],
  [72, 4],
  [76, 4],
  [80, 2],
  [84, 4],
  [88, 2],
  [90, 2],
  [92, 4],
  [96, 4],
  [104, 8],
  [120, 8],
  [128, 4],
  [152, 8],
];
const COPIED: readonly (readonly [at: number, bytes: number])[] = [
  [4, 2],
  [82, 2],
  [132, 12],
  [160, 16],
];

export interface LoggedInode extends Range {
  readonly number: number;
  readonly fields: number;
  /** The buffer it lies in, in blocks of 512 bytes. */
  readonly block: number;
  readonly blocks: number;
}

export function parseInodeItem(volume: XfsVolume, { regions }: LogItem): LoggedInode {
  const [format] = regions;
  if (!format) throw new Error("a log item has at least one region");
  const packed = format.length < FORMAT_BYTES.padded;
  const number = format.u64le(packed ? 12 : 16);
  const block = format.u64le(packed ? 36 : 40);
  const offset = volume.inodeOffset(number);
  const within = format.u32le(packed ? 48 : 52);
  if (offset !== block * BASIC_BLOCK_BYTES + within)
    throw corrupt(format.label, `log: inode ${number} in the wrong place`, format.base);
  const length = volume.superblock.inodeBytes;
  return { number, fields: format.u32le(4), block, blocks: format.u32le(packed ? 44 : 48), offset, length };
}

export function replayInode(sectors: Sectors, { regions, at }: LogItem, inode: LoggedInode): void {
  const bytes = sectors.read(inode);
  const disk = new View(bytes, `inode ${inode.number}`, inode.offset);
  const [, core, fork] = regions;
  const wrong = (what: string): Error => corrupt(disk.label, `log: ${what}`, inode.offset);
  if (!disk.is(0, "IN")) throw wrong("bad magic where an inode is to be changed");
  const [cycle, block] = [disk.u32be(LOGGED_OFFSET), disk.u32be(LOGGED_OFFSET + 4)];
  if (cycle !== 0xffffffff && (cycle > at.cycle || (cycle === at.cycle && block > at.block))) return;
  if (!core?.is(0, "NI") || core.u8(4) !== 3 || core.u64le(152) !== inode.number) throw wrong("bad inode");
  if ((inode.fields & FIELD.owner) !== 0)
    throw unsupported(disk.label, "XFS log: extents that changed their owner");
  for (const [from, length] of COPIED) bytes.set(core.slice(from, length), from);
  for (const [from, length] of SWAPPED) bytes.set(core.slice(from, length).toReversed(), from);
  if ((inode.fields & FORK_FIELDS) !== 0) {
    if (!fork) throw wrong("inode without its data fork");
    const attributesAt = disk.u8(82) * 8;
    const forkBytes = attributesAt === 0 ? bytes.length - CORE_BYTES : attributesAt;
    const content = (inode.fields & FIELD.root) === 0 ? fork.bytes : rootOf(fork, forkBytes);
    if (content.length > forkBytes || CORE_BYTES + forkBytes > bytes.length)
      throw wrong(`data fork of ${content.length} bytes in ${forkBytes}`);
    bytes.set(content, CORE_BYTES);
  }
  const view = new DataView(bytes.buffer);
  view.setUint32(LOGGED_OFFSET, at.cycle);
  view.setUint32(LOGGED_OFFSET + 4, at.block);
  seal(bytes, CRC_OFFSET);
  sectors.write(inode.offset, bytes);
}

/** A tree's root is logged as a whole block and kept as a short one. Source: xfs_bmap_btree.c, xfs_bmbt_to_bmdr. */
function rootOf(block: View, forkBytes: number): Uint8Array {
  const count = block.u16be(6);
  const kept = Math.floor((forkBytes - ROOT_HEADER_BYTES) / (2 * POINTER_BYTES));
  const logged = Math.floor((block.length - TREE_HEADER_BYTES) / (2 * POINTER_BYTES));
  if (count > kept || count > logged)
    throw corrupt(block.label, `log: root of ${count} extents keys`, block.base);
  const root = new Uint8Array(forkBytes);
  root.set(block.slice(4, 4));
  root.set(block.slice(TREE_HEADER_BYTES, count * POINTER_BYTES), ROOT_HEADER_BYTES);
  const pointers = block.slice(TREE_HEADER_BYTES + logged * POINTER_BYTES, count * POINTER_BYTES);
  root.set(pointers, ROOT_HEADER_BYTES + kept * POINTER_BYTES);
  return root;
}

/** Inodes that were made, in whole blocks, all of them empty. */
export interface CreatedInodes extends Range {
  readonly number: number;
  readonly generation: number;
}

export function parseCreated(volume: XfsVolume, { regions }: LogItem): CreatedInodes {
  const [format] = regions;
  if (!format) throw new Error("a log item has at least one region");
  const { groupBlockBits, inodesPerBlock, inodeBytes, blockBytes } = volume.superblock;
  const [group, block, count, size, blocks] = [4, 8, 12, 16, 20].map((at) => format.u32be(at));
  if (group === undefined || block === undefined || count === undefined || blocks === undefined)
    throw new Error("five words");
  if (size !== inodeBytes || count !== blocks * inodesPerBlock || count > 1024)
    throw corrupt(format.label, `log: ${count} inodes of ${size} bytes in ${blocks} blocks`, format.base);
  const first = group * 2 ** groupBlockBits + block;
  const offset = volume.linear(first, blocks, "log: inodes made") * blockBytes;
  return {
    offset,
    length: blocks * blockBytes,
    number: first * inodesPerBlock,
    generation: format.u32be(24),
  };
}

export function replayCreated(volume: XfsVolume, sectors: Sectors, created: CreatedInodes): void {
  const { inodeBytes, metaUuid } = volume.superblock;
  const bytes = new Uint8Array(created.length);
  const uuid = Buffer.from(metaUuid.replaceAll("-", ""), "hex");
  for (let at = 0, number = created.number; at < bytes.length; at += inodeBytes, number++) {
    const inode = bytes.subarray(at, at + inodeBytes);
    const view = new DataView(bytes.buffer, at, inodeBytes);
    inode.set([0x49, 0x4e, 0, 0, 3]);
    view.setUint32(92, created.generation);
    view.setUint32(96, 0xffffffff);
    view.setBigUint64(152, BigInt(number));
    inode.set(uuid, 160);
    seal(inode, CRC_OFFSET);
  }
  sectors.write(created.offset, bytes);
}

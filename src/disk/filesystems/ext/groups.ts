import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { View } from "../../bytes/view.ts";
import { crc16Update } from "./crc16.ts";
import { COMPAT, RO_COMPAT } from "./features.ts";
import { SUPERBLOCK_OFFSET, type Superblock } from "./superblock.ts";

/** Where a group's inode table lies. Source: ext4/group_descr.rst; checksums as e2fsprogs writes them. */
export async function inodeTableBlock(
  source: ByteSource,
  superblock: Superblock,
  group: number,
): Promise<number> {
  const { blockBytes, descriptorBytes } = superblock;
  const perBlock = blockBytes / descriptorBytes;
  const block = descriptorBlock(superblock, Math.floor(group / perBlock));
  const offset = block * blockBytes + (group % perBlock) * descriptorBytes;
  const bytes = await source.read(offset, descriptorBytes);
  const view = new View(bytes, source.label, offset);
  if (!checksumMatches(superblock, group, bytes, view.u16le(0x1e)))
    throw corrupt(source.label, `checksum of group descriptor ${group} does not match`, offset);
  const high = descriptorBytes >= 64 ? view.u32le(0x28) : 0;
  const table = view.u32le(0x08) + high * 2 ** 32;
  if (table === 0 || table >= superblock.blocksCount)
    throw corrupt(source.label, `inode table of group ${group} lies at block ${table}`, offset);
  return table;
}

/**
 * The block that holds the `index`th block of group descriptors. Source: ext4/blockgroup.rst, meta_bg. With
 * 1 KiB blocks the superblock is block 1 even where bigalloc counts data blocks from 0.
 */
function descriptorBlock(superblock: Superblock, index: number): number {
  const { firstDataBlock, firstMetaBlockGroup, blocksPerGroup, blockBytes, descriptorBytes } = superblock;
  const superblockBlock = Math.floor(SUPERBLOCK_OFFSET / blockBytes);
  const group = index * (blockBytes / descriptorBytes);
  if (firstMetaBlockGroup === undefined || index < firstMetaBlockGroup) return superblockBlock + 1 + index;
  if (group === 0) return superblockBlock + 1;
  return firstDataBlock + group * blocksPerGroup + (hasSuperblock(superblock, group) ? 1 : 0);
}

function hasSuperblock(superblock: Superblock, group: number): boolean {
  if (group === 0) return true;
  if ((superblock.compat & COMPAT.sparseSuper2) !== 0) return superblock.backupGroups.includes(group);
  if (group === 1 || (superblock.roCompat & RO_COMPAT.sparseSuper) === 0) return true;
  return [3, 5, 7].some((base) => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  });
}

function checksumMatches(superblock: Superblock, group: number, bytes: Uint8Array, stored: number): boolean {
  const { checksumSeed, roCompat, uuidBytes } = superblock;
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, group, true);
  const head = bytes.subarray(0, 0x1e);
  if (checksumSeed !== undefined) {
    let crc = crc32cUpdate(checksumSeed, number);
    crc = crc32cUpdate(crc, head);
    crc = crc32cUpdate(crc, new Uint8Array(2));
    return (crc32cUpdate(crc, bytes.subarray(0x20)) & 0xffff) === stored;
  }
  if ((roCompat & RO_COMPAT.gdtCsum) === 0) return true;
  const crc = crc16Update(crc16Update(crc16Update(0xffff, uuidBytes), number), head);
  return crc16Update(crc, bytes.subarray(0x20)) === stored;
}

import { COMPARE, corrupt, unsupported } from "../../../errors.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { isPowerOfTwo } from "../../bytes/power-of-two.ts";
import { View } from "../../bytes/view.ts";
import { COMPAT, featureNames, INCOMPAT, RO_COMPAT, unreadableFeatures } from "./features.ts";

/** Byte offset and length of the superblock in its volume. */
export const SUPERBLOCK_OFFSET = 1024;
export const SUPERBLOCK_BYTES = 1024;
const MAGIC_OFFSET = 0x38;
const MAGIC = 0xef53;

/** The geometry and identity of an ext2/3/4 file system. */
export interface Superblock {
  readonly type: "ext2" | "ext3" | "ext4";
  readonly blockBytes: number;
  readonly blocksCount: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly groupsCount: number;
  readonly inodesCount: number;
  readonly inodesPerGroup: number;
  readonly inodeBytes: number;
  readonly descriptorBytes: number;
  readonly firstMetaBlockGroup: number | undefined;
  /** Groups with a superblock copy besides the rule's, for sparse_super2. */
  readonly backupGroups: readonly [number, number];
  readonly compat: number;
  readonly incompat: number;
  readonly roCompat: number;
  readonly features: readonly string[];
  readonly uuid: string;
  readonly uuidBytes: Uint8Array;
  readonly label: string;
  readonly journalInode: number;
  /** The kernel met an error and marked it: e2fsck would have to be run. */
  readonly hasErrors: boolean;
  readonly hashSeed: readonly [number, number, number, number];
  /** Directory hashes treat names as unsigned bytes. */
  readonly hashUnsigned: boolean;
  /** Start value of every metadata checksum; undefined without metadata_csum. */
  readonly checksumSeed: number | undefined;
}

export function isExt(front: Uint8Array): boolean {
  const at = SUPERBLOCK_OFFSET + MAGIC_OFFSET;
  return front[at] === (MAGIC & 0xff) && front[at + 1] === MAGIC >> 8;
}

/** Parses and checks the 1,024 bytes at {@link SUPERBLOCK_OFFSET}. Source: ext4/super.rst. */
export function parseSuperblock(bytes: Uint8Array, label: string): Superblock {
  const view = new View(bytes, label, SUPERBLOCK_OFFSET);
  const wrong = (what: string): Error => corrupt(label, `ext superblock: ${what}`, SUPERBLOCK_OFFSET);
  if (view.u16le(MAGIC_OFFSET) !== MAGIC) throw wrong("bad magic");
  const dynamic = view.u32le(0x4c) >= 1;
  const compat = dynamic ? view.u32le(0x5c) : 0;
  const incompat = dynamic ? view.u32le(0x60) : 0;
  const roCompat = dynamic ? view.u32le(0x64) : 0;
  const hasChecksums = (roCompat & RO_COMPAT.metadataCsum) !== 0;
  if (hasChecksums && crc32cUpdate(~0, bytes.subarray(0, 0x3fc)) !== view.u32le(0x3fc))
    throw wrong(`checksum mismatch: ${COMPARE}`);
  if ((incompat & INCOMPAT.journalDev) !== 0)
    throw unsupported(label, "an external journal (journal_dev), not a file system", SUPERBLOCK_OFFSET);
  const unreadable = unreadableFeatures(incompat);
  if (unreadable.length > 0)
    throw unsupported(label, `ext4 feature ${unreadable.join(", ")}`, SUPERBLOCK_OFFSET);

  const logBlockSize = view.u32le(0x18);
  if (logBlockSize > 6) throw wrong(`block size of 1 KiB shifted by ${logBlockSize}`);
  const blockBytes = 1024 << logBlockSize;
  const wide = (incompat & INCOMPAT.is64bit) !== 0;
  const blocksCount = view.u32le(0x04) + (wide ? view.u32le(0x150) * 2 ** 32 : 0);
  const firstDataBlock = view.u32le(0x14);
  const blocksPerGroup = view.u32le(0x20);
  const inodesPerGroup = view.u32le(0x28);
  const inodesCount = view.u32le(0x00);
  const inodeBytes = dynamic ? view.u16le(0x58) : 128;
  const descriptorBytes = wide ? view.u16le(0xfe) : 32;
  if (!Number.isSafeInteger(blocksCount * blockBytes)) throw wrong(`${blocksCount} blocks`);
  if (blocksCount === 0 || firstDataBlock > 1 || firstDataBlock >= blocksCount) throw wrong("no blocks");
  if (blocksPerGroup === 0 || blocksPerGroup > 8 * blockBytes * clusterRatio(view, roCompat, wrong))
    throw wrong(`${blocksPerGroup} blocks a group`);
  if (inodesPerGroup === 0 || inodesPerGroup > 8 * blockBytes)
    throw wrong(`${inodesPerGroup} inodes a group`);
  if (inodeBytes < 128 || inodeBytes > blockBytes || !isPowerOfTwo(inodeBytes))
    throw wrong(`inodes of ${inodeBytes} bytes`);
  if (wide ? descriptorBytes < 64 || descriptorBytes > 1024 || !isPowerOfTwo(descriptorBytes) : false)
    throw wrong(`group descriptors of ${descriptorBytes} bytes`);
  const groupsCount = Math.ceil((blocksCount - firstDataBlock) / blocksPerGroup);
  if (groupsCount * inodesPerGroup !== inodesCount)
    throw wrong(`${inodesCount} inodes in ${groupsCount} groups of ${inodesPerGroup}`);
  const uuidBytes = view.slice(0x68, 16).slice();
  return {
    type: typeOf(compat, incompat, roCompat),
    blockBytes,
    blocksCount,
    firstDataBlock,
    blocksPerGroup,
    groupsCount,
    inodesCount,
    inodesPerGroup,
    inodeBytes,
    descriptorBytes,
    firstMetaBlockGroup: (incompat & INCOMPAT.metaBg) !== 0 ? view.u32le(0x104) : undefined,
    backupGroups: [view.u32le(0x24c), view.u32le(0x250)],
    compat,
    incompat,
    roCompat,
    features: featureNames(compat, incompat, roCompat),
    uuid: view.uuid(0x68),
    uuidBytes,
    label: decodeLabel(view.slice(0x78, 16)),
    journalInode: view.u32le(0xe0),
    hasErrors: (view.u16le(0x3a) & 0x2) !== 0,
    hashSeed: [view.u32le(0xec), view.u32le(0xf0), view.u32le(0xf4), view.u32le(0xf8)],
    hashUnsigned: (view.u32le(0x160) & 0x2) !== 0,
    checksumSeed: hasChecksums
      ? (incompat & INCOMPAT.csumSeed) !== 0
        ? view.u32le(0x270)
        : crc32cUpdate(~0, uuidBytes)
      : undefined,
  };
}

/** Blocks a cluster, for bigalloc. */
function clusterRatio(view: View, roCompat: number, wrong: (what: string) => Error): number {
  if ((roCompat & RO_COMPAT.bigalloc) === 0) return 1;
  const logClusterSize = view.u32le(0x1c);
  const logBlockSize = view.u32le(0x18);
  if (logClusterSize < logBlockSize || logClusterSize > 20)
    throw wrong(`cluster size 2^${10 + logClusterSize}`);
  return 1 << (logClusterSize - logBlockSize);
}

/** As blkid decides: ext4 has a feature that ext3 does not know, ext3 a journal. */
function typeOf(compat: number, incompat: number, roCompat: number): Superblock["type"] {
  const ext3Incompat = INCOMPAT.filetype | INCOMPAT.recover | INCOMPAT.metaBg;
  const ext3RoCompat = 0x7;
  if ((incompat & ~ext3Incompat) !== 0 || (roCompat & ~ext3RoCompat) !== 0) return "ext4";
  return (compat & COMPAT.hasJournal) !== 0 ? "ext3" : "ext2";
}

function decodeLabel(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("utf8");
}

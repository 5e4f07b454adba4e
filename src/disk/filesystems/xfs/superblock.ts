import { COMPARE, corrupt, unsupported } from "../../../errors.ts";
import { isPowerOfTwo } from "../../bytes/power-of-two.ts";
import { View } from "../../bytes/view.ts";
import { checksumMatches } from "./checksum.ts";
import { featureNames, hasFtype, INCOMPAT, unknownIncompat, VERSION } from "./features.ts";

/** Every field used lies in front of this; the checksum covers the whole sector. */
export const SUPERBLOCK_BYTES = 272;
const MAGIC = "XFSB";
const CRC_OFFSET = 224;
const META_UUID_OFFSET = 248;

/** The geometry and identity of an XFS file system. */
export interface Superblock {
  readonly version: 4 | 5;
  readonly blockBytes: number;
  readonly blocksCount: number;
  readonly groupBlocks: number;
  readonly groupsCount: number;
  /** Bits of a block number within its group, in file system block numbers. */
  readonly groupBlockBits: number;
  readonly inodeBytes: number;
  readonly inodesPerBlock: number;
  /** Blocks of a directory block. */
  readonly directoryBlocks: number;
  readonly rootInode: number;
  readonly logStart: number;
  readonly logBlocks: number;
  /** Where in the log the superblock was last written from: cycle and 512-byte block. Version 5 only. */
  readonly lastLogged: { readonly cycle: number; readonly block: number } | undefined;
  /** Features that a dirty log uses; version 5 only. */
  readonly logIncompat: number;
  readonly ftype: boolean;
  readonly asciiCi: boolean;
  readonly nrext64: boolean;
  readonly uuid: string;
  /** What version 5 metadata blocks carry. */
  readonly metaUuid: string;
  readonly label: string;
  readonly features: readonly string[];
}

export function isXfs(front: Uint8Array): boolean {
  return front.length >= SUPERBLOCK_BYTES && new View(front, "xfs").is(0, MAGIC);
}

/** Bytes of the sector that the superblock's checksum covers, as a mutilated superblock may still claim. */
export function sectorBytes(front: Uint8Array, label: string): number {
  const bytes = new View(front, label).u16be(102);
  if (bytes < 512 || bytes > 32768 || !isPowerOfTwo(bytes))
    throw corrupt(label, `superblock: sectors of ${bytes} bytes`, 0);
  return bytes;
}

/** Parses and checks the first sector. Source: XFS Algorithms & Data Structures, "Superblocks". */
export function parseSuperblock(sector: Uint8Array, label: string): Superblock {
  const view = new View(sector, label);
  const wrong = (what: string): Error => corrupt(label, `superblock: ${what}`, 0);
  if (!view.is(0, MAGIC)) throw wrong("bad magic");
  const version = view.u16be(100);
  const number = version & VERSION.mask;
  if (number !== 4 && number !== 5) throw unsupported(label, `XFS version ${number}`, 100);
  const v5 = number === 5;
  if (v5 && !checksumMatches(sector, CRC_OFFSET)) throw wrong(`checksum mismatch: ${COMPARE}`);
  const words = {
    version,
    features2: v5 || (version & VERSION.moreBits) !== 0 ? view.u32be(200) : 0,
    roCompat: v5 ? view.u32be(212) : 0,
    incompat: v5 ? view.u32be(216) : 0,
  };
  refuseFeatures(words.incompat, version, view.u64be(48), label);
  if (view.u8(126) !== 0) throw wrong("mkfs or growfs is not finished (in progress)");

  const blockBytes = view.u32be(4);
  const inodeBytes = view.u16be(104);
  const groupBlocks = view.u32be(84);
  const groupsCount = view.u32be(88);
  const blocksCount = view.u64be(8);
  const groupBlockBits = view.u8(124);
  const directoryBits = view.u8(192);
  if (blockBytes < 512 || blockBytes > 65536 || blockBytes !== 2 ** view.u8(120))
    throw wrong(`blocks of ${blockBytes} bytes`);
  if (inodeBytes < (v5 ? 512 : 256) || inodeBytes > Math.min(2048, blockBytes) || !isPowerOfTwo(inodeBytes))
    throw wrong(`inodes of ${inodeBytes} bytes`);
  if (view.u16be(106) !== blockBytes / inodeBytes) throw wrong(`${view.u16be(106)} inodes a block`);
  if (groupBlocks < 2 || groupBlockBits > 31 || Math.ceil(Math.log2(groupBlocks)) !== groupBlockBits)
    throw wrong(`${groupBlocks} blocks a group of ${groupBlockBits} bits`);
  if (groupsCount === 0 || blocksCount > groupsCount * groupBlocks)
    throw wrong(`${blocksCount} blocks in ${groupsCount} groups of ${groupBlocks}`);
  if (blocksCount <= (groupsCount - 1) * groupBlocks || !Number.isSafeInteger(blocksCount * blockBytes))
    throw wrong(`${blocksCount} blocks in ${groupsCount} groups of ${groupBlocks}`);
  if (directoryBits > 7 || blockBytes << directoryBits > 65536)
    throw wrong(`directory blocks of 2^${directoryBits} blocks`);
  const uuid = view.uuid(32);
  return {
    version: number,
    blockBytes,
    blocksCount,
    groupBlocks,
    groupsCount,
    groupBlockBits,
    inodeBytes,
    inodesPerBlock: blockBytes / inodeBytes,
    directoryBlocks: 1 << directoryBits,
    rootInode: view.u64be(56),
    logStart: view.u64be(48),
    logBlocks: view.u32be(96),
    lastLogged: v5 ? { cycle: view.u32be(240), block: view.u32be(244) } : undefined,
    logIncompat: v5 ? view.u32be(220) : 0,
    ftype: hasFtype(words),
    asciiCi: (version & VERSION.asciiCi) !== 0,
    nrext64: (words.incompat & INCOMPAT.nrext64) !== 0,
    uuid,
    metaUuid: (words.incompat & INCOMPAT.metaUuid) !== 0 ? view.uuid(META_UUID_OFFSET) : uuid,
    label: decodeLabel(view.slice(108, 12)),
    features: featureNames(words),
  };
}

function refuseFeatures(incompat: number, version: number, logStart: number, label: string): void {
  const unknown = unknownIncompat(incompat);
  if (unknown.length > 0) throw unsupported(label, `XFS incompatible feature bit ${unknown.join(", ")}`, 216);
  if ((incompat & INCOMPAT.needsRepair) !== 0)
    throw unsupported(label, "XFS marked needsrepair: run xfs_repair first", 216);
  if ((version & VERSION.dirV2) === 0) throw unsupported(label, "XFS directories of version 1", 100);
  if (logStart === 0)
    throw unsupported(label, "XFS with an external log: whether it is clean cannot be seen", 48);
}

function decodeLabel(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("utf8");
}

import { corrupt } from "../../../errors.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { View } from "../../bytes/view.ts";
import type { NodeType } from "../driver.ts";
import { typeOf } from "../posix-node.ts";
import { INCOMPAT } from "./features.ts";
import type { Superblock } from "./superblock.ts";

/** Where i_block stands in an inode. */
export const BLOCK_OFFSET = 0x28;
export const INODE_FLAGS = {
  encrypt: 0x800,
  index: 0x1000,
  extents: 0x80000,
  eaInode: 0x200000,
  inlineData: 0x10000000,
  casefold: 0x40000000,
} as const;

/** What a reader needs of an inode. Source: ext4/inodes.rst. */
export interface Inode {
  readonly number: number;
  /** Byte offset in the volume. */
  readonly offset: number;
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly sizeBytes: number;
  readonly flags: number;
  /** i_block: block map, extent root, fast link target or inline data; 60 bytes. */
  readonly block: Uint8Array;
  /** The bytes behind the fixed fields, where in-inode attributes lie. */
  readonly attributes: Uint8Array;
  /** Start value of the checksums of this inode's own blocks; undefined without metadata_csum. */
  readonly checksumSeed: number | undefined;
}

interface Place {
  readonly number: number;
  readonly offset: number;
  readonly superblock: Superblock;
  readonly label: string;
}

export function parseInode(bytes: Uint8Array, { number, offset, superblock, label }: Place): Inode {
  const view = new View(bytes, label, offset);
  const wrong = (what: string): Error => corrupt(label, `inode ${number}: ${what}`, offset);
  const mode = view.u16le(0);
  const extraBytes = bytes.length > 128 ? view.u16le(0x80) : 0;
  if (extraBytes > bytes.length - 128 || extraBytes % 4 !== 0) throw wrong(`${extraBytes} extra bytes`);
  const checksumSeed = inodeSeed(superblock, number, view.slice(0x64, 4));
  if (checksumSeed !== undefined && !checksumMatches(checksumSeed, bytes, view, extraBytes))
    throw wrong("checksum does not match");
  const type = typeOf(mode);
  if (type === undefined) throw wrong(mode === 0 ? "is not in use" : `mode ${mode.toString(8)}`);
  // Directories keep an obsolete field there unless they may grow large.
  const wide = type === "file" || (type === "directory" && (superblock.incompat & INCOMPAT.largedir) !== 0);
  const sizeBytes = view.u32le(0x04) + (wide ? view.u32le(0x6c) * 2 ** 32 : 0);
  if (!Number.isSafeInteger(sizeBytes)) throw wrong(`size ${sizeBytes}`);
  return {
    number,
    offset,
    type,
    mode: mode & 0o7777,
    uid: view.u16le(0x02) + view.u16le(0x78) * 65536,
    sizeBytes,
    flags: view.u32le(0x20),
    block: view.slice(BLOCK_OFFSET, 60),
    attributes: bytes.length > 128 ? bytes.subarray(128 + extraBytes) : new Uint8Array(),
    checksumSeed,
  };
}

function inodeSeed(superblock: Superblock, number: number, generation: Uint8Array): number | undefined {
  if (superblock.checksumSeed === undefined) return undefined;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return crc32cUpdate(crc32cUpdate(superblock.checksumSeed, bytes), generation);
}

/** The upper half of the checksum lies in the extra bytes, when those reach that far. */
function checksumMatches(seed: number, bytes: Uint8Array, view: View, extraBytes: number): boolean {
  const hasHigh = extraBytes >= 4;
  const cleared = bytes.slice();
  cleared.fill(0, 0x7c, 0x7e);
  if (hasHigh) cleared.fill(0, 0x82, 0x84);
  const crc = crc32cUpdate(seed, cleared);
  if ((crc & 0xffff) !== view.u16le(0x7c)) return false;
  return !hasHigh || crc >>> 16 === view.u16le(0x82);
}

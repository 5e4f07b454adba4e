import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { crc32c } from "../../bytes/crc32c.ts";
import { View } from "../../bytes/view.ts";

export const SUPERBLOCK_OFFSET = 1024;
export const SUPERBLOCK_BYTES = 128;
const MAGIC = "\xe2\xe1\xf5\xe0";
const CHECKSUM = 0x1;
export const INCOMPAT = { zeroPadding: 0x1, bigPcluster: 0x2, tailPacking: 0x10, fragments: 0x20 } as const;
/** Incompatible features by bit; those without a name are refused by number. */
const NAMES: readonly (readonly [bit: number, name: string, readable: boolean])[] = [
  [0x1, "0padding", true],
  [0x2, "big_pcluster", true],
  [0x4, "chunked_file", true],
  [0x8, "device_table or compr_head2", true],
  [0x10, "ztailpacking", true],
  [0x20, "fragments or dedupe", true],
  [0x40, "xattr_prefixes", true],
  [0x80, "48bit", false],
  [0x100, "metabox", false],
];

export interface Superblock {
  readonly blockBytes: number;
  readonly blockBits: number;
  readonly blocksCount: number;
  readonly rootInode: number;
  readonly metaOffset: number;
  readonly incompat: number;
  readonly uuid: string;
  readonly label: string;
  readonly features: readonly string[];
}

export function isErofs(front: Uint8Array): boolean {
  return new View(front, "erofs").is(SUPERBLOCK_OFFSET, MAGIC);
}

/** Source: Linux fs/erofs/erofs_fs.h, struct erofs_super_block. */
export async function readSuperblock(source: ByteSource): Promise<Superblock> {
  const { label } = source;
  const view = new View(await source.read(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES), label, SUPERBLOCK_OFFSET);
  const blockBits = view.u8(12);
  if (blockBits < 9 || blockBits > 16)
    throw corrupt(label, `superblock: blocks of 2^${blockBits} bytes`, 1036);
  const blockBytes = 2 ** blockBits;
  if ((view.u32le(8) & CHECKSUM) !== 0) await checkSuperblock(source, blockBytes);
  const incompat = view.u32le(80);
  for (let bit = 0; bit < 32; bit++) {
    if (((incompat >>> bit) & 1) === 0) continue;
    const known = NAMES.find(([value]) => value === 2 ** bit);
    if (!known?.[2]) throw unsupported(label, `EROFS feature ${known?.[1] ?? `bit ${bit}`}`, 1104);
  }
  if (view.u16le(86) > 0) throw unsupported(label, "EROFS on several devices", 1110);
  if (view.u8(90) !== 0) throw unsupported(label, "EROFS with large directory blocks", 1114);
  return {
    blockBytes,
    blockBits,
    blocksCount: view.u32le(36),
    rootInode: view.u16le(14),
    metaOffset: view.u32le(40) * blockBytes,
    incompat,
    uuid: view.uuid(48) === NO_UUID ? "" : view.uuid(48),
    label: view.ascii(64, 16),
    features: NAMES.filter(([bit]) => (incompat & bit) !== 0).map(([, name]) => name),
  };
}

const NO_UUID = "00000000-0000-0000-0000-000000000000";

/** The checksum covers the rest of the block that the superblock lies in. */
async function checkSuperblock(source: ByteSource, blockBytes: number): Promise<void> {
  const length = blockBytes > SUPERBLOCK_OFFSET ? blockBytes - SUPERBLOCK_OFFSET : blockBytes;
  const bytes = (await source.read(SUPERBLOCK_OFFSET, length)).slice();
  const said = new View(bytes, source.label).u32le(4);
  bytes.fill(0, 4, 8);
  if (~crc32c(bytes) >>> 0 !== said)
    throw corrupt(source.label, "superblock: checksum does not match", SUPERBLOCK_OFFSET);
}

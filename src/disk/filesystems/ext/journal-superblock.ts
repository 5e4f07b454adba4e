/** Source: Linux Documentation/filesystems/ext4/journal.rst, "Super Block". Big-endian throughout. */
import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { View } from "../../bytes/view.ts";
import { contentOf } from "./content.ts";
import type { ExtVolume } from "./volume.ts";

export const JOURNAL_MAGIC = 0xc03b3998;
export const JOURNAL_BLOCK = {
  descriptor: 1,
  commit: 2,
  superblockV1: 3,
  superblockV2: 4,
  revoke: 5,
} as const;

const SUPERBLOCK_BYTES = 1024;
const CHECKSUM_OFFSET = 0xfc;
const COMPAT_CHECKSUM = 0x1;
const INCOMPAT = { wide: 0x2, csumV2: 0x8, csumV3: 0x10, fastCommit: 0x20 } as const;
const KNOWN_INCOMPAT = 0x3f;
const CRC32C = 4;
const FAST_COMMIT_BLOCKS_DEFAULT = 256;

/** `v1` sums whole transactions up in their commit block, `v2` and `v3` every block. */
export type JournalChecksums = "none" | "v1" | "v2" | "v3";

/** An opened journal: the blocks `first` .. `end` (exclusive) of `content` form a ring. */
export interface Journal {
  readonly content: ByteSource;
  readonly blockBytes: number;
  readonly first: number;
  readonly end: number;
  /** Where the oldest transaction begins; 0 when there is nothing to replay. */
  readonly start: number;
  /** The number of the oldest transaction. */
  readonly sequence: number;
  /** Block numbers have 64 bits. */
  readonly wide: boolean;
  readonly checksums: JournalChecksums;
  /** Start value of every checksum of v2 and v3. */
  readonly seed: number;
  /** Fast commits lie behind the ring. */
  readonly fastCommit: boolean;
}

export async function openJournal(volume: ExtVolume): Promise<Journal> {
  const { journalInode, blockBytes } = volume.superblock;
  if (journalInode === 0) throw unsupported(volume.label, "the journal is on another device");
  const content = contentOf(volume, await volume.inode(journalInode));
  const view = new View(await content.read(0, SUPERBLOCK_BYTES), content.label);
  const type = view.u32be(4);
  if (
    view.u32be(0) !== JOURNAL_MAGIC ||
    (type !== JOURNAL_BLOCK.superblockV1 && type !== JOURNAL_BLOCK.superblockV2)
  )
    throw corrupt(content.label, "bad journal superblock", 0);
  const [compat, incompat] =
    type === JOURNAL_BLOCK.superblockV2 ? [view.u32be(0x24), view.u32be(0x28)] : [0, 0];
  if ((incompat & ~KNOWN_INCOMPAT) !== 0)
    throw unsupported(content.label, `journal features 0x${incompat.toString(16)}`, 0x28);
  const checksums = checksumsOf(compat, incompat);
  if (checksums === "v2" || checksums === "v3") checkSuperblock(view);
  const fastCommit = (incompat & INCOMPAT.fastCommit) !== 0;
  const blocksCount = view.u32be(0x10);
  const end = blocksCount - (fastCommit ? view.u32be(0x54) || FAST_COMMIT_BLOCKS_DEFAULT : 0);
  const first = view.u32be(0x14);
  const start = view.u32be(0x1c);
  if (view.u32be(0x0c) !== blockBytes || blocksCount * blockBytes > content.size)
    throw corrupt(content.label, `journal of ${blocksCount} blocks of ${view.u32be(0x0c)} bytes`, 0x0c);
  if (first === 0 || first >= end || (start !== 0 && (start < first || start >= end)))
    throw corrupt(content.label, `journal starts at block ${start} of ${first}..${end}`, 0x1c);
  return {
    content,
    blockBytes,
    first,
    end,
    start,
    sequence: view.u32be(0x18),
    wide: (incompat & INCOMPAT.wide) !== 0,
    checksums,
    seed: crc32cUpdate(~0, view.slice(0x30, 16)),
    fastCommit,
  };
}

function checksumsOf(compat: number, incompat: number): JournalChecksums {
  if ((incompat & INCOMPAT.csumV3) !== 0) return "v3";
  if ((incompat & INCOMPAT.csumV2) !== 0) return "v2";
  return (compat & COMPAT_CHECKSUM) !== 0 ? "v1" : "none";
}

function checkSuperblock(view: View): void {
  if (view.u8(0x50) !== CRC32C)
    throw unsupported(view.label, `journal checksums of kind ${view.u8(0x50)}`, 0x50);
  const cleared = view.bytes.slice();
  cleared.fill(0, CHECKSUM_OFFSET, CHECKSUM_OFFSET + 4);
  if (crc32cUpdate(~0, cleared) !== view.u32be(CHECKSUM_OFFSET))
    throw corrupt(view.label, "checksum of the journal superblock does not match", CHECKSUM_OFFSET);
}

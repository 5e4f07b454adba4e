/** JBD2, the journal of ext3 and ext4. Source: Linux Documentation/filesystems/ext4/journal.rst. */
import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { overlay } from "../../bytes/overlay.ts";
import { View } from "../../bytes/view.ts";
import { contentOf } from "./content.ts";
import { parseTags, type Tag } from "./journal-tags.ts";
import type { ExtVolume } from "./volume.ts";

const MAGIC = 0xc03b3998;
const BLOCK = { descriptor: 1, commit: 2, superblockV1: 3, superblockV2: 4, revoke: 5 } as const;
const INCOMPAT = { wide: 0x2, csumV2: 0x8, csumV3: 0x10, fastCommit: 0x20 } as const;
const KNOWN_INCOMPAT = 0x3f;
const FAST_COMMIT_BLOCKS_DEFAULT = 256;
const REPLAY_MAX_BYTES = 64 << 20;
const TAIL_BYTES = 4;

interface Journal {
  readonly content: ByteSource;
  readonly blockBytes: number;
  /** Blocks `first` .. `end` (exclusive) form the ring. */
  readonly first: number;
  readonly end: number;
  readonly start: number;
  readonly sequence: number;
  readonly wide: boolean;
  readonly checksums: "none" | "v2" | "v3";
  readonly seed: number;
  readonly fastCommit: boolean;
}

interface Transaction {
  readonly sequence: number;
  /** Where each data block lies in the journal, and where it belongs. */
  readonly blocks: readonly (Tag & { readonly journalBlock: number })[];
  readonly revoked: readonly number[];
}

/** The volume as it stands once every committed transaction is written, and what to tell of it. */
export async function replayJournal(
  volume: ExtVolume,
): Promise<{ readonly source: ByteSource; readonly notes: readonly string[] }> {
  const journal = await openJournal(volume);
  if (journal.start === 0) return { source: volume.source, notes: [] };
  const { transactions, stopped } = await scanTransactions(volume, journal);
  const blocks = await collectBlocks(journal, transactions);
  const notes = [`dirty journal: ${blocks.size} blocks replayed in memory`];
  if (stopped !== undefined) notes.push(`dirty journal: replay ends early: ${stopped}`);
  if (journal.fastCommit) notes.push("dirty journal: fast commits, if any, are not replayed");
  return { source: overlay(volume.source, journal.blockBytes, blocks), notes };
}

async function openJournal(volume: ExtVolume): Promise<Journal> {
  const { journalInode, blockBytes } = volume.superblock;
  if (journalInode === 0) throw unsupported(volume.label, "the journal is on another device");
  const content = contentOf(volume, await volume.inode(journalInode));
  const view = new View(await content.read(0, 1024), content.label);
  const type = view.u32be(4);
  if (view.u32be(0) !== MAGIC || (type !== BLOCK.superblockV1 && type !== BLOCK.superblockV2))
    throw corrupt(content.label, "bad journal superblock", 0);
  const incompat = type === BLOCK.superblockV2 ? view.u32be(0x28) : 0;
  if ((incompat & ~KNOWN_INCOMPAT) !== 0)
    throw unsupported(content.label, `journal features 0x${incompat.toString(16)}`, 0x28);
  const blocksCount = view.u32be(0x10);
  const fastCommit = (incompat & INCOMPAT.fastCommit) !== 0;
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
    checksums: (incompat & INCOMPAT.csumV3) !== 0 ? "v3" : (incompat & INCOMPAT.csumV2) !== 0 ? "v2" : "none",
    seed: crc32cUpdate(~0, view.slice(0x30, 16)),
    fastCommit,
  };
}

/** Reads the ring from its start to the first block that is not of the expected transaction. */
async function scanTransactions(
  volume: ExtVolume,
  journal: Journal,
): Promise<{ readonly transactions: readonly Transaction[]; readonly stopped: string | undefined }> {
  const transactions: Transaction[] = [];
  let sequence = journal.sequence;
  let blocks: Transaction["blocks"][number][] = [];
  let revoked: number[] = [];
  let at = journal.start;
  const step = (count: number): void => {
    const ring = journal.end - journal.first;
    at = journal.first + ((at - journal.first + count) % ring);
  };
  for (let seen = 0; seen < journal.end - journal.first; ) {
    const bytes = await readBlock(journal, at);
    const view = new View(bytes, journal.content.label, at * journal.blockBytes);
    if (view.u32be(0) !== MAGIC || view.u32be(8) !== sequence) break;
    const type = view.u32be(4);
    const stop = (why: string): { transactions: Transaction[]; stopped: string } => ({
      transactions,
      stopped: `${why} in journal block ${at}`,
    });
    if (type === BLOCK.descriptor) {
      if (!tailMatches(journal, bytes)) return stop("checksum does not match");
      const tags = parseTags(view, journal);
      for (const tag of tags) {
        step(1);
        if (tag.block >= volume.superblock.blocksCount) return stop(`block ${tag.block} is out of range`);
        blocks.push({ ...tag, journalBlock: at });
      }
      seen += tags.length;
    } else if (type === BLOCK.revoke) {
      if (!tailMatches(journal, bytes)) return stop("checksum does not match");
      revoked.push(...parseRevocations(view, journal));
    } else if (type === BLOCK.commit) {
      if (!commitMatches(journal, bytes)) return stop("checksum does not match");
      transactions.push({ sequence, blocks, revoked });
      blocks = [];
      revoked = [];
      sequence = (sequence + 1) >>> 0;
    } else {
      break;
    }
    step(1);
    seen++;
  }
  return { transactions, stopped: undefined };
}

function parseRevocations(view: View, { wide }: Journal): readonly number[] {
  const used = Math.min(view.u32be(12), view.length);
  const blocks: number[] = [];
  const bytes = wide ? 8 : 4;
  for (let at = 16; at + bytes <= used; at += bytes) blocks.push(wide ? view.u64be(at) : view.u32be(at));
  return blocks;
}

/** The last committed content of each block, but for what a later or the same transaction revokes. */
async function collectBlocks(
  journal: Journal,
  transactions: readonly Transaction[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  const revokedIn = new Map<number, number>();
  for (const [index, { revoked }] of transactions.entries())
    for (const block of revoked) revokedIn.set(block, index);
  const last = new Map<number, Transaction["blocks"][number] & { readonly sequence: number }>();
  for (const [index, { blocks, sequence }] of transactions.entries()) {
    for (const tag of blocks)
      if (index > (revokedIn.get(tag.block) ?? -1)) last.set(tag.block, { ...tag, sequence });
  }
  if (last.size * journal.blockBytes > REPLAY_MAX_BYTES)
    throw limitReached(journal.content.label, `${last.size} blocks to replay`);
  const replayed = await Promise.all(
    [...last].map(async ([block, tag]): Promise<readonly [number, Uint8Array]> => {
      const stored = await readBlock(journal, tag.journalBlock);
      if (!dataMatches(journal, tag, tag.sequence, stored))
        throw corrupt(journal.content.label, `checksum of block ${block} does not match`);
      if (!tag.escaped) return [block, stored];
      // A data block that begins with the journal's magic is stored with zeros in its place.
      const restored = stored.slice();
      new DataView(restored.buffer).setUint32(0, MAGIC);
      return [block, restored];
    }),
  );
  return new Map(replayed);
}

function readBlock({ content, blockBytes }: Journal, block: number): Promise<Uint8Array> {
  return content.read(block * blockBytes, blockBytes);
}

function tailMatches({ checksums, seed }: Journal, bytes: Uint8Array): boolean {
  if (checksums === "none") return true;
  const at = bytes.length - TAIL_BYTES;
  const crc = crc32cUpdate(crc32cUpdate(seed, bytes.subarray(0, at)), new Uint8Array(TAIL_BYTES));
  return crc === new View(bytes, "journal").u32be(at);
}

function commitMatches({ checksums, seed }: Journal, bytes: Uint8Array): boolean {
  if (checksums === "none") return true;
  const cleared = bytes.slice();
  cleared.fill(0, 0x10, 0x14);
  return crc32cUpdate(seed, cleared) === new View(bytes, "journal").u32be(0x10);
}

function dataMatches(
  { checksums, seed }: Journal,
  { checksum }: Tag,
  sequence: number,
  bytes: Uint8Array,
): boolean {
  if (checksums === "none") return true;
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, sequence);
  const crc = crc32cUpdate(crc32cUpdate(seed, number), bytes);
  return (checksums === "v3" ? crc : crc & 0xffff) === checksum;
}

/** JBD2, the journal of ext3 and ext4. Source: Linux Documentation/filesystems/ext4/journal.rst. */
import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { overlay } from "../../bytes/overlay.ts";
import { View } from "../../bytes/view.ts";
import { COMPAT } from "./features.ts";
import { dataMatches } from "./journal-checks.ts";
import { type Log, type Logged, scanLog, type Transaction } from "./journal-scan.ts";
import { JOURNAL_MAGIC, type Journal, openJournal } from "./journal-superblock.ts";
import type { ExtVolume } from "./volume.ts";

const REPLAY_MAX_BYTES = 64 << 20;
/** First tag of an area of fast commits. Source: journal.rst, "Fast commits"; fs/ext4/fast_commit.h. */
const FAST_COMMIT_HEAD = 9;
const FAST_COMMIT_HEAD_BYTES = 12;

export interface Replayed {
  readonly source: ByteSource;
  /** What to tell of it. */
  readonly notes: readonly string[];
  /** Why a mount may show something else. */
  readonly stale?: string;
}

/** The volume as it stands once every committed transaction is written. */
export async function replayJournal(volume: ExtVolume): Promise<Replayed> {
  if ((volume.superblock.compat & COMPAT.hasJournal) === 0)
    throw unsupported(volume.label, "there is no journal");
  const journal = await openJournal(volume);
  if (journal.start === 0) return { source: volume.source, notes: [] };
  const log = await scanLog(journal, volume.superblock.blocksCount);
  const blocks = await collectBlocks(journal, log.transactions);
  const notes = [`dirty journal: ${blocks.size} blocks replayed in memory`];
  if (log.stopped !== undefined) notes.push(`dirty journal: replay ends early: ${log.stopped}`);
  const replayed = { source: overlay(volume.source, journal.blockBytes, blocks), notes };
  if (!(await hasFastCommits(journal, log))) return replayed;
  const stale = "dirty journal: not replayed: the fast commits after the last full one";
  return { ...replayed, notes: [...notes, stale], stale };
}

/** The last committed content of each block, but for what a later or the same transaction revokes. */
async function collectBlocks(
  journal: Journal,
  transactions: readonly Transaction[],
): Promise<ReadonlyMap<number, Uint8Array>> {
  const revokedIn = new Map<number, number>();
  for (const [index, { revoked }] of transactions.entries())
    for (const block of revoked) revokedIn.set(block, index);
  const last = new Map<number, Logged & { readonly sequence: number }>();
  for (const [index, { blocks, sequence }] of transactions.entries()) {
    for (const tag of blocks)
      if (index > (revokedIn.get(tag.block) ?? -1)) last.set(tag.block, { ...tag, sequence });
  }
  if (last.size * journal.blockBytes > REPLAY_MAX_BYTES)
    throw limitReached(journal.content.label, `${last.size} blocks to replay`);
  const replayed = await Promise.all(
    [...last].map(async ([block, tag]): Promise<readonly [number, Uint8Array]> => {
      const at = tag.journalBlock * journal.blockBytes;
      const stored = await journal.content.read(at, journal.blockBytes);
      if (!dataMatches(journal, tag, tag.sequence, stored))
        throw corrupt(journal.content.label, `checksum of the copy of block ${block} does not match`, at);
      if (!tag.escaped) return [block, stored];
      // A data block that begins with the journal's magic is stored with zeros in its place.
      const restored = Uint8Array.from(stored);
      new DataView(restored.buffer).setUint32(0, JOURNAL_MAGIC);
      return [block, restored];
    }),
  );
  return new Map(replayed);
}

/** True when the fast-commit area, which begins one block behind the ring, goes on where the log ends. */
async function hasFastCommits(journal: Journal, { nextSequence, stopped }: Log): Promise<boolean> {
  if (!journal.fastCommit || stopped !== undefined) return false;
  const at = (journal.end + 1) * journal.blockBytes;
  if (at + FAST_COMMIT_HEAD_BYTES > journal.content.size) return false;
  const view = new View(await journal.content.read(at, FAST_COMMIT_HEAD_BYTES), journal.content.label, at);
  return view.u16le(0) === FAST_COMMIT_HEAD && view.u32le(8) === nextSequence;
}

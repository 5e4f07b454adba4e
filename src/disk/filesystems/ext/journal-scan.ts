/** Source: Linux Documentation/filesystems/ext4/journal.rst, and fs/jbd2/recovery.c for what ends a log. */
import { limitReached } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import { crc32beUpdate } from "./crc32be.ts";
import { commitMatches, tailMatches } from "./journal-checks.ts";
import { JOURNAL_BLOCK, JOURNAL_MAGIC, type Journal } from "./journal-superblock.ts";
import { parseRevocations, parseTags, type Tag } from "./journal-tags.ts";

/** Bounds for a journal that maps the same blocks again and again: e2fsprogs makes at most 2^20 blocks or so. */
const HEADERS_MAX = 1 << 18;
const ITEMS_MAX = 1 << 20;
const WINDOW_MIN_BYTES = 16 << 10;
const WINDOW_MAX_BYTES = 128 << 10;
const SUM_START = 0xffffffff;

/** One block that a transaction writes, and where in the journal it lies. */
export interface Logged extends Tag {
  readonly journalBlock: number;
}

/** What a commit block seals. */
export interface Transaction {
  readonly sequence: number;
  readonly blocks: readonly Logged[];
  readonly revoked: readonly number[];
}

export interface Log {
  readonly transactions: readonly Transaction[];
  /** The number of the transaction that would come next. */
  readonly nextSequence: number;
  /** Why the log ends before its writer meant it to, when it does. */
  readonly stopped: string | undefined;
}

/** Every committed transaction from the ring's start to the first block that is not of the expected one. */
export async function scanLog(journal: Journal, blocksCount: number): Promise<Log> {
  const { first, end } = journal;
  const readBlock = windowReader(journal);
  const transactions: Transaction[] = [];
  let sequence = journal.sequence;
  let blocks: Logged[] = [];
  let revoked: number[] = [];
  let sum = SUM_START;
  let items = 0;
  let at = journal.start;
  const next = (): number => (at + 1 < end ? at + 1 : first);
  const done = (stopped?: string): Log => ({
    transactions,
    nextSequence: sequence,
    stopped: stopped === undefined ? undefined : `${stopped} in journal block ${at}`,
  });

  for (let headers = 0, seen = 0; seen < end - first; headers++, seen++, at = next()) {
    if (headers > HEADERS_MAX || items > ITEMS_MAX)
      throw limitReached(journal.content.label, "too many journal entries", at * journal.blockBytes);
    const bytes = await readBlock(at);
    const view = new View(bytes, journal.content.label, at * journal.blockBytes);
    if (view.u32be(0) !== JOURNAL_MAGIC || view.u32be(8) !== sequence) return done();
    const type = view.u32be(4);
    if (type === JOURNAL_BLOCK.descriptor) {
      if (!tailMatches(journal, bytes)) return done("checksum does not match");
      if (journal.checksums === "v1") sum = crc32beUpdate(sum, bytes);
      for (const tag of parseTags(view, journal)) {
        at = next();
        seen++;
        if (tag.block >= blocksCount) return done(`block ${tag.block} is out of range`);
        if (journal.checksums === "v1") sum = crc32beUpdate(sum, await readBlock(at));
        blocks.push({ ...tag, journalBlock: at });
        items++;
      }
    } else if (type === JOURNAL_BLOCK.revoke) {
      if (!tailMatches(journal, bytes)) return done("checksum does not match");
      const listed = parseRevocations(view, journal);
      for (const block of listed) revoked.push(block);
      items += listed.length;
    } else if (type === JOURNAL_BLOCK.commit) {
      if (!commitMatches(journal, bytes, sum)) return done("checksum does not match");
      transactions.push({ sequence, blocks, revoked });
      blocks = [];
      revoked = [];
      sum = SUM_START;
      sequence = (sequence + 1) >>> 0;
    } else return done();
  }
  return done();
}

/**
 * Blocks of the ring, in order. They come in windows that double as long as the log goes on: nearly all of it is
 * needed, and following it block by block costs a round for each.
 */
function windowReader({ content, blockBytes, end }: Journal): (block: number) => Promise<Uint8Array> {
  let start = 0;
  let window: Uint8Array = new Uint8Array();
  let bytes = WINDOW_MIN_BYTES;
  return async (block) => {
    const at = block * blockBytes;
    if (at < start || at + blockBytes > start + window.length) {
      const whole = Math.max(blockBytes, bytes - (bytes % blockBytes));
      window = await content.read(at, Math.min(whole, end * blockBytes - at));
      start = at;
      bytes = Math.min(bytes * 2, WINDOW_MAX_BYTES);
    }
    return window.subarray(at - start, at - start + blockBytes);
  };
}

/**
 * Whether the log is clean, and what to do when it is not. A clean one ends with an unmount record. Source: XFS
 * Algorithms & Data Structures, "Journaling Log"; Linux fs/xfs/xfs_log_recover.c (xlog_find_head,
 * xlog_check_unmount_rec).
 */
import { corrupt, isReadError } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { findHead, type LogReader, lastRecordBefore } from "./log-head.ts";
import { BASIC_BLOCK_BYTES, cycleOf, parseRecord } from "./log-record.ts";
import type { XfsVolume } from "./volume.ts";

/** Read at once: one page of the cache below. */
const CHUNK_BLOCKS = 8;
/** Records followed from where the superblock was logged: unmounting writes a few after it. */
const FOLLOWED_MAX = 8;

/** A volume as a mount would show it. */
export interface Recovered {
  readonly source: ByteSource;
  readonly notes: readonly string[];
  /** Set when there is a log, or may be one, that a mount replays and this reader did not. */
  readonly stale?: string;
}

/** The volume as it lies there when its log is clean, else with the log replayed in memory. */
export async function recovered(volume: XfsVolume): Promise<Recovered> {
  const { source } = volume;
  let known = "whether it is clean cannot be seen: ";
  try {
    const log = openLog(volume);
    const start = volume.superblock.lastLogged;
    if ((start && (await followFrom(log, start))) ?? (await searched(log))) return { source, notes: [] };
    known = "";
    const { replayLog } = await import("./log-replay.ts");
    const { sectors, stopped } = await replayLog(volume, log);
    const notes = [`dirty log: ${sectors.count} sectors replayed in memory`];
    if (stopped !== undefined) notes.push(`dirty log: replay ends early: ${stopped}`);
    return { source: sectors.asSource(), notes };
  } catch (error) {
    if (!isReadError(error) || error.code === "transient" || error.code === "access") throw error;
    const stale = `dirty log: not replayed: ${known}${error.message}`;
    return { source, notes: [stale], stale };
  }
}

function openLog({ source, superblock, label }: XfsVolume & { readonly label: string }): LogReader {
  const { logStart, logBlocks, blockBytes, groupBlockBits, groupBlocks } = superblock;
  const group = Math.floor(logStart / 2 ** groupBlockBits);
  const offset = (group * groupBlocks + (logStart % 2 ** groupBlockBits)) * blockBytes;
  const count = (logBlocks * blockBytes) / BASIC_BLOCK_BYTES;
  if (count < CHUNK_BLOCKS) throw corrupt(label, `log of ${logBlocks} blocks`, offset);
  return {
    count,
    label,
    async read(block, blocks) {
      const at = offset + block * BASIC_BLOCK_BYTES;
      return new View(await source.read(at, blocks * BASIC_BLOCK_BYTES), label, at);
    },
  };
}

/**
 * Follows the records from `start` to the last one of the log. Undefined when there is no record there, or the
 * last one is too far away: then the log has to be searched.
 */
async function followFrom(
  log: LogReader,
  start: { readonly cycle: number; readonly block: number },
): Promise<boolean | undefined> {
  // Never mounted: mkfs wrote one record, at the front of cycle 1.
  let { cycle, block } = start.cycle === 0 ? { cycle: 1, block: 0 } : start;
  let clean: boolean | undefined;
  for (let followed = 0; followed < FOLLOWED_MAX && block < log.count; followed++) {
    // Aligned, so that a record and its neighbours are one read of the cache.
    const from = block - (block % CHUNK_BLOCKS);
    // The last record is told by the block behind it: with this one, that is four blocks on at least.
    const blocks = followed === 0 && block - from >= CHUNK_BLOCKS / 2 ? 2 * CHUNK_BLOCKS : CHUNK_BLOCKS;
    const chunk = await log.read(from, Math.min(blocks, log.count - from));
    const at = chunk.sub((block - from) * BASIC_BLOCK_BYTES, BASIC_BLOCK_BYTES);
    if (cycleOf(at) === cycle - 1) return clean;
    const record = parseRecord(at);
    if (!record || record.cycle !== cycle || record.block !== block) return undefined;
    const data = (block + record.headerBlocks) % log.count;
    clean = record.operations === 1 && (await isUnmount(log, data));
    block += record.headerBlocks + record.dataBlocks;
    if (block >= log.count) {
      block -= log.count;
      cycle++;
    }
  }
  return undefined;
}

async function searched(log: LogReader): Promise<boolean> {
  const head = await findHead(log);
  const record = await lastRecordBefore(log, head);
  if (record?.operations !== 1) return false;
  const end = record.block + record.headerBlocks + record.dataBlocks;
  return (
    end % log.count === head % log.count && isUnmount(log, (record.block + record.headerBlocks) % log.count)
  );
}

const UNMOUNT_FLAG = 0x20;

/** The first operation's flags. Source: xfs_log_format.h, xlog_op_header. */
async function isUnmount(log: LogReader, block: number): Promise<boolean> {
  return ((await log.read(block, 1)).u8(9) & UNMOUNT_FLAG) !== 0;
}

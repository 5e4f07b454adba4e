/**
 * The records that a mount would replay. Source: XFS Algorithms & Data Structures, "Log Records"; Linux
 * fs/xfs/xfs_log_recover.c (xlog_do_recovery_pass, xlog_unpack_data), fs/xfs/xfs_log.c (xlog_cksum).
 */
import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { View } from "../../bytes/view.ts";
import { findHead, type LogReader, lastRecordBefore } from "./log-head.ts";
import {
  BASIC_BLOCK_BYTES,
  cycleOf,
  HEADER_CYCLES_BYTES,
  type LogPlace,
  type LogRecord,
  parseRecord,
} from "./log-record.ts";

const REPLAY_MAX_BYTES = 64 << 20;
/** A record is at most 256 KiB and eight header blocks. */
const RECORD_MAX_BLOCKS = 520;
/** So many records are written at once: what is torn lies in the last ones. Source: XLOG_MAX_ICLOGS, xlog_verify_head. */
const BUFFERS = 8;
const WINDOW_BLOCKS = 2048;
const CYCLES_A_BLOCK = HEADER_CYCLES_BYTES / BASIC_BLOCK_BYTES;
const LINUX_LITTLE_ENDIAN = 1;
/** The header's size as 64-bit and 32-bit kernels see it: the checksum covers that much. */
const HEADER_BYTES = [328, 324] as const;
const CRC_OFFSET = 32;

/** A record with its data as they were before the log put cycle numbers into them. */
export interface Unpacked {
  readonly record: LogRecord;
  readonly data: View;
}

export interface Pending {
  readonly records: readonly Unpacked[];
  /** Why the log ends before its head, when it does. */
  readonly stopped: string | undefined;
}

/** Every whole record between the log's tail and its head, oldest first. */
export async function pendingRecords(log: LogReader, uuid: string): Promise<Pending> {
  const head = await findHead(log);
  const last = await lastRecordBefore(log, head);
  if (!last) throw corrupt(log.label, "log: no record before its head");
  if (last.tail.block >= log.count) throw corrupt(log.label, `log: tail at ${last.tail.block}`);
  const end: LogPlace = { cycle: last.cycle, block: head };
  const pending = windowed(log, last.tail, end);
  const records: Unpacked[] = [];
  let { cycle, block } = last.tail;
  let bytes = 0;
  let stopped: string | undefined;
  while (before({ cycle, block }, end)) {
    const next = await recordAt(pending, { cycle, block }, uuid);
    if (typeof next === "string") {
      stopped = `${next} in block ${block}`;
      break;
    }
    records.push(next);
    bytes += next.data.length;
    if (bytes > REPLAY_MAX_BYTES)
      throw limitReached(log.label, `log: more than ${REPLAY_MAX_BYTES} bytes to replay`);
    block += next.record.headerBlocks + next.record.dataBlocks;
    if (block >= log.count) {
      block -= log.count;
      cycle++;
    }
  }
  if (stopped === undefined) return { records, stopped };
  const lost = (end.cycle - cycle) * log.count + end.block - block;
  if (
    records.length === 0 ||
    lost > BUFFERS * RECORD_MAX_BLOCKS ||
    !(await isTorn(pending, { cycle, block }, lost))
  )
    throw corrupt(log.label, `log: ${stopped}, ${lost} blocks before its head`);
  return { records, stopped };
}

/**
 * Whether no more than the records that may have been under way when it stopped begin from here to the head, or to the
 * first block that the last turn did not reach: a hole, which a mount takes for the head, without the record it is in.
 */
async function isTorn(log: LogReader, at: LogPlace, lost: number): Promise<boolean> {
  const blocks = blocksOf(await ring(log, at.block, lost));
  const hole = blocks.findIndex((block, i) => cycleOf(block) !== cycleAt(log, at, i));
  const head = hole < 0 ? blocks.length : hole;
  const whole = blocks.slice(0, head).filter((block, i) => {
    const record = parseRecord(block);
    return record && i + record.headerBlocks + record.dataBlocks <= head;
  });
  return whole.length <= BUFFERS;
}

/** Nearly all between tail and head is needed, and following it record by record costs a round for each. */
function windowed(log: LogReader, tail: LogPlace, end: LogPlace): LogReader {
  const [from, to] = tail.cycle < end.cycle ? [tail.block, log.count] : [tail.block, end.block];
  let window: { readonly block: number; readonly view: View } | undefined;
  return {
    ...log,
    async read(block, blocks) {
      const within = window ? block - window.block : -1;
      if (window && within >= 0 && (within + blocks) * BASIC_BLOCK_BYTES <= window.view.length)
        return window.view.sub(within * BASIC_BLOCK_BYTES, blocks * BASIC_BLOCK_BYTES);
      const last = block >= from ? to : end.block;
      const wanted = Math.max(blocks, Math.min(WINDOW_BLOCKS, last - block));
      const view = await log.read(block, Math.min(wanted, log.count - block));
      window = { block, view };
      return view.sub(0, blocks * BASIC_BLOCK_BYTES);
    },
  };
}

function before(a: LogPlace, b: LogPlace): boolean {
  return a.cycle < b.cycle || (a.cycle === b.cycle && a.block < b.block);
}

/** The record at this place, or what is wrong with it: then it was being written when the machine stopped. */
async function recordAt(log: LogReader, at: LogPlace, uuid: string): Promise<Unpacked | string> {
  const first = await ring(log, at.block, 1);
  const record = parseRecord(first);
  if (!record || record.cycle !== at.cycle || record.block !== at.block) return "no record";
  const { headerBlocks, dataBlocks } = record;
  if (dataBlocks === 0 || headerBlocks + dataBlocks > Math.min(RECORD_MAX_BLOCKS, log.count))
    return `a record of ${dataBlocks} blocks`;
  if (first.u32be(300) !== LINUX_LITTLE_ENDIAN)
    throw unsupported(log.label, `XFS log of format ${first.u32be(300)}`, first.base);
  if (first.uuid(304) !== uuid) throw corrupt(log.label, "log: belongs to another file system", first.base);
  const [header, packed] = await Promise.all([
    ring(log, at.block, headerBlocks),
    ring(log, (at.block + headerBlocks) % log.count, dataBlocks),
  ]);
  const torn = blocksOf(packed).some((block, i) => cycleOf(block) !== cycleAt(log, at, headerBlocks + i));
  if (torn) return "a record that is half written";
  if (!checksumMatches(header, packed)) return "checksum does not match";
  return { record, data: unpack(header, packed) };
}

function cycleAt(log: LogReader, { cycle, block }: LogPlace, ahead: number): number {
  return block + ahead >= log.count ? cycle + 1 : cycle;
}

/** Blocks of the log, which goes on at its front. */
async function ring(log: LogReader, block: number, blocks: number): Promise<View> {
  const inFront = Math.min(blocks, log.count - block);
  const [front, rest] = await Promise.all([
    log.read(block, inFront),
    inFront < blocks ? log.read(0, blocks - inFront) : undefined,
  ]);
  if (!rest) return front;
  return new View(Buffer.concat([front.bytes, rest.bytes]), log.label, front.base);
}

function blocksOf(view: View): readonly View[] {
  return Array.from({ length: view.length / BASIC_BLOCK_BYTES }, (_, i) =>
    view.sub(i * BASIC_BLOCK_BYTES, BASIC_BLOCK_BYTES),
  );
}

/** The first word of every data block lies in the headers. */
function unpack(header: View, packed: View): View {
  const bytes = packed.bytes.slice();
  for (let i = 0; i * BASIC_BLOCK_BYTES < bytes.length; i++) {
    const within = Math.floor(i / CYCLES_A_BLOCK);
    const words = within === 0 ? 44 : within * BASIC_BLOCK_BYTES + 4;
    bytes.set(header.slice(words + (i % CYCLES_A_BLOCK) * 4, 4), i * BASIC_BLOCK_BYTES);
  }
  return new View(bytes, packed.label, packed.base);
}

function checksumMatches(header: View, packed: View): boolean {
  const stored = header.u32le(CRC_OFFSET);
  const bytes = header.u32be(12);
  const data = packed.slice(0, bytes);
  // Of the further headers, which are there for as much as a record can take, those that this one fills.
  const filled = Math.min(header.length, Math.ceil(bytes / HEADER_CYCLES_BYTES) * BASIC_BLOCK_BYTES);
  return HEADER_BYTES.some((length) => {
    let register = crc32cUpdate(~0, header.slice(0, CRC_OFFSET));
    register = crc32cUpdate(register, new Uint8Array(4));
    register = crc32cUpdate(register, header.slice(CRC_OFFSET + 4, length - CRC_OFFSET - 4));
    for (let at = BASIC_BLOCK_BYTES; at < filled; at += BASIC_BLOCK_BYTES)
      register = crc32cUpdate(register, header.slice(at, 4 + 4 * CYCLES_A_BLOCK));
    return ~crc32cUpdate(register, data) >>> 0 === stored;
  });
}

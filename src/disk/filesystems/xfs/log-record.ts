import type { View } from "../../bytes/view.ts";

export const BASIC_BLOCK_BYTES = 512;
const RECORD_MAGIC = 0xfeedbabe;
/** What one header block keeps the cycles of: larger records have more of them. */
export const HEADER_CYCLES_BYTES = 32768;

/** A place in the log: which turn, and which block of 512 bytes. */
export interface LogPlace {
  readonly cycle: number;
  readonly block: number;
}

/** One record of the log, in blocks of 512 bytes. Source: xfs_log_format.h, xlog_rec_header. */
export interface LogRecord extends LogPlace {
  readonly headerBlocks: number;
  readonly dataBlocks: number;
  readonly operations: number;
  /** What was not yet in its place when this was written begins here. */
  readonly tail: LogPlace;
}

/** The record that begins in this block, or undefined. */
export function parseRecord(block: View): LogRecord | undefined {
  if (block.u32be(0) !== RECORD_MAGIC) return undefined;
  const version = block.u32be(8);
  const size = block.u32be(320);
  return {
    cycle: block.u32be(4),
    block: block.u32be(20),
    headerBlocks: (version & 2) !== 0 ? Math.max(1, Math.ceil(size / HEADER_CYCLES_BYTES)) : 1,
    dataBlocks: Math.ceil(block.u32be(12) / BASIC_BLOCK_BYTES),
    operations: block.u32be(40),
    tail: { cycle: block.u32be(24), block: block.u32be(28) },
  };
}

/** Every block begins with the number of the turn it was written in; a record's header has its magic there. */
export function cycleOf(block: View): number {
  return block.u32be(0) === RECORD_MAGIC ? block.u32be(4) : block.u32be(0);
}

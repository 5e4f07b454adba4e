import type { View } from "../../bytes/view.ts";
import { BASIC_BLOCK_BYTES, cycleOf, type LogRecord, parseRecord } from "./log-record.ts";

export interface LogReader {
  /** Blocks of 512 bytes. */
  readonly count: number;
  readonly label: string;
  read(block: number, blocks: number): Promise<View>;
}

/** Places looked at in one round. */
const FAN = 8;
const CHUNK_BLOCKS = 8;
/** A record is at most 256 KiB and its header. */
const BACK_BLOCKS = 528;

/** The block behind the one written last: where the cycle falls, or the front when the last turn was whole. */
export async function findHead(log: LogReader): Promise<number> {
  const [first, last] = await cyclesAt(log, [0, log.count - 1]);
  if (first === last) return log.count;
  // Blocks before `low` (inclusive) are of the first block's cycle, `high` is not.
  let low = 0;
  let high = log.count - 1;
  while (high - low > 1) {
    const step = Math.max(1, Math.floor((high - low) / FAN));
    const places: number[] = [];
    for (let at = low + step; at < high; at += step) places.push(at);
    const cycles = await cyclesAt(log, places);
    const fell = cycles.findIndex((cycle) => cycle !== first);
    const [from, to] = [low, high];
    high = (fell < 0 ? undefined : places[fell]) ?? to;
    low = (fell < 0 ? places.at(-1) : places[fell - 1]) ?? from;
  }
  return high;
}

/** The last record that begins before `head`. */
export async function lastRecordBefore(log: LogReader, head: number): Promise<LogRecord | undefined> {
  let end = head;
  for (let size = CHUNK_BLOCKS; end > 0 && head - end < BACK_BLOCKS; size = BACK_BLOCKS) {
    const from = Math.max(0, end - size);
    const chunk = await log.read(from, end - from);
    for (let block = end - 1; block >= from; block--) {
      const record = parseRecord(chunk.sub((block - from) * BASIC_BLOCK_BYTES, BASIC_BLOCK_BYTES));
      if (record?.block === block) return record;
    }
    end = from;
  }
  return undefined;
}

async function cyclesAt(log: LogReader, blocks: readonly number[]): Promise<readonly number[]> {
  return Promise.all(blocks.map(async (block) => cycleOf(await log.read(block, 1))));
}

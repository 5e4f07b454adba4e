/**
 * What records say, put together. Source: XFS Algorithms & Data Structures, "Log Operations"; Linux
 * fs/xfs/xfs_log_recover.c (xlog_recover_process_ophdr, xlog_recover_add_to_trans).
 */
import { corrupt } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import type { LogPlace } from "./log-record.ts";
import type { Unpacked } from "./log-ring.ts";

const OPERATION_BYTES = 12;
const FLAG = { start: 0x01, commit: 0x02, continues: 0x04, continued: 0x08, end: 0x10, unmount: 0x20 };
const TRANSACTION_MAGIC = 0x5452414e;
const TRANSACTION_BYTES = 16;
const REGIONS_MAX = 131_072;

/** One changed thing: its format, then the regions that this describes. */
export interface LogItem {
  readonly type: number;
  readonly regions: readonly View[];
  /** Where the transaction begins that it is of. */
  readonly at: LogPlace;
}

interface Open {
  readonly at: LogPlace;
  readonly items: View[][];
  header: number;
}

/** The items of every committed transaction, in the order of their commits. */
export function committedItems(records: readonly Unpacked[]): readonly LogItem[] {
  const open = new Map<number, Open>();
  const done: LogItem[] = [];
  for (const { record, data } of records) {
    let at = 0;
    for (let i = 0; i < record.operations; i++) {
      const id = data.u32be(at);
      const length = data.u32be(at + 4);
      const flags = data.u8(at + 9);
      const region = data.sub(at + OPERATION_BYTES, length);
      at += OPERATION_BYTES + length;
      const transaction = open.get(id);
      if ((flags & FLAG.unmount) !== 0) open.delete(id);
      else if (!transaction) {
        if ((flags & FLAG.start) !== 0)
          open.set(id, { at: { cycle: record.cycle, block: record.block }, items: [], header: 0 });
      } else if ((flags & FLAG.commit) !== 0) {
        open.delete(id);
        for (const one of inOrder(transaction.items)) done.push({ ...one, at: transaction.at });
      } else if ((flags & FLAG.continued) !== 0) goOn(transaction, region);
      else add(transaction, region);
    }
  }
  return done;
}

/** The rest of a region that did not fit the record before. */
function goOn(transaction: Open, region: View): void {
  const regions = transaction.items.at(-1);
  const last = regions?.pop();
  if (!regions || !last) transaction.header += region.length;
  else regions.push(new View(Buffer.concat([last.bytes, region.bytes]), last.label, last.base));
}

function add(transaction: Open, region: View): void {
  if (region.length === 0) return;
  if (transaction.header === 0) {
    if (region.length >= 4 && region.u32le(0) !== TRANSACTION_MAGIC)
      throw corrupt(region.label, "log: a transaction without its header", region.base);
    transaction.header = region.length;
    return;
  }
  if (transaction.header !== TRANSACTION_BYTES)
    throw corrupt(region.label, `log: transaction header of ${transaction.header} bytes`, region.base);
  const regions = transaction.items.at(-1);
  const format = regions?.[0];
  if (regions && format && regions.length < format.u16le(2)) regions.push(region);
  else if (region.u16le(2) === 0 || region.u16le(2) > REGIONS_MAX)
    throw corrupt(region.label, `log: item of ${region.u16le(2)} regions`, region.base);
  else transaction.items.push([region]);
}

export const ITEM = {
  inode: 0x123b,
  buffer: 0x123c,
  inodesCreated: 0x123f,
  mapIntent: 0x1244,
  mapDone: 0x1245,
  exchangeIntent: 0x1248,
  exchangeDone: 0x1249,
} as const;
/** Flags of a buffer. Source: xfs_log_format.h, XFS_BLF_*. */
export const BUFFER = { inodes: 0x1, cancel: 0x2 } as const;

/** Buffers before what lies in them, cancellations last. Source: xlog_recover_reorder_trans. */
function inOrder(items: readonly View[][]): readonly Omit<LogItem, "at">[] {
  const ranked = items.flatMap((regions) => {
    const [format] = regions;
    if (!format) return [];
    const type = format.u16le(0);
    if (regions.length !== format.u16le(2))
      throw corrupt(format.label, `log: an item lacks regions, has ${regions.length}`, format.base);
    return [{ type, regions, rank: rankOf(type, format) }];
  });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ type, regions }) => ({ type, regions }));
}

function rankOf(type: number, format: View): number {
  if (type === ITEM.inodesCreated) return 0;
  if (type !== ITEM.buffer) return 1;
  const flags = format.u16le(4);
  if ((flags & BUFFER.cancel) !== 0) return 3;
  return (flags & BUFFER.inodes) !== 0 ? 2 : 0;
}

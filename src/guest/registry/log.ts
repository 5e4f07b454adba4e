import type { ByteSource } from "../../disk/bytes/byte-source.ts";
import { View } from "../../disk/bytes/view.ts";
import { isReadError, limitReached } from "../../errors.ts";
import { BASE_HEAD_BYTES, type BaseBlock, parseBaseBlock } from "./base-block.ts";
import { marvin32 } from "./marvin32.ts";

/** Pages are kept in these. */
export const PAGE_BYTES = 512;

/** One set of changes: pages by their number in the hive's bins, and how long the bins are afterwards. */
export interface LogEntry {
  readonly sequence: number;
  readonly binsBytes: number;
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

export interface HiveLog {
  readonly base: BaseBlock;
  readonly isOld: boolean;
  readonly entries: readonly LogEntry[];
}

/** All logs of one hive: two hives are opened at once, and what their logs hold stays in memory. */
const LOGS_MAX_BYTES = 48 << 20;
const PAGES_MAX = LOGS_MAX_BYTES / PAGE_BYTES;
const ENTRY_HEADER_BYTES = 40;
const NEW_LOG = 6;

/** The transaction logs of a hive, but those that are empty or hold nothing valid. */
export async function readLogs(sources: readonly ByteSource[]): Promise<readonly HiveLog[]> {
  const bytes = sources.reduce((sum, { size }) => sum + size, 0);
  const [first] = sources;
  if (first && bytes > LOGS_MAX_BYTES) throw limitReached(first.label, `logs of ${bytes} bytes`);
  return (await Promise.all(sources.map(readLog))).filter((log) => log !== undefined);
}

async function readLog(source: ByteSource): Promise<HiveLog | undefined> {
  if (source.size < BASE_HEAD_BYTES * 2) return undefined;
  const bytes = await source.read(0, source.size);
  try {
    const base = parseBaseBlock(bytes.subarray(0, BASE_HEAD_BYTES), source.label);
    const view = new View(bytes, source.label, 0);
    if (base.fileType === NEW_LOG) return { base, isOld: false, entries: newEntries(view) };
    return { base, isOld: true, entries: oldEntries(view, base) };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return undefined;
  }
}

/** HvLE: entries one after another, until one is not valid or not the next. */
function newEntries(view: View): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  let pagesCount = 0;
  for (let at = BASE_HEAD_BYTES; at + ENTRY_HEADER_BYTES <= view.length; ) {
    const entry = newEntry(view, at);
    const last = entries.at(-1);
    if (!entry || (last && entry.sequence !== last.sequence + 1)) break;
    entries.push(entry);
    pagesCount += entry.pages.size;
    if (pagesCount > PAGES_MAX) throw limitReached(view.label, `log of more than ${PAGES_MAX} pages`);
    at += view.u32le(at + 4);
  }
  return entries;
}

function newEntry(view: View, at: number): LogEntry | undefined {
  const size = view.u32le(at + 4);
  if (!view.is(at, "HvLE") || size < ENTRY_HEADER_BYTES || size % PAGE_BYTES !== 0 || at + size > view.length)
    return undefined;
  if (view.big64le(at + 32) !== marvin32(view.slice(at, 32))) return undefined;
  if (view.big64le(at + 24) !== marvin32(view.slice(at + 40, size - 40))) return undefined;
  const entry = view.sub(at, size);
  const count = entry.u32le(20);
  const pages = new Map<number, Uint8Array>();
  let data = ENTRY_HEADER_BYTES + count * 8;
  if (data > size) return undefined;
  for (let i = 0; i < count; i++) {
    const start = entry.u32le(ENTRY_HEADER_BYTES + i * 8);
    const length = entry.u32le(ENTRY_HEADER_BYTES + i * 8 + 4);
    if (start % PAGE_BYTES !== 0 || length % PAGE_BYTES !== 0 || data + length > size) return undefined;
    for (let done = 0; done < length; done += PAGE_BYTES)
      pages.set((start + done) / PAGE_BYTES, entry.slice(data + done, PAGE_BYTES));
    data += length;
  }
  return { sequence: entry.u32le(12), binsBytes: entry.u32le(16), pages };
}

/** DIRT: one bit for each 512 bytes of the bins, then the pages that are set. */
function oldEntries(view: View, base: BaseBlock): readonly LogEntry[] {
  if (!view.is(BASE_HEAD_BYTES, "DIRT") || base.primarySequence !== base.secondarySequence) return [];
  const bitmap = BASE_HEAD_BYTES + 4;
  const bits = Math.floor(base.binsBytes / PAGE_BYTES);
  let data = Math.ceil((bitmap + Math.ceil(bits / 8)) / PAGE_BYTES) * PAGE_BYTES;
  const pages = new Map<number, Uint8Array>();
  for (let page = 0; page < bits; page++) {
    if ((view.u8(bitmap + (page >> 3)) & (1 << (page & 7))) === 0) continue;
    pages.set(page, view.slice(data, PAGE_BYTES));
    data += PAGE_BYTES;
  }
  return [{ sequence: base.primarySequence, binsBytes: base.binsBytes, pages }];
}

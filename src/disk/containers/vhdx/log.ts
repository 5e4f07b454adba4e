import { corrupt, limitReached } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { checksumHolds } from "./checksum.ts";
import type { Header } from "./header.ts";
import { LogWrites } from "./log-writes.ts";

// Source: [MS-VHDX] 2.3 (log), 2.3.3 (replay).

const SECTOR = 4096;
const ENTRY_HEADER_BYTES = 64;
const DESCRIPTOR_BYTES = 32;
/** Windows and QEMU make logs of 1 MiB. */
const LOG_BYTES_MAX = 16 << 20;
/** Every sector can claim to begin an entry as long as the log: more than this is not checked. */
const CHECKED_BYTES_MAX = 256 << 20;

/** A log entry whose checksum holds and that belongs to this log. */
interface Entry {
  readonly start: number;
  readonly length: number;
  readonly tail: number;
  readonly sequence: bigint;
  readonly flushedBytes: number;
  readonly lastBytes: number;
  readonly view: View;
}

/**
 * The file as it is once its log is replayed, in memory; nothing is written.
 * @throws corrupt when no sequence of entries in the log is whole, or the file is shorter than it was
 */
export async function replayLog(
  source: ByteSource,
  log: NonNullable<Header["log"]>,
  label: string,
): Promise<ByteSource> {
  if (log.length > LOG_BYTES_MAX) throw limitReached(label, `log of ${log.length} bytes`, log.offset);
  const ring = new Ring(await source.read(log.offset, log.length), log, label);
  const active = activeSequence(ring);
  const last = active.at(-1);
  if (!last) throw corrupt(label, "the log has to be replayed, and none of it is whole", log.offset);
  if (source.size < last.flushedBytes)
    throw corrupt(
      label,
      `the file has ${source.size} bytes and had ${last.flushedBytes}: is it complete?`,
      log.offset + last.start,
    );
  const writes = new LogWrites();
  // What lies before the tail of the newest entry is in its place already.
  const from = active.findIndex((entry) => entry.start === last.tail);
  for (const entry of active.slice(from)) applyEntry(entry, writes, label);
  return writes.over(source, Math.max(source.size, last.lastBytes));
}

/** The log as a ring of sectors. */
class Ring {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #log: NonNullable<Header["log"]>;
  readonly #label: string;
  readonly #entries = new Map<number, Entry | undefined>();
  #checkedBytes = 0;

  constructor(bytes: Uint8Array, log: NonNullable<Header["log"]>, label: string) {
    this.#bytes = bytes;
    this.#log = log;
    this.#label = label;
    this.length = bytes.length;
  }

  /** The valid entry at `start`, else undefined. */
  entryAt(start: number): Entry | undefined {
    if (!this.#entries.has(start)) this.#entries.set(start, this.#parse(start));
    return this.#entries.get(start);
  }

  #parse(start: number): Entry | undefined {
    const head = new View(this.#bytes.subarray(start, start + SECTOR), this.#label, this.#log.offset + start);
    if (!head.is(0, "loge")) return undefined;
    const length = head.u32le(8);
    const tail = head.u32le(12);
    const sequence = head.big64le(16);
    if (length === 0 || length % SECTOR !== 0 || length > this.length) return undefined;
    if (tail % SECTOR !== 0 || tail >= this.length || sequence === 0n) return undefined;
    if (head.guid(32) !== this.#log.guid) return undefined;
    this.#checkedBytes += length;
    if (this.#checkedBytes > CHECKED_BYTES_MAX)
      throw limitReached(this.#label, "log entries that lie over each other", head.base);
    const view = new View(this.#take(start, length), this.#label, this.#log.offset + start);
    if (!checksumHolds(view)) return undefined;
    return { start, length, tail, sequence, flushedBytes: view.u64le(48), lastBytes: view.u64le(56), view };
  }

  #take(start: number, length: number): Uint8Array {
    if (start + length <= this.length) return this.#bytes.subarray(start, start + length);
    const joined = new Uint8Array(length);
    joined.set(this.#bytes.subarray(start));
    joined.set(this.#bytes.subarray(0, start + length - this.length), this.length - start);
    return joined;
  }
}

/** The newest run of entries that follow each other in place and number, and hold the tail of their last. */
function activeSequence(ring: Ring): readonly Entry[] {
  let active: readonly Entry[] = [];
  for (let at = 0; at < ring.length; ) {
    const found = sequenceAt(ring, at);
    const last = found.at(-1);
    const whole = last && found.some((entry) => entry.start === last.tail);
    if (whole && last.sequence > (active.at(-1)?.sequence ?? 0n)) active = found;
    at = last && whole ? at + found.reduce((sum, entry) => sum + entry.length, 0) : at + SECTOR;
  }
  return active;
}

function sequenceAt(ring: Ring, start: number): readonly Entry[] {
  const found: Entry[] = [];
  let taken = 0;
  for (let at = start; taken < ring.length; at = (start + taken) % ring.length) {
    const entry = ring.entryAt(at);
    const before = found.at(-1);
    if (!entry || (before && entry.sequence !== before.sequence + 1n)) break;
    taken += entry.length;
    if (taken > ring.length) break;
    found.push(entry);
  }
  return found;
}

function applyEntry({ view, sequence, length }: Entry, writes: LogWrites, label: string): void {
  const count = view.u32le(24);
  let data = Math.ceil((ENTRY_HEADER_BYTES + count * DESCRIPTOR_BYTES) / SECTOR) * SECTOR;
  if (data > length) throw corrupt(label, `${count} log descriptors do not fit their entry`, view.base + 24);
  for (let i = 0; i < count; i++) {
    const descriptor = view.sub(ENTRY_HEADER_BYTES + i * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES);
    const offset = descriptor.u64le(16);
    if (offset % SECTOR !== 0 || descriptor.big64le(24) !== sequence)
      throw corrupt(label, "a log descriptor does not belong to its entry", descriptor.base);
    if (descriptor.is(0, "zero")) {
      const zeros = descriptor.u64le(8);
      if (zeros % SECTOR !== 0) throw corrupt(label, `zeros of ${zeros} bytes`, descriptor.base);
      writes.zero(offset, zeros);
    } else if (descriptor.is(0, "desc")) {
      writes.set(offset, dataSector(descriptor, view.sub(data, SECTOR), sequence));
      data += SECTOR;
    } else throw corrupt(label, "a log descriptor is of no known kind", descriptor.base);
  }
}

/** A sector of the file: all but 12 of its bytes stand in the data sector, those in the descriptor. */
function dataSector(descriptor: View, data: View, sequence: bigint): Uint8Array {
  const torn =
    data.u32le(4) !== Number(sequence >> 32n) || data.u32le(4092) !== Number(sequence & 0xffffffffn);
  if (!data.is(0, "data") || torn)
    throw corrupt(data.label, "a log data sector does not belong to its entry", data.base);
  const sector = new Uint8Array(SECTOR);
  sector.set(descriptor.slice(8, 8));
  sector.set(data.slice(8, SECTOR - 12), 8);
  sector.set(descriptor.slice(4, 4), SECTOR - 4);
  return sector;
}

/**
 * Registry hives (regf 1.0 to 1.6), read cell by cell, changes that only their logs hold applied in memory.
 * Source: "Windows registry file format specification" by Maxim Suhanov, version 1.1.
 */
import { type ByteSource, checkRange } from "../../disk/bytes/byte-source.ts";
import { overlay } from "../../disk/bytes/overlay.ts";
import { corrupt, isReadError } from "../../errors.ts";
import { BASE_BYTES, BASE_HEAD_BYTES, type BaseBlock, parseBaseBlock } from "./base-block.ts";
import { Cells } from "./cells.ts";
import { RegistryKey } from "./key.ts";
import { type HiveLog, type LogEntry, PAGE_BYTES, readLogs } from "./log.ts";

export interface Hive {
  readonly root: RegistryKey;
  /** What a reviewer should know: "dirty hive: 3 log entries replayed in memory". */
  readonly notes: readonly string[];
  /** Why what lies here may not be what Windows would see: changes that no log gave. Also among `notes`. */
  readonly stale?: string;
}

/** Opens a hive; `logs` gives its LOG, LOG1 and LOG2 and is only asked when the hive is dirty. */
export async function openHive(
  source: ByteSource,
  logs: () => Promise<readonly ByteSource[]>,
): Promise<Hive> {
  if (source.size < BASE_BYTES) throw corrupt(source.label, `hive of ${source.size} bytes`);
  const head = await source.read(0, BASE_HEAD_BYTES);
  let base: BaseBlock | undefined;
  let broken: unknown;
  try {
    base = parseBaseBlock(head, source.label);
  } catch (error) {
    if (!isReadError(error)) throw error;
    broken = error;
  }
  if (base && base.primarySequence === base.secondarySequence)
    return rooted(source, base, base.binsBytes, []);
  const found = await readLogs(await logs());
  const replay = applicable(base, found);
  const { entries, lacks } = replay;
  // A base block that was being written is whole in the log.
  const trusted = base ?? found.find(({ entries: own }) => own.some((one) => entries.includes(one)))?.base;
  if (!trusted) throw broken;
  const pages = new Map<number, Uint8Array>();
  for (const entry of entries)
    for (const [page, bytes] of entry.pages) pages.set(BASE_BYTES / PAGE_BYTES + page, bytes);
  const binsBytes = entries.at(-1)?.binsBytes ?? trusted.binsBytes;
  const whole = overlay(padded(source, BASE_BYTES + binsBytes), PAGE_BYTES, pages);
  const note = noteOn(trusted, replay, found.length);
  const hive = await rooted(whole, trusted, binsBytes, [note]);
  return entries.length > 0 && lacks === undefined ? hive : { ...hive, stale: note };
}

async function rooted(
  source: ByteSource,
  base: BaseBlock,
  binsBytes: number,
  notes: readonly string[],
): Promise<Hive> {
  if (BASE_BYTES + binsBytes > source.size)
    throw corrupt(source.label, `hive of ${binsBytes} bytes of bins is cut at ${source.size}`, 40);
  const root = await RegistryKey.open(new Cells(source, binsBytes), base.rootCell, base.minor);
  return { root, notes };
}

/** The changes that the hive lacks, oldest first. */
interface Replay {
  readonly entries: readonly LogEntry[];
  /** Why what they make of the hive may not be its newest state. */
  readonly lacks?: string;
}

/**
 * Which log entries to apply. Between the hive's own number and the first of them numbers may be missing: they were
 * written to the hive when both logs had gone round. Between two logs nothing may be missing.
 * Source: the specification, "Multiple transaction log files"; M. Suhanov, "Missing log entries for a dirty primary file".
 */
function applicable(base: BaseBlock | undefined, logs: readonly HiveLog[]): Replay {
  const from = base?.secondarySequence ?? 0;
  const fitting = logs
    .filter((log) => !log.isOld || base === undefined || isOldLogOf(base, log))
    .flatMap(({ entries }) => {
      const own = entries.filter(({ sequence }) => sequence >= from);
      return own.length > 0 ? [own] : [];
    })
    .toSorted((a, b) => (a[0]?.sequence ?? 0) - (b[0]?.sequence ?? 0));
  const entries: LogEntry[] = [];
  let lacks: string | undefined;
  let used = 0;
  for (const own of fitting) {
    const last = entries.at(-1);
    const next = last ? own.filter(({ sequence }) => sequence > last.sequence) : own;
    const [first] = next;
    if (!first) continue;
    if (last && first.sequence !== last.sequence + 1) {
      lacks = `log entries ${last.sequence + 1} to ${first.sequence - 1} are missing`;
      break;
    }
    entries.push(...next);
    used++;
  }
  const [first] = entries;
  if (base && first && first.sequence > base.primarySequence && used === 1)
    lacks = `log entries ${from} to ${first.sequence - 1} are missing`;
  return { entries, ...(lacks === undefined ? {} : { lacks }) };
}

/** An old log is of the write that the hive's base block tells of. Source: the specification, "Old format", note 3. */
function isOldLogOf(base: BaseBlock, { base: own, entries }: HiveLog): boolean {
  return entries[0]?.sequence === base.primarySequence && own.writtenAt === base.writtenAt;
}

function noteOn(base: BaseBlock, { entries, lacks }: Replay, logsCount: number): string {
  const sequences = `sequence ${base.primarySequence}/${base.secondarySequence}`;
  if (entries.length > 0) {
    const count = `${entries.length} log ${entries.length === 1 ? "entry" : "entries"}`;
    return `dirty hive (${sequences}): ${count} replayed in memory${lacks === undefined ? "" : `, but ${lacks}`}`;
  }
  return logsCount > 0
    ? `dirty hive (${sequences}): its logs hold nothing that fits; read as it lies on the disk`
    : `dirty hive (${sequences}) without a usable log: read as it lies on the disk`;
}

const HIVE_MAX_BYTES = 2 ** 31;

/** A log can make a hive longer than its file. */
function padded(source: ByteSource, size: number): ByteSource {
  if (size > HIVE_MAX_BYTES) throw corrupt(source.label, `hive of ${size} bytes`);
  if (size <= source.size) return source;
  const longer: ByteSource = {
    size,
    label: source.label,
    async read(offset, length, signal) {
      checkRange(longer, offset, length);
      const there = Math.max(0, Math.min(length, source.size - offset));
      if (there === length) return source.read(offset, length, signal);
      const bytes = new Uint8Array(length);
      if (there > 0) bytes.set(await source.read(offset, there, signal));
      return bytes;
    },
  };
  return longer;
}

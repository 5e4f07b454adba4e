import { corrupt, isReadError, limitReached, unsupported } from "../../../errors.ts";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { grain } from "../../bytes/grain.ts";
import { recent } from "../../bytes/recent.ts";
import { LIST_MAX_BYTES, type ListEntry, parseAttributeList } from "./attribute-list.ts";
import type { BootSector } from "./boot-sector.ts";
import { type Attribute, FLAG, type MftRecord, parseRecord, TYPE } from "./record.ts";
import { decodeRuns, type Run } from "./runs.ts";
import { compressedSource, runSource } from "./stream.ts";

/** A whole attribute, all its segments put together. */
export interface Stream {
  readonly flags: number;
  readonly sizeBytes: number;
  /** Resident: the value. */
  readonly value: Uint8Array | undefined;
  readonly runs: readonly Run[];
  readonly initializedBytes: number;
  readonly unitBits: number;
  readonly label: string;
}

/** Files that were made together have records side by side. */
const RECORDS_BYTES = 4096;
const RECORDS_KEPT = 512;
const LISTS_KEPT = 16;
const RUNS_MAX = 1 << 20;

/** An opened volume: its file records, and the streams they describe. */
export class NtfsVolume {
  readonly source: ByteSource;
  readonly boot: BootSector;
  readonly #records = recent<MftRecord>(RECORDS_KEPT);
  readonly #lists = recent<readonly ListEntry[] | undefined>(LISTS_KEPT);
  #mft: ByteSource;

  private constructor(source: ByteSource, boot: BootSector, mft: ByteSource) {
    this.source = source;
    this.boot = boot;
    this.#mft = mft;
  }

  /** Finds the MFT through its own first record, or that record's copy in $MFTMirr. */
  static async open(source: ByteSource, boot: BootSector, notes: string[]): Promise<NtfsVolume> {
    const first = await firstRecord(source, boot, notes);
    const head = first.attributes.find(isMftData);
    if (head?.value.kind !== "runs") throw corrupt(first.label, "$MFT has no run list");
    const { sizeBytes, initializedBytes } = head.value;
    const runs = [...decodeRuns(head.value.pairs, 0, boot.clustersCount)];
    const cut = (): ByteSource =>
      runSource(source, boot, { runs, sizeBytes, initializedBytes }, `${source.label} > $MFT`);
    const volume = new NtfsVolume(source, boot, cut());
    // A fragmented MFT goes on in records that what is known of it already covers.
    for (const entry of (await volume.#list(first)) ?? []) {
      if (entry.type !== TYPE.data || entry.name !== "" || entry.record === 0) continue;
      const more = (await volume.rawRecord(entry.record)).attributes.find(
        (one) => isMftData(one) && one.firstVcn === entry.firstVcn,
      );
      if (more?.value.kind !== "runs")
        throw corrupt(first.label, `$MFT goes on in record ${entry.record}, which says nothing`);
      append(runs, decodeRuns(more.value.pairs, more.firstVcn, boot.clustersCount), first.label);
      volume.#mft = cut();
    }
    return volume;
  }

  /** The base record of a file; a `sequence` that is not its own means that the reference is stale. */
  async record(number: number, sequence = 0): Promise<MftRecord> {
    const record = await this.rawRecord(number);
    if (!record.inUse || record.base !== 0) throw corrupt(record.label, "is not a file's record");
    if (sequence !== 0 && record.sequence !== sequence)
      throw corrupt(record.label, `reference of sequence ${sequence}, but the record has ${record.sequence}`);
    return record;
  }

  rawRecord(number: number): Promise<MftRecord> {
    return this.#records(number, async () => {
      const { recordBytes } = this.boot;
      const offset = number * recordBytes;
      if (offset + recordBytes > this.#mft.size)
        throw corrupt(this.#mft.label, `no record ${number} in ${this.#mft.size} bytes`, offset);
      const bytes = await grain(this.#mft, offset, recordBytes, RECORDS_BYTES);
      return parseRecord(bytes, number, this.source.label, offset);
    });
  }

  /** The attribute of that type and name, wherever its segments lie. */
  async stream(record: MftRecord, type: number, name = ""): Promise<Stream | undefined> {
    const is = (one: { type: number; name: string }): boolean => one.type === type && one.name === name;
    const list = await this.#list(record);
    const segments = list
      ? await Promise.all(list.filter(is).map((entry) => this.#segment(record, entry)))
      : record.attributes.filter(is);
    const [first] = segments;
    return first && assemble(segments, this.boot, record.label);
  }

  /** The bytes of a stream. Rejects with `unsupported` when it is encrypted. */
  content(stream: Stream): ByteSource {
    const { value, label, flags, unitBits } = stream;
    if ((flags & FLAG.encrypted) !== 0) throw unsupported(label, "encrypted by EFS");
    if (value) return memorySource(value, label);
    return (flags & FLAG.compressed) !== 0 && unitBits !== 0
      ? compressedSource(this.source, this.boot, stream, unitBits, label)
      : runSource(this.source, this.boot, stream, label);
  }

  async #segment(record: MftRecord, entry: ListEntry): Promise<Attribute> {
    const holder = entry.record === record.number ? record : await this.rawRecord(entry.record);
    if (holder !== record && holder.base !== record.number)
      throw corrupt(holder.label, `extends record ${holder.base}, but record ${record.number} claims it`);
    const found = holder.attributes.find(
      (one) => one.type === entry.type && one.name === entry.name && one.firstVcn === entry.firstVcn,
    );
    if (!found) throw corrupt(holder.label, `has no attribute ${entry.type} from cluster ${entry.firstVcn}`);
    return found;
  }

  #list(record: MftRecord): Promise<readonly ListEntry[] | undefined> {
    const one = record.attributes.find(({ type }) => type === TYPE.attributeList);
    if (!one) return Promise.resolve(undefined);
    return this.#lists(record.number, async () => {
      const list = assemble([one], this.boot, record.label);
      if (list.sizeBytes > LIST_MAX_BYTES)
        throw limitReached(record.label, `attribute list of ${list.sizeBytes} bytes`);
      return parseAttributeList(await this.content(list).read(0, list.sizeBytes), record.label);
    });
  }
}

function isMftData({ type, name }: Attribute): boolean {
  return type === TYPE.data && name === "";
}

/** The system files a reader always needs stand in the first records: asked for together with the first. */
const FIRST_RECORDS = [0, 2, 3, 5, 10];

async function firstRecord(source: ByteSource, boot: BootSector, notes: string[]): Promise<MftRecord> {
  const { mftOffset, mirrorOffset, recordBytes } = boot;
  for (const number of FIRST_RECORDS.slice(1))
    source.read(mftOffset + number * recordBytes, recordBytes).catch(() => undefined);
  try {
    return parseRecord(await source.read(mftOffset, recordBytes), 0, source.label, mftOffset);
  } catch (error) {
    if (!isReadError(error)) throw error;
    let copy: MftRecord;
    try {
      copy = parseRecord(await source.read(mirrorOffset, recordBytes), 0, source.label, mirrorOffset);
    } catch (second) {
      if (!isReadError(second)) throw second;
      throw error; // no better than the first
    }
    notes.push(`MFT record 0 cannot be read (${error.message}): its copy in $MFTMirr was used`);
    return copy;
  }
}

function assemble(segments: readonly Attribute[], boot: BootSector, recordLabel: string): Stream {
  const ordered = segments.toSorted((a, b) => a.firstVcn - b.firstVcn);
  const [first] = ordered;
  if (!first) throw corrupt(recordLabel, "attribute without segments");
  const label = `${recordLabel} > ${first.name === "" ? `attribute 0x${first.type.toString(16)}` : first.name}`;
  if (first.value.kind === "resident") {
    if (ordered.length > 1) throw corrupt(label, "resident attribute in several segments");
    const { bytes } = first.value.view;
    const none = { runs: [], initializedBytes: bytes.length, unitBits: 0 };
    return { flags: first.flags, sizeBytes: bytes.length, value: bytes, ...none, label };
  }
  const { sizeBytes, initializedBytes, unitBits } = first.value;
  const runs: Run[] = [];
  for (const { value, firstVcn } of ordered) {
    if (value.kind !== "runs") throw corrupt(label, "attribute is resident in part");
    append(runs, decodeRuns(value.pairs, firstVcn, boot.clustersCount), label);
  }
  const last = runs.at(-1);
  const held = last ? (last.vcn + last.length) * boot.clusterBytes : 0;
  if (runs[0]?.vcn !== undefined && runs[0].vcn !== 0)
    throw corrupt(label, `first segment starts at cluster ${runs[0].vcn}`);
  if (sizeBytes > held) throw corrupt(label, `stream of ${sizeBytes} bytes has clusters for ${held}`);
  return { flags: first.flags, sizeBytes, value: undefined, runs, initializedBytes, unitBits, label };
}

function append(runs: Run[], more: readonly Run[], label: string): void {
  const last = runs.at(-1);
  const [next] = more;
  if (last && next && next.vcn !== last.vcn + last.length)
    throw corrupt(label, `run list has a gap before cluster ${next.vcn}`);
  if (runs.length + more.length > RUNS_MAX) throw limitReached(label, `more than ${RUNS_MAX} runs`);
  for (const run of more) runs.push(run);
}

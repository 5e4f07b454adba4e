import { corrupt, limitReached } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { undoFixups } from "./fixup.ts";
import { type IndexEntry, type IndexedName, parseEntries, SPACE } from "./index-entries.ts";
import { type MftRecord, TYPE } from "./record.ts";
import type { UpCase } from "./upcase.ts";
import type { NtfsVolume } from "./volume.ts";

const NAME = "$I30";
const DEPTH_MAX = 32;
const NAMES_MAX = 1_000_000;
const BLOCK_MAX_BYTES = 64 << 10;
const COLLATION_FILE_NAME = 1;
const FIRST_USER_RECORD = 16;

/** A folder: a B+ tree of names. Source: Linux-NTFS project documentation, "Directory" and "Index Record". */
export class Directory {
  readonly #volume: NtfsVolume;
  readonly #record: MftRecord;
  readonly #blockBytes: number;
  readonly #root: readonly IndexEntry[];
  #blocks: Promise<ByteSource> | undefined;
  #namesCount = 0;

  private constructor(volume: NtfsVolume, record: MftRecord, root: View) {
    this.#volume = volume;
    this.#record = record;
    if (root.u32le(4) !== COLLATION_FILE_NAME)
      throw corrupt(root.label, `index of names sorted by rule ${root.u32le(4)}`);
    this.#blockBytes = root.u32le(8);
    if (this.#blockBytes < 512 || this.#blockBytes > BLOCK_MAX_BYTES || this.#blockBytes % 512 !== 0)
      throw corrupt(root.label, `index blocks of ${this.#blockBytes} bytes`);
    this.#root = parseEntries(root, 0x10);
  }

  static async open(volume: NtfsVolume, record: MftRecord): Promise<Directory> {
    const root = await volume.stream(record, TYPE.indexRoot, NAME);
    if (!root?.value) throw corrupt(record.label, "folder without an index root");
    return new Directory(volume, record, new View(root.value, root.label));
  }

  /** The entry of that name: exactly, or else without regard to case. Reads one block a level. */
  async find(name: string, upcase: UpCase): Promise<IndexedName | undefined> {
    const found = await this.#find(this.#root, name, upcase, 0);
    return found && isShown(found) ? found : undefined;
  }

  /** Every name but the DOS aliases and the volume's own files. */
  async names(): Promise<readonly IndexedName[]> {
    this.#namesCount = 0;
    const all = await this.#below(this.#root, new Set(), 0);
    return all.filter((one) => isShown(one) && one.space !== SPACE.dos);
  }

  async #find(
    entries: readonly IndexEntry[],
    wanted: string,
    upcase: UpCase,
    depth: number,
  ): Promise<IndexedName | undefined> {
    await upcase.load([wanted, ...entries.map((entry) => entry.name?.name ?? "")]);
    let near: IndexedName | undefined;
    for (const { name, below } of entries) {
      const order = name ? upcase.compare(name.name, wanted) : 1;
      if (order < 0) continue;
      // Names that differ in case only stand side by side; only the POSIX name space allows them.
      if (name && order === 0 && (name.name === wanted || name.space !== SPACE.posix)) return name;
      if (below !== undefined) {
        const found = await this.#find(await this.#block(below, depth), wanted, upcase, depth + 1);
        if (found?.name === wanted) return found;
        near ??= found;
      }
      if (order > 0) return near;
      near ??= name;
    }
    return near;
  }

  async #below(
    entries: readonly IndexEntry[],
    seen: Set<number>,
    depth: number,
  ): Promise<readonly IndexedName[]> {
    this.#namesCount += entries.length;
    if (this.#namesCount > NAMES_MAX)
      throw limitReached(this.#record.label, `folder of more than ${NAMES_MAX} names`);
    const parts = await Promise.all(
      entries.map(async ({ name, below }) => {
        const own = name ? [name] : [];
        if (below === undefined) return own;
        if (seen.has(below))
          throw corrupt(this.#record.label, `index block ${below} is its own ancestor or twice there`);
        seen.add(below);
        return [...(await this.#below(await this.#block(below, depth), seen, depth + 1)), ...own];
      }),
    );
    return parts.flat();
  }

  async #block(vcn: number, depth: number): Promise<readonly IndexEntry[]> {
    if (depth > DEPTH_MAX) throw limitReached(this.#record.label, `index deeper than ${DEPTH_MAX}`);
    this.#blocks ??= this.#openBlocks();
    const blocks = await this.#blocks;
    const { clusterBytes } = this.#volume.boot;
    // Blocks smaller than a cluster are counted in 512 bytes.
    const offset = vcn * (clusterBytes <= this.#blockBytes ? clusterBytes : 512);
    const bytes = await blocks.read(offset, this.#blockBytes);
    const view = undoFixups(bytes, "INDX", blocks.label, offset);
    if (view.u64le(0x10) !== vcn)
      throw corrupt(blocks.label, `index block ${view.u64le(0x10)} in place of ${vcn}`, offset);
    return parseEntries(view, 0x18);
  }

  async #openBlocks(): Promise<ByteSource> {
    const stream = await this.#volume.stream(this.#record, TYPE.indexAllocation, NAME);
    if (!stream) throw corrupt(this.#record.label, "index without its blocks");
    return this.#volume.content(stream);
  }
}

function isShown({ record, name }: IndexedName): boolean {
  return record >= FIRST_USER_RECORD && name !== ".";
}

import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";
import type { FatVolume } from "./chain.ts";
import { type FatEntry, type Listing, parseDirectory } from "./directory.ts";

const DIRECTORY_MAX_BYTES = 65536 * 32; // FAT: General Overview: 65,536 entries

export class FatNode implements FsNode {
  readonly id: string;
  readonly type: NodeType;
  readonly sizeBytes: number;
  readonly #volume: FatVolume;
  readonly #cluster: number;
  readonly #label: string;
  #listing: Promise<Listing> | undefined;
  #byName: Promise<ReadonlyMap<string, FatEntry>> | undefined;

  constructor(volume: FatVolume, entry: FatEntry | "root", parent: string) {
    const { boot, source } = volume;
    this.#volume = volume;
    if (entry === "root") {
      this.id = "root";
      this.type = "directory";
      this.sizeBytes = boot.rootBytes;
      this.#cluster = boot.rootCluster;
    } else {
      this.id = entry.cluster === 0 ? `${parent}#${entry.index}` : String(entry.cluster);
      this.type = entry.folder ? "directory" : "file";
      this.sizeBytes = entry.folder ? 0 : entry.sizeBytes;
      this.#cluster = entry.cluster;
    }
    this.#label = `${source.label} > cluster ${this.#cluster}`;
  }

  /** By either name, without regard to case. */
  async lookup(name: string): Promise<FsNode | undefined> {
    this.#byName ??= this.listing().then(({ entries }) => namesOf(entries));
    const found = (await this.#byName).get(name.toUpperCase());
    return found && new FatNode(this.#volume, found, this.id);
  }

  async list(): Promise<readonly DirEntry[]> {
    const { entries } = await this.listing();
    return entries.map((entry) => ({
      name: entry.name,
      type: entry.folder ? "directory" : "file",
      open: async () => new FatNode(this.#volume, entry, this.id),
    }));
  }

  async readLink(): Promise<string> {
    throw corrupt(this.#label, `is a ${this.type}, not a symlink`);
  }

  async content(): Promise<ByteSource> {
    if (this.type !== "file") throw corrupt(this.#label, "is a directory, not a file");
    return this.#volume.chainSource(this.#cluster, this.sizeBytes, this.#label);
  }

  listing(): Promise<Listing> {
    if (this.type !== "directory") return Promise.reject(corrupt(this.#label, "is a file, not a directory"));
    this.#listing ??= this.#read();
    return this.#listing;
  }

  async #read(): Promise<Listing> {
    const { boot, source } = this.#volume;
    if (this.#cluster === 0) {
      // FAT12 and FAT16 keep the root folder in a place of its own.
      const fixed = boot.bits !== 32 && this.id === "root";
      const bytes = fixed ? await source.read(boot.rootOffset, boot.rootBytes) : new Uint8Array();
      return parseDirectory(bytes, this.#label);
    }
    const runs = await this.#volume.runs(this.#cluster, undefined, DIRECTORY_MAX_BYTES);
    const size = runs.reduce((sum, { length }) => sum + length * boot.clusterBytes, 0);
    const content = this.#volume.chainSource(this.#cluster, size, this.#label);
    return parseDirectory(await content.read(0, size), this.#label);
  }
}

/** By upper-case name. Of equal ones the first counts, and a long name before a short one. */
function namesOf(entries: readonly FatEntry[]): ReadonlyMap<string, FatEntry> {
  const names = new Map<string, FatEntry>();
  const add = (name: string, entry: FatEntry): void => {
    const folded = name.toUpperCase();
    if (!names.has(folded)) names.set(folded, entry);
  };
  for (const entry of entries) add(entry.name, entry);
  for (const entry of entries) add(entry.shortName, entry);
  return names;
}

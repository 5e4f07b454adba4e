import { corrupt, limitReached } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";
import { type Entry, type Listing, parseDirectory } from "./directory.ts";
import type { Allocation, ExfatVolume } from "./volume.ts";

/** Section 6.1 allows 256 MiB; nothing that boots comes near. */
export const DIRECTORY_MAX_BYTES: number = 16 << 20;

export class ExfatNode implements FsNode {
  readonly id: string;
  readonly type: NodeType;
  readonly sizeBytes: number;
  readonly #volume: ExfatVolume;
  readonly #allocation: Allocation;
  readonly #label: string;
  #listing: Promise<Listing> | undefined;
  #byName: Promise<ReadonlyMap<string, Entry>> | undefined;

  constructor(volume: ExfatVolume, id: string, folder: boolean, allocation: Allocation) {
    this.id = id;
    this.type = folder ? "directory" : "file";
    this.sizeBytes = allocation.sizeBytes;
    this.#volume = volume;
    this.#allocation = allocation;
    this.#label = `${volume.source.label} > cluster ${allocation.cluster}`;
  }

  /** Without regard to case. */
  async lookup(name: string): Promise<FsNode | undefined> {
    this.#byName ??= this.listing().then(({ entries }) => namesOf(entries));
    const entry = (await this.#byName).get(folded(name));
    return entry && this.#child(entry);
  }

  async list(): Promise<readonly DirEntry[]> {
    return (await this.listing()).entries.map((entry) => ({
      name: entry.name,
      type: entry.folder ? "directory" : "file",
      open: async () => this.#child(entry),
    }));
  }

  async readLink(): Promise<string> {
    throw corrupt(this.#label, `is a ${this.type}, not a symlink`);
  }

  async content(): Promise<ByteSource> {
    if (this.type !== "file") throw corrupt(this.#label, "is a directory, not a file");
    return this.#volume.content(this.#allocation, this.#label);
  }

  listing(): Promise<Listing> {
    if (this.type !== "directory") return Promise.reject(corrupt(this.#label, "is a file, not a directory"));
    this.#listing ??= this.#read();
    return this.#listing;
  }

  async #read(): Promise<Listing> {
    const { sizeBytes } = this;
    if (sizeBytes > DIRECTORY_MAX_BYTES) throw limitReached(this.#label, `directory of ${sizeBytes} bytes`);
    const content = this.#volume.content(this.#allocation, this.#label);
    return parseDirectory(await content.read(0, sizeBytes), this.#label);
  }

  #child(entry: Entry): FsNode {
    const id = entry.cluster === 0 ? `${this.id}#${entry.index}` : String(entry.cluster);
    return new ExfatNode(this.#volume, id, entry.folder, entry);
  }
}

/** By folded name; of equal ones the first counts. */
function namesOf(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  const names = new Map<string, Entry>();
  for (const entry of entries) {
    const name = folded(entry.name);
    if (!names.has(name)) names.set(name, entry);
  }
  return names;
}

/** As the default up-case table does for the characters that names are made of: unit by unit, never longer. */
function folded(name: string): string {
  let result = "";
  for (let i = 0; i < name.length; i++) {
    const unit = name.charAt(i);
    const upper = unit.toUpperCase();
    result += upper.length === 1 ? upper : unit;
  }
  return result;
}

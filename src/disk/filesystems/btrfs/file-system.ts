import { corrupt } from "../../../errors.ts";
import type { FileSystem, FsNode, Subvolume, SubvolumeFileSystem, Subvolumes } from "../driver.ts";
import { type BtrfsNode, subvolumeNode } from "./file-node.ts";
import { defaultSubvolume } from "./roots.ts";
import { subvolumesOf } from "./subvolumes.ts";
import type { BtrfsVolume } from "./volume.ts";

const LOGGED = "dirty log tree: not replayed: it is about files or folders that were read";

/** What every mount of one Btrfs shares; `notes` grow as damage is found. */
abstract class Mounted implements FileSystem {
  readonly type = "btrfs";
  readonly caseSensitive = true;
  protected readonly volume: BtrfsVolume;
  readonly #notes: readonly string[];

  constructor(volume: BtrfsVolume, notes: readonly string[]) {
    this.volume = volume;
    this.#notes = notes;
  }

  get label(): string {
    return this.volume.superblock.label;
  }
  get uuid(): string {
    return this.volume.superblock.uuid;
  }
  get generation(): bigint {
    return this.volume.superblock.generation;
  }
  get features(): readonly string[] {
    const { checksum, features } = this.volume.superblock;
    return [checksum.name, ...features];
  }
  get notes(): readonly string[] {
    return [...this.#notes, ...this.volume.notes];
  }

  /** Of the log nothing until something is read that it is about. */
  get stale(): string | undefined {
    return this.volume.readLogged ? LOGGED : this.volume.cutOff;
  }

  abstract root(): Promise<FsNode>;
}

/** A Btrfs as a mount without options shows it: its default subvolume. */
export class BtrfsFileSystem extends Mounted {
  readonly subvolumes: Subvolumes;
  #root: Promise<BtrfsNode> | undefined;

  constructor(volume: BtrfsVolume, notes: readonly string[]) {
    super(volume, notes);
    this.subvolumes = subvolumesOf(volume, (root, subvolume) => new Mount(volume, notes, root, subvolume));
  }

  root(): Promise<FsNode> {
    this.#root ??= this.#open();
    return this.#root;
  }

  async #open(): Promise<BtrfsNode> {
    const id = await defaultSubvolume(this.volume);
    const root = await subvolumeNode(this.volume, id);
    if (!root) throw corrupt(this.volume.label, `no default subvolume ${id}`);
    return root;
  }
}

class Mount extends Mounted implements SubvolumeFileSystem {
  readonly subvolume: Subvolume;
  readonly #root: BtrfsNode;

  constructor(volume: BtrfsVolume, notes: readonly string[], root: BtrfsNode, subvolume: Subvolume) {
    super(volume, notes);
    this.#root = root;
    this.subvolume = subvolume;
  }

  root(): Promise<FsNode> {
    return Promise.resolve(this.#root);
  }
}

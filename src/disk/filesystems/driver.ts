import type { ByteSource } from "../bytes/byte-source.ts";

export type NodeType = "file" | "directory" | "symlink" | "char" | "block" | "fifo" | "socket";

/** One directory entry. `type` is absent when the directory does not record it. */
export interface DirEntry {
  readonly name: string;
  readonly type?: NodeType;
  open(): Promise<FsNode>;
}

/**
 * One inode. A driver implements the least a format must do; paths, symlinks, globs and limits live once,
 * in `tree.ts`. Methods that do not fit `type` reject with `corrupt`.
 */
export interface FsNode {
  /** Stable identity within the file system (the inode number): equal for hard links. */
  readonly id: string;
  readonly type: NodeType;
  readonly sizeBytes: number;
  /** Permission bits (`0o644`), or undefined where the format has none. */
  readonly mode?: number;
  readonly uid?: number;
  /** Directory: the entry of exactly this name, reading as little as the format's index allows. */
  lookup(name: string): Promise<FsNode | undefined>;
  /** Directory: every entry but `.` and `..`, in on-disk order. */
  list(): Promise<readonly DirEntry[]>;
  /** Symlink: its target, as stored. */
  readLink(): Promise<string>;
  /** File: its bytes; `size` is `sizeBytes`. Holes read as zeros. */
  content(): Promise<ByteSource>;
}

/** A tree of files inside a file system that can be mounted by itself, as Btrfs has them. */
export interface Subvolume {
  readonly id: number;
  /** As the mount option `subvol=` takes it: from the top of the file system, without a leading slash. */
  readonly path: string;
}

export interface Subvolumes {
  /** The one that is mounted when nobody names one; the top level is 5. */
  defaultId(): Promise<number>;
  /** Every subvolume but the top level. */
  list(): Promise<readonly Subvolume[]>;
  /** The one of this path or id as a file system of its own; undefined when there is none. */
  open(which: string | number): Promise<SubvolumeFileSystem | undefined>;
}

export interface SubvolumeFileSystem extends FileSystem {
  readonly subvolume: Subvolume;
}

export interface FileSystem {
  /** As `blkid` names it: `ext4`, `vfat`, `xfs`, `btrfs`, `ntfs`, `squashfs`, `erofs`, `exfat`. */
  readonly type: string;
  /** Volume label, empty when it has none. */
  readonly label: string;
  /** As fstab's `UUID=` and `blkid` spell it; empty when it has none. */
  readonly uuid: string;
  /** Counts changes, in a format that may lie on several devices: the one with the highest count is up to date. */
  readonly generation?: bigint;
  readonly features: readonly string[];
  /** What a reviewer should know: "dirty journal: 12 blocks replayed in memory". */
  readonly notes: readonly string[];
  /**
   * Why what lies here may not be what a mount shows: a log that was not replayed, an end that is cut off. Set,
   * nothing read from here is sure enough for a pass. Asked when all is read: a format that knows what its log is
   * about says nothing until some of that is. Why is also among `notes`.
   */
  readonly stale?: string | undefined;
  /** False for FAT, exFAT and NTFS: `tree.ts` then matches names without regard to case. */
  readonly caseSensitive: boolean;
  /** Only where a file system has several roots; {@link root} is then that of a mount that names none. */
  readonly subvolumes?: Subvolumes;
  root(): Promise<FsNode>;
}

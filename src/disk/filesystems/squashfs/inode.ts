import { corrupt } from "../../../errors.ts";
import type { NodeType } from "../driver.ts";
import type { Metadata } from "./metadata.ts";
import { ownerId } from "./tables.ts";

// Source: squashfs.rst, "Inodes"; structures of fs/squashfs/squashfs_fs.h.

const TYPES: readonly NodeType[] = ["directory", "file", "symlink", "block", "char", "fifo", "socket"];
const EXTENDED = 7;
const COMMON_BYTES = 16;
const NO_FRAGMENT = 0xffffffff;
const TARGET_BYTES_MAX = 65_536;
/** A file of this many blocks would be 16 TiB in blocks of 1 MiB. */
const BLOCKS_MAX = 1 << 22;

interface Common {
  readonly number: number;
  readonly mode: number;
  readonly uid: number;
}
export interface DirectoryInode extends Common {
  readonly type: "directory";
  /** Bytes of its listing. */
  readonly sizeBytes: number;
  readonly block: number;
  readonly within: number;
  readonly indexCount: number;
  /** Where its index entries begin: metadata block and offset. */
  readonly index: { readonly block: number; readonly within: number };
}
export interface FileInode extends Common {
  readonly type: "file";
  readonly sizeBytes: number;
  readonly start: number;
  readonly fragment: { readonly index: number; readonly within: number } | undefined;
  readonly blocksCount: number;
  /** Where the list of block sizes begins. */
  readonly sizes: { readonly block: number; readonly within: number };
}
export interface LinkInode extends Common {
  readonly type: "symlink";
  readonly sizeBytes: number;
  readonly target: { readonly block: number; readonly within: number };
}
export interface OtherInode extends Common {
  readonly type: Exclude<NodeType, "directory" | "file" | "symlink">;
  readonly sizeBytes: 0;
}
export type Inode = DirectoryInode | FileInode | LinkInode | OtherInode;

/** The inode at `within` of the metadata block `block` (an offset from the start of the inode table). */
export async function readInode(metadata: Metadata, block: number, within: number): Promise<Inode> {
  const { label } = metadata.source;
  const at = metadata.superblock.inodeTable + block;
  const head = await metadata.read(at, within, COMMON_BYTES);
  const code = head.u16le(0);
  const type = TYPES[(code - 1) % EXTENDED];
  if (type === undefined || code > 2 * EXTENDED) throw corrupt(label, `inode of type ${code}`, at);
  const extended = code > EXTENDED;
  const common = {
    number: head.u32le(12),
    mode: head.u16le(2) & 0o7777,
    uid: await ownerId(metadata, head.u16le(4)),
  };
  const place = (offset: number): { block: number; within: number } => ({
    block: at,
    within: within + offset,
  });
  const body = (length: number): ReturnType<Metadata["read"]> => metadata.read(at, within, length);
  switch (type) {
    case "directory": {
      const view = await body(extended ? 40 : 32);
      // Both count three bytes for `.` and `..`, which are not stored.
      const listed = extended ? view.u32le(20) : view.u16le(24);
      return {
        ...common,
        type,
        sizeBytes: Math.max(0, listed - 3),
        block: extended ? view.u32le(24) : view.u32le(16),
        within: extended ? view.u16le(34) : view.u16le(26),
        indexCount: extended ? view.u16le(32) : 0,
        index: place(40),
      };
    }
    case "file": {
      const view = await body(extended ? 56 : 32);
      const sizeBytes = extended ? view.u64le(24) : view.u32le(28);
      const fragmentIndex = view.u32le(extended ? 44 : 20);
      const { blockBytes } = metadata.superblock;
      const whole = sizeBytes / blockBytes;
      const blocksCount = fragmentIndex === NO_FRAGMENT ? Math.ceil(whole) : Math.floor(whole);
      if (blocksCount > BLOCKS_MAX) throw corrupt(label, `file of ${sizeBytes} bytes`, at);
      return {
        ...common,
        type,
        sizeBytes,
        start: extended ? view.u64le(16) : view.u32le(16),
        fragment:
          fragmentIndex === NO_FRAGMENT
            ? undefined
            : { index: fragmentIndex, within: view.u32le(extended ? 48 : 24) },
        blocksCount,
        sizes: place(extended ? 56 : 32),
      };
    }
    case "symlink": {
      const sizeBytes = (await body(24)).u32le(20);
      if (sizeBytes > TARGET_BYTES_MAX) throw corrupt(label, `link of ${sizeBytes} bytes`, at);
      return { ...common, type, sizeBytes, target: place(24) };
    }
    case "block":
    case "char":
    case "fifo":
    case "socket":
      return { ...common, type, sizeBytes: 0 };
  }
}

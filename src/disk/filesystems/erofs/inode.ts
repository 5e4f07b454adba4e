import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import type { NodeType } from "../driver.ts";
import { typeOf } from "../posix-node.ts";
import type { Superblock } from "./superblock.ts";

const SLOT_BYTES = 32;
const COMPACT_BYTES = 32;
const EXTENDED_BYTES = 64;
const LAYOUTS = ["plain", "full", "inline", "compact", "chunks"] as const;
/** What a reader needs of an inode. Source: Linux fs/erofs/erofs_fs.h and Documentation/filesystems/erofs.rst. */
export interface Inode {
  readonly number: number;
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly sizeBytes: number;
  /** `full` and `compact` are the two forms of a compressed file's index. */
  readonly layout: (typeof LAYOUTS)[number];
  /** First block, or what chunks look like. */
  readonly value: number;
  /** Where the bytes behind the inode and its attributes begin. */
  readonly tail: number;
}

export interface ErofsVolume {
  readonly source: ByteSource;
  readonly superblock: Superblock;
}

export async function readInode({ source, superblock }: ErofsVolume, number: number): Promise<Inode> {
  const { label } = source;
  const offset = superblock.metaOffset + number * SLOT_BYTES;
  const length = Math.min(EXTENDED_BYTES, Math.max(COMPACT_BYTES, source.size - offset));
  const view = new View(await source.read(offset, length), label, offset);
  const wrong = (what: string): Error => corrupt(label, `inode ${number}: ${what}`, offset);
  const format = view.u16le(0);
  const extended = (format & 1) === 1;
  const layout = LAYOUTS[(format >> 1) & 7];
  if (layout === undefined || format >> 4 !== 0)
    throw unsupported(label, `EROFS inode format ${format}`, offset);
  const mode = view.u16le(4);
  const type = typeOf(mode);
  if (type === undefined) throw wrong(`mode ${mode.toString(8)}`);
  const attributes = view.u16le(2);
  const attributeBytes = attributes === 0 ? 0 : 12 + 4 * (attributes - 1);
  return {
    number,
    type,
    mode: mode & 0o7777,
    uid: extended ? view.u32le(24) : view.u16le(24),
    sizeBytes: extended ? view.u64le(8) : view.u32le(8),
    layout,
    value: view.u32le(16),
    tail: offset + (extended ? EXTENDED_BYTES : COMPACT_BYTES) + attributeBytes,
  };
}

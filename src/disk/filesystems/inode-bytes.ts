import type { ByteSource } from "../bytes/byte-source.ts";
import type { NodeType } from "./driver.ts";

/** Inodes are often made one after the other: a folder's, then those of what it holds. */
const FOLDER_BYTES = 2048;
const OTHER_BYTES = 1024;
const PAGE_BYTES = 4096;

/**
 * The `length` bytes of an inode in its table. Those behind it in the same 4 KiB are likely to be wanted next: they are
 * asked for in the same turn, so that the cache below has them. `type` is what a directory says of the inode.
 */
export function readInodeBytes(
  source: ByteSource,
  offset: number,
  length: number,
  type: NodeType | undefined,
): Promise<Uint8Array> {
  const inode = source.read(offset, length);
  const start = offset + length;
  const pageEnd = Math.ceil(start / PAGE_BYTES) * PAGE_BYTES;
  const end = Math.min(offset + (type === "directory" ? FOLDER_BYTES : OTHER_BYTES), pageEnd, source.size);
  if (end > start) source.read(start, end - start).catch(() => undefined);
  return inode;
}

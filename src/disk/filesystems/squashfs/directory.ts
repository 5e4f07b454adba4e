import { corrupt } from "../../../errors.ts";
import { compareNames, decodeName } from "../../bytes/names.ts";
import { checkCount } from "../directory-pieces.ts";
import type { NodeType } from "../driver.ts";
import type { DirectoryInode } from "./inode.ts";
import type { Metadata } from "./metadata.ts";

// Source: squashfs.rst, "Directories": runs of entries behind a header, sorted by name; an extended inode has an
// index of the first name in each metadata block.

const HEADER_BYTES = 12;
const ENTRY_BYTES = 8;
const RUN_MAX = 256;
const BLOCK_BYTES = 8192;
const TYPES: Readonly<Record<number, NodeType>> = {
  1: "directory",
  2: "file",
  3: "symlink",
  4: "block",
  5: "char",
  6: "fifo",
  7: "socket",
};

export interface Entry {
  readonly name: string;
  readonly type: NodeType;
  /** Of its inode, from the start of the inode table. */
  readonly block: number;
  readonly within: number;
}

/** Every entry; from the `from`th byte of the listing on. */
export async function listEntries(
  metadata: Metadata,
  inode: Pick<DirectoryInode, "block" | "within" | "sizeBytes">,
  from = 0,
): Promise<readonly Entry[]> {
  if (inode.sizeBytes === 0) return [];
  const { label } = metadata.source;
  const at = metadata.superblock.directoryTable + inode.block;
  const view = await metadata.read(at, inode.within + from, inode.sizeBytes - from);
  const entries: Entry[] = [];
  for (let position = 0; position + HEADER_BYTES <= view.length; ) {
    const count = view.u32le(position) + 1;
    const block = view.u32le(position + 4);
    if (count > RUN_MAX) throw corrupt(label, `directory run of ${count} entries`, at);
    position += HEADER_BYTES;
    for (let i = 0; i < count; i++) {
      const type = TYPES[view.u16le(position + 4)];
      const length = view.u16le(position + 6) + 1;
      if (type === undefined || length > 256)
        throw corrupt(label, `directory entry of type ${view.u16le(position + 4)}, ${length} bytes`, at);
      const name = decodeName(view.slice(position + ENTRY_BYTES, length));
      entries.push({ name, type, block, within: view.u16le(position) });
      position += ENTRY_BYTES + length;
    }
    checkCount(entries.length, label);
  }
  return entries;
}

/** One entry, from the metadata block on that its index names. */
export async function findEntry(
  metadata: Metadata,
  inode: DirectoryInode,
  name: string,
): Promise<Entry | undefined> {
  const { block, from } = await indexed(metadata, inode, name);
  const part: DirectoryInode =
    from === 0
      ? inode
      : { ...inode, block, within: (inode.within + from) % BLOCK_BYTES, sizeBytes: inode.sizeBytes - from };
  return (await listEntries(metadata, part)).find((entry) => entry.name === name);
}

/** The last index entry whose name does not come after the wanted one. */
async function indexed(
  metadata: Metadata,
  inode: DirectoryInode,
  name: string,
): Promise<{ readonly block: number; readonly from: number }> {
  let found = { block: inode.block, from: 0 };
  let { within } = inode.index;
  for (let i = 0; i < inode.indexCount; i++) {
    const head = await metadata.read(inode.index.block, within, 12);
    const length = head.u32le(8) + 1;
    if (length > 256)
      throw corrupt(
        metadata.source.label,
        `directory index with a name of ${length} bytes`,
        inode.index.block,
      );
    const first = decodeName((await metadata.read(inode.index.block, within + 12, length)).bytes);
    if (compareNames(first, name) > 0) break;
    const from = head.u32le(0);
    if (from >= inode.sizeBytes)
      throw corrupt(
        metadata.source.label,
        `directory index points to ${from} of ${inode.sizeBytes}`,
        inode.index.block,
      );
    found = { block: head.u32le(4), from };
    within += 12 + length;
  }
  return found;
}

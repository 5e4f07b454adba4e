import { corrupt } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import type { Metadata } from "./metadata.ts";

// Source: squashfs.rst, "Fragment table" and "ID table": offsets of metadata blocks, 8 KiB of entries in each.

const BLOCK_BYTES = 8192;
const FRAGMENT_BYTES = 16;
const ID_BYTES = 4;

/** A block that holds the tails of several files. `sizeWord` as in a file's block list. */
export interface Fragment {
  readonly start: number;
  readonly sizeWord: number;
}

export async function fragment(metadata: Metadata, index: number): Promise<Fragment> {
  const { fragmentTable, fragmentsCount } = metadata.superblock;
  if (fragmentTable === undefined || index >= fragmentsCount)
    throw corrupt(metadata.source.label, `fragment ${index} of ${fragmentsCount}`);
  const entry = await entryOf(metadata, fragmentTable, index, FRAGMENT_BYTES);
  return { start: entry.u64le(0), sizeWord: entry.u32le(8) };
}

/** The user or group that an inode names by its index. */
export async function ownerId(metadata: Metadata, index: number): Promise<number> {
  const { idTable, idsCount } = metadata.superblock;
  if (index >= idsCount) throw corrupt(metadata.source.label, `owner ${index} of ${idsCount}`);
  return (await entryOf(metadata, idTable, index, ID_BYTES)).u32le(0);
}

async function entryOf(metadata: Metadata, table: number, index: number, entryBytes: number): Promise<View> {
  const { label } = metadata.source;
  const at = index * entryBytes;
  const pointer = table + Math.floor(at / BLOCK_BYTES) * 8;
  const block = new View(await metadata.source.read(pointer, 8), label, pointer).u64le(0);
  return metadata.read(block, at % BLOCK_BYTES, entryBytes);
}

import { corrupt } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import { reference, utf16 } from "./record.ts";

/** A name in a folder. */
export interface IndexedName {
  readonly name: string;
  readonly space: number;
  readonly record: number;
  readonly sequence: number;
  readonly fileFlags: number;
}

/** One entry of a node: the last has no name; `below` is the block with everything that sorts before it. */
export interface IndexEntry {
  readonly name: IndexedName | undefined;
  readonly below: number | undefined;
}

export const SPACE = { posix: 0, win32: 1, dos: 2, both: 3 } as const;
const ENTRY = { subnode: 1, last: 2 } as const;
const NAME_OFFSET = 0x42;

/** The entries of a node, whose index header stands at `at`. Source: Linux-NTFS documentation, "Index Header". */
export function parseEntries(view: View, at: number): readonly IndexEntry[] {
  const first = at + view.u32le(at);
  const end = at + view.u32le(at + 4);
  if (first < at + 0x10 || end > view.length)
    throw corrupt(view.label, `index entries from ${first} to ${end}`, view.base + at);
  const entries: IndexEntry[] = [];
  for (let offset = first; offset + 0x10 <= end; ) {
    const length = view.u16le(offset + 8);
    if (length < 0x10 || length % 8 !== 0 || offset + length > end)
      throw corrupt(view.label, `index entry of ${length} bytes`, view.base + offset);
    const entry = view.sub(offset, length);
    const flags = entry.u16le(12);
    const isLast = (flags & ENTRY.last) !== 0;
    entries.push({
      name: isLast ? undefined : parseName(entry),
      below: (flags & ENTRY.subnode) !== 0 ? entry.u64le(length - 8) : undefined,
    });
    if (isLast) return entries;
    offset += length;
  }
  throw corrupt(view.label, "index node has no last entry", view.base + at);
}

/** The key is the file's $FILE_NAME attribute. */
function parseName(entry: View): IndexedName {
  const key = entry.sub(0x10, entry.u16le(10));
  const { record, sequence } = reference(entry, 0);
  return {
    name: utf16(key, NAME_OFFSET, key.u8(0x40)),
    space: key.u8(0x41),
    record,
    sequence,
    fileFlags: key.u32le(0x38),
  };
}

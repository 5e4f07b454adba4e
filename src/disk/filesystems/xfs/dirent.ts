/** Entries of directories. Source: XFS Algorithms & Data Structures, "Directories". */
import { corrupt } from "../../../errors.ts";
import { decodeName } from "../../bytes/names.ts";
import type { View } from "../../bytes/view.ts";
import type { NodeType } from "../driver.ts";
import { entryTypeOf } from "../posix-node.ts";
import type { Inode } from "./inode.ts";

/** `name` are the stored bytes. */
export interface Dirent {
  readonly name: Uint8Array;
  readonly inode: number;
  readonly type?: NodeType;
}

const UNUSED = 0xffff;
const ALIGNMENT = 8;

/** A directory that lies in its inode. Section "Short Form Directories". */
export function shortFormDirents(inode: Inode, ftype: boolean): readonly Dirent[] {
  const { fork } = inode;
  const wrong = (what: string, at: number): Error =>
    corrupt(fork.label, `directory of inode ${inode.number}: ${what}`, fork.base + at);
  if (inode.sizeBytes > fork.length) throw wrong(`${inode.sizeBytes} bytes in its inode`, 0);
  const region = fork.sub(0, inode.sizeBytes);
  // How many of the numbers, the parent's among them, need 64 bits: then all have them. Source: xfs_dir2_sf.c.
  const wide = region.u8(1) !== 0;
  const numberBytes = wide ? 8 : 4;
  const count = region.u8(0);
  const found: Dirent[] = [];
  let at = 2 + numberBytes;
  for (let i = 0; i < count; i++) {
    const nameBytes = region.u8(at);
    if (nameBytes === 0) throw wrong("entry without a name", at);
    const name = region.slice(at + 3, nameBytes);
    at += 3 + nameBytes;
    const type = ftype ? entryTypeOf(region.u8(at++)) : undefined;
    const number = wide ? region.u64be(at) : region.u32be(at);
    at += numberBytes;
    found.push({ name, inode: number, ...(type ? { type } : {}) });
  }
  if (at !== region.length) throw wrong(`${at} of ${region.length} bytes used`, at);
  return found;
}

/** The entries `from .. to` of a directory block but `.` and `..`. */
export function direntsIn(block: View, from: number, to: number, ftype: boolean): readonly Dirent[] {
  const found: Dirent[] = [];
  for (let at = from; at < to; ) {
    if (block.u16be(at) === UNUSED) {
      const length = block.u16be(at + 2);
      if (length < ALIGNMENT || length % ALIGNMENT !== 0 || at + length > to)
        throw corrupt(block.label, `unused space of ${length} bytes in a directory`, block.base + at);
      at += length;
      continue;
    }
    const { dirent, length } = direntAt(block, at, to, ftype);
    if (!isDots(dirent.name)) found.push(dirent);
    at += length;
  }
  return found;
}

/** The entry at `at`, which ends before `to`, and how many bytes it takes. */
export function direntAt(
  block: View,
  at: number,
  to: number,
  ftype: boolean,
): { readonly dirent: Dirent; readonly length: number } {
  const wrong = (what: string): Error =>
    corrupt(block.label, `directory entry with ${what}`, block.base + at);
  if (at + 2 * ALIGNMENT > to) throw wrong("no room");
  const nameBytes = block.u8(at + 8);
  const used = 9 + nameBytes + (ftype ? 1 : 0) + 2;
  const length = Math.ceil(used / ALIGNMENT) * ALIGNMENT;
  if (nameBytes === 0 || at + length > to) throw wrong(`a name of ${nameBytes} bytes`);
  if (block.u16be(at + length - 2) !== at) throw wrong("a tag that is not its offset");
  const type = ftype ? entryTypeOf(block.u8(at + 9 + nameBytes)) : undefined;
  const inode = block.u64be(at);
  return {
    dirent: { name: block.slice(at + 9, nameBytes), inode, ...(type ? { type } : {}) },
    length,
  };
}

/** Names of short-form entries that could not be told apart from the directory itself never come from the kernel. */
function isDots(name: Uint8Array): boolean {
  return name.length <= 2 && /^\.\.?$/.test(decodeName(name));
}

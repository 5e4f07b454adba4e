/** Blocks of directories. Source: Linux Documentation/filesystems/ext4/directory.rst. */
import { corrupt } from "../../../errors.ts";
import { crc32cUpdate } from "../../bytes/crc32c.ts";
import { decodeName } from "../../bytes/names.ts";
import type { View } from "../../bytes/view.ts";
import type { NodeType } from "../driver.ts";
import { entryTypeOf } from "../posix-node.ts";

const TAIL_BYTES = 12;
const TAIL_TYPE = 0xde;

export interface Dirent {
  readonly name: string;
  readonly inode: number;
  readonly type?: NodeType;
}

/** The entries of one block or inline region but `.` and `..`; index blocks look like blocks without entries. */
export function direntsIn(region: View, typed: boolean): readonly Dirent[] {
  const found: Dirent[] = [];
  for (let at = 0; at + 8 <= region.length; ) {
    const length = recordLength(region, at);
    if (length < 8 || length % 4 !== 0 || at + length > region.length)
      throw corrupt(region.label, `directory entry of ${length} bytes`, region.base + at);
    const number = region.u32le(at);
    const nameLength = typed ? region.u8(at + 6) : region.u16le(at + 6);
    if (number !== 0) {
      if (nameLength === 0 || nameLength + 8 > length)
        throw corrupt(region.label, `directory entry with a name of ${nameLength} bytes`, region.base + at);
      const name = decodeName(region.slice(at + 8, nameLength));
      const type = typed ? entryTypeOf(region.u8(at + 7)) : undefined;
      if (name !== "." && name !== "..") found.push({ name, inode: number, ...(type ? { type } : {}) });
    }
    at += length;
  }
  return found;
}

/** Blocks of 64 KiB do not fit 16 bits: 0 and 65,535 mean the whole block, the low bits are the high ones. */
function recordLength(region: View, at: number): number {
  const stored = region.u16le(at + 4);
  if (region.length !== 65536) return stored;
  return stored === 0 || stored === 65535 ? 65536 : (stored & 65532) | ((stored & 3) << 16);
}

/** Rejects a whole block whose checksum does not match. `seed` is the inode's; `indexed` when it has an htree. */
export function checkDirectoryBlock(block: View, seed: number | undefined, indexed: boolean): void {
  if (seed === undefined) return;
  const wrong = (): Error => corrupt(block.label, "checksum of a directory block does not match", block.base);
  const counts = indexed ? indexCountsAt(block) : undefined;
  if (counts !== undefined) {
    const limit = block.u16le(counts);
    const tail = counts + limit * 8;
    const used = counts + block.u16le(counts + 2) * 8;
    if (tail + 8 > block.length || used > tail) throw wrong();
    let crc = crc32cUpdate(seed, block.bytes.subarray(0, used));
    crc = crc32cUpdate(crc, block.slice(tail, 4));
    if (crc32cUpdate(crc, new Uint8Array(4)) !== block.u32le(tail + 4)) throw wrong();
    return;
  }
  const tail = block.length - TAIL_BYTES;
  const isTail =
    block.u32le(tail) === 0 && block.u16le(tail + 4) === TAIL_BYTES && block.u8(tail + 7) === TAIL_TYPE;
  if (!isTail || crc32cUpdate(seed, block.bytes.subarray(0, tail)) !== block.u32le(tail + 8)) throw wrong();
}

/** Where an index block keeps its counts, or undefined for a block of entries. Section "Hash Tree Directories". */
function indexCountsAt(block: View): number | undefined {
  const first = recordLength(block, 0);
  if (first === block.length && block.u32le(0) === 0) return 8;
  if (first !== 12 || recordLength(block, 12) !== block.length - 12) return undefined;
  return block.u32le(24) === 0 && block.u8(29) === 8 ? 32 : undefined;
}

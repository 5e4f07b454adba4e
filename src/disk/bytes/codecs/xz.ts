/**
 * Small .xz streams, as squashfs has one for each block, with the filters for programs that libraries in WebAssembly
 * leave out. Source: "The .xz File Format", version 1.2.1. The index behind the blocks is not looked at.
 */
import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import { crc32 } from "../crc32.ts";
import type { View } from "../view.ts";
import { BRANCH_FILTERS } from "./branch-filters.ts";
import { lzma2Decompress } from "./lzma2.ts";

const MAGIC = "\xfd7zXZ\0";
const STREAM_HEADER_BYTES = 12;
const CHECK = { none: 0, crc32: 1 } as const;
const LZMA2 = 0x21;
const SIZE = { compressed: 0x40, uncompressed: 0x80 } as const;
const NUMBER_MAX_BYTES = 9;

/** @returns at most `bytesMax` bytes. @throws corrupt, limit, unsupported */
export function xzDecompress(packed: View, bytesMax: number): Uint8Array {
  const wrong = (what: string, at: number): Error => corrupt(packed.label, `xz: ${what}`, packed.base + at);
  if (!packed.is(0, MAGIC)) throw wrong("bad magic", 0);
  if (crc32(packed.slice(6, 2)) !== packed.u32le(8)) throw wrong("checksum of its header does not match", 8);
  const check = packed.u16be(6);
  if (check !== CHECK.none && check !== CHECK.crc32)
    throw unsupported(packed.label, `xz with checks of type ${check}`, packed.base + 6);
  const out = new Uint8Array(bytesMax);
  let made = 0;
  // A block header's size is never 0: that is the index.
  for (let at = STREAM_HEADER_BYTES; packed.u8(at) !== 0; ) {
    const { filters, bytes } = blockHeader(packed, at);
    at += bytes;
    const room = out.subarray(made);
    const done = lzma2Decompress(packed.sub(at, packed.length - at), room);
    const block = room.subarray(0, done.made);
    for (const { apply, start } of filters.toReversed()) apply(block, start);
    at += Math.ceil(done.taken / 4) * 4;
    if (check === CHECK.crc32) {
      if (crc32(block) !== packed.u32le(at)) throw wrong("checksum of a block does not match", at);
      at += 4;
    }
    made += done.made;
    if (made > bytesMax) throw limitReached(packed.label, `xz: more than ${bytesMax} bytes`, packed.base);
  }
  return out.subarray(0, made);
}

interface AppliedFilter {
  readonly start: number;
  readonly apply: (bytes: Uint8Array, start: number) => void;
}

/** Section 3.1: the filters before LZMA2, in the order in which they packed. */
function blockHeader(
  packed: View,
  at: number,
): { readonly filters: readonly AppliedFilter[]; readonly bytes: number } {
  const bytes = (packed.u8(at) + 1) * 4;
  const header = packed.sub(at, bytes);
  const wrong = (what: string): Error => corrupt(packed.label, `xz: ${what}`, packed.base + at);
  if (crc32(header.slice(0, bytes - 4)) !== header.u32le(bytes - 4))
    throw wrong("checksum of a block's header does not match");
  const flags = header.u8(1);
  let next = 2;
  const number = (): number => {
    let value = 0;
    for (let i = 0; i < NUMBER_MAX_BYTES; i++) {
      const byte = header.u8(next++);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw wrong("a number of more than nine bytes");
  };
  if ((flags & SIZE.compressed) !== 0) number();
  if ((flags & SIZE.uncompressed) !== 0) number();
  const filters: AppliedFilter[] = [];
  for (let last = flags & 3; last > 0; last--) {
    const [id, size] = [number(), number()];
    const apply = BRANCH_FILTERS.get(id);
    if (!apply) throw unsupported(packed.label, `xz with filter ${id}`, packed.base + at);
    filters.push({ apply, start: size >= 4 ? header.u32le(next) : 0 });
    next += size;
  }
  if (number() !== LZMA2) throw wrong("its last filter is not LZMA2");
  return { filters, bytes };
}

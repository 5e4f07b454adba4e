import { corrupt } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import type { Inode } from "./inode.ts";

const ATTRIBUTE_MAGIC = 0xea020000;
const ENTRY_BYTES = 16;
const SYSTEM_INDEX = 7;

/**
 * Content that lies in the inode itself: 60 bytes in i_block, the rest in the attribute `system.data`.
 * Source: ext4/inlinedata.rst, ext4/attributes.rst.
 */
export function inlineData(inode: Inode, label: string): Uint8Array {
  const rest = inode.sizeBytes > inode.block.length ? systemData(inode, label) : new Uint8Array();
  const all = Buffer.concat([inode.block, rest]);
  if (inode.sizeBytes > all.length)
    throw corrupt(label, `inode ${inode.number}: ${inode.sizeBytes} bytes, ${all.length} of them inline`);
  return all.subarray(0, inode.sizeBytes);
}

/** The value of `system.data`, empty when the inode has none. */
export function systemData(inode: Inode, label: string): Uint8Array {
  const view = new View(inode.attributes, `${label} > inode ${inode.number} attributes`);
  if (view.length < 4 || view.u32le(0) !== ATTRIBUTE_MAGIC) return new Uint8Array();
  const first = 4;
  for (let at = first; at + 4 <= view.length && view.u32le(at) !== 0; ) {
    const nameLength = view.u8(at);
    if (view.u8(at + 1) === SYSTEM_INDEX && nameLength === 4 && view.is(at + ENTRY_BYTES, "data"))
      return view.slice(first + view.u16le(at + 2), view.u32le(at + 8));
    at += (ENTRY_BYTES + nameLength + 3) & ~3;
  }
  return new Uint8Array();
}

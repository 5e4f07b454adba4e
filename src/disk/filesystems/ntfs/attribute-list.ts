import { corrupt, limitReached } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import { reference, utf16 } from "./record.ts";

/** Where one segment of an attribute lies. */
export interface ListEntry {
  readonly type: number;
  readonly name: string;
  readonly firstVcn: number;
  readonly record: number;
  readonly instance: number;
}

export const LIST_MAX_BYTES: number = 256 << 10; // Windows' own limit
const ENTRIES_MAX = 10_000;

/** Source: Linux-NTFS project documentation, "$ATTRIBUTE_LIST". */
export function parseAttributeList(bytes: Uint8Array, label: string): readonly ListEntry[] {
  const view = new View(bytes, `${label} > attribute list`);
  const entries: ListEntry[] = [];
  for (let at = 0; at + 0x1a <= view.length; ) {
    const length = view.u16le(at + 4);
    if (length < 0x1a) throw corrupt(view.label, `entry of ${length} bytes`, at);
    if (entries.length >= ENTRIES_MAX) throw limitReached(view.label, `more than ${ENTRIES_MAX} entries`, at);
    const entry = view.sub(at, Math.min(length, view.length - at));
    entries.push({
      type: entry.u32le(0),
      name: utf16(entry, entry.u8(7), entry.u8(6)),
      firstVcn: entry.u64le(8),
      record: reference(entry, 0x10).record,
      instance: entry.u16le(0x18),
    });
    at += length;
  }
  return entries;
}

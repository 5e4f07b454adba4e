import { corrupt, unsupported } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";

// Source: [MS-VHDX] 2.6.2.6 (parent locator).

const VHDX_PARENT = "b04aefb7-d19e-4a81-b789-25b8e9445913";
const ENTRIES_MAX = 64;
const PATH_KEYS = ["relative_path", "volume_path", "absolute_win32_path"];

export interface ParentLocator {
  /** A path as Windows writes it. */
  readonly path: string;
  /** The DataWriteGuids that the parent may have, lower case, without braces. */
  readonly dataWriteGuids: readonly string[];
}

export function parseParentLocator(view: View): ParentLocator {
  const type = view.guid(0);
  if (type !== VHDX_PARENT) throw unsupported(view.label, `parent locator of type ${type}`, view.base);
  const count = view.u16le(18);
  if (count > ENTRIES_MAX) throw corrupt(view.label, `parent locator of ${count} entries`, view.base + 18);
  const values = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const entry = view.sub(20 + i * 12, 12);
    const key = text(view, entry.u32le(0), entry.u16le(8));
    values.set(key, text(view, entry.u32le(4), entry.u16le(10)));
  }
  const path = PATH_KEYS.map((key) => values.get(key)).find((value) => value);
  if (!path) throw corrupt(view.label, "the parent locator has no path", view.base);
  const guids = ["parent_linkage", "parent_linkage2"].flatMap((key) => values.get(key) ?? []);
  return { path, dataWriteGuids: guids.map((guid) => guid.replace(/[{}]/g, "").toLowerCase()) };
}

function text(view: View, offset: number, length: number): string {
  return new TextDecoder("utf-16le").decode(view.slice(offset, length));
}

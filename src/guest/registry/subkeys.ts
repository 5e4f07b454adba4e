import type { View } from "../../disk/bytes/view.ts";
import { corrupt, limitReached } from "../../errors.ts";
import { type Cells, foldName } from "./cells.ts";

const SUBKEYS_MAX = 1 << 20;
const HASH_FACTOR = 37;

/** A subkey list's element: the key's cell, and what tells beforehand whether it can have a name. */
export interface SubkeyRef {
  readonly cell: number;
  couldBe(name: string): boolean;
}

/**
 * The elements of a subkey list: index leaf (li), fast leaf (lf), hash leaf (lh), or index root (ri) over those.
 * Source: "Windows registry file format specification", "Subkeys list".
 */
export async function subkeyRefs(cells: Cells, list: number): Promise<readonly SubkeyRef[]> {
  const view = await cells.read(list);
  if (!view.is(0, "ri")) return leaf(view);
  const offsets = Array.from({ length: view.u16le(2) }, (_, i) => view.u32le(4 + i * 4));
  const leaves = await Promise.all(offsets.map((offset) => cells.read(offset)));
  // An index root under another does not exist: no list can contain itself.
  const refs = leaves.flatMap(leaf);
  if (refs.length > SUBKEYS_MAX)
    throw limitReached(view.label, `more than ${SUBKEYS_MAX} subkeys`, view.base);
  return refs;
}

function leaf(view: View): readonly SubkeyRef[] {
  const kind = ["li", "lf", "lh"].find((signature) => view.is(0, signature));
  if (kind === undefined) throw corrupt(view.label, "subkey list of unknown kind", view.base);
  const step = kind === "li" ? 4 : 8;
  return Array.from({ length: view.u16le(2) }, (_, i) => {
    const at = 4 + i * step;
    const cell = view.u32le(at);
    if (kind === "li") return { cell, couldBe: () => true };
    if (kind === "lh") {
      const hash = view.u32le(at + 4);
      return { cell, couldBe: (name) => hashName(name) === hash };
    }
    const hint = view.sub(at + 4, 4);
    return { cell, couldBe: (name) => fitsHint(hint, foldName(name)) };
  });
}

function hashName(name: string): number {
  let hash = 0;
  for (const unit of foldName(name).split(""))
    hash = (Math.imul(hash, HASH_FACTOR) + unit.charCodeAt(0)) >>> 0;
  return hash;
}

/** The first four characters, in whatever case; what is not ASCII leaves zeros. */
function fitsHint(hint: View, folded: string): boolean {
  for (let i = 0; i < 4; i++) {
    const byte = hint.u8(i);
    if (byte === 0) return true;
    if (foldName(String.fromCharCode(byte)) !== folded[i]) return false;
  }
  return true;
}

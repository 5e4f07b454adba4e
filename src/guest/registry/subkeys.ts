import type { View } from "../../disk/bytes/view.ts";
import { corrupt, limitReached } from "../../errors.ts";
import { type Cells, foldName } from "./cells.ts";

const SUBKEYS_MAX = 1 << 17;
const LEAVES_MAX = 1 << 12;
const HASH_FACTOR = 37;

/** A subkey list's element: the key's cell, and what the list tells of its name. */
export interface SubkeyRef {
  readonly cell: number;
  readonly hash?: number;
  readonly hint?: View;
}

/** The elements that can have a name, by what their list tells: all of them where it tells nothing. */
export function refsNamed(refs: readonly SubkeyRef[], name: string): readonly SubkeyRef[] {
  const folded = foldName(name);
  // Of other letters versions of Windows know different ones: a list's hash may be of another upper case than ours.
  if (!/^[\0-\x7f]*$/.test(folded)) return refs;
  const wanted = hashFolded(folded);
  return refs.filter(
    ({ hash, hint }) =>
      (hash === undefined || hash === wanted) && (hint === undefined || fitsHint(hint, folded)),
  );
}

/**
 * The elements of a subkey list: index leaf (li), fast leaf (lf), hash leaf (lh), or index root (ri) over those.
 * Source: "Windows registry file format specification", "Subkeys list".
 */
export async function subkeyRefs(cells: Cells, list: number): Promise<readonly SubkeyRef[]> {
  const view = await cells.read(list);
  if (!view.is(0, "ri")) return leaf(view);
  const offsets = Array.from({ length: view.u16le(2) }, (_, i) => view.u32le(4 + i * 4));
  if (offsets.length > LEAVES_MAX)
    throw limitReached(view.label, `more than ${LEAVES_MAX} subkey lists`, view.base);
  const leaves = await Promise.all(offsets.map((offset) => cells.read(offset)));
  const count = leaves.reduce((sum, one) => sum + one.u16le(2), 0);
  if (count > SUBKEYS_MAX) throw limitReached(view.label, `more than ${SUBKEYS_MAX} subkeys`, view.base);
  // An index root under another does not exist: no list can contain itself.
  return leaves.flatMap(leaf);
}

function leaf(view: View): readonly SubkeyRef[] {
  const kind = ["li", "lf", "lh"].find((signature) => view.is(0, signature));
  if (kind === undefined) {
    const what = view.is(0, "ri") ? "a list of subkey lists inside another" : "subkey list of unknown kind";
    throw corrupt(view.label, what, view.base);
  }
  const step = kind === "li" ? 4 : 8;
  return Array.from({ length: view.u16le(2) }, (_, i) => {
    const at = 4 + i * step;
    const cell = view.u32le(at);
    if (kind === "li") return { cell };
    return kind === "lh" ? { cell, hash: view.u32le(at + 4) } : { cell, hint: view.sub(at + 4, 4) };
  });
}

function hashFolded(folded: string): number {
  let hash = 0;
  for (let i = 0; i < folded.length; i++) hash = (Math.imul(hash, HASH_FACTOR) + folded.charCodeAt(i)) >>> 0;
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

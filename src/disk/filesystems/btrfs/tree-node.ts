import { corrupt } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import { matches } from "./checksum.ts";
import { compareKeys, KEY_BYTES, type Key, keyAt } from "./keys.ts";
import type { Superblock } from "./superblock.ts";

// Source: Btrfs documentation, "On-disk format", "Header", "Leaf node", "Internal node".

export const HEADER_BYTES = 101;
const CHECKSUM_BYTES = 32;
const ITEM_BYTES = 25;
const POINTER_BYTES = 33;

/** What leads to a node, and what the node must say of itself. */
export interface NodeRef {
  readonly bytenr: number;
  readonly level: number;
  readonly generation: bigint;
  /** The first key, as the parent has it; absent at a root. */
  readonly first?: Key;
}

export interface Item {
  readonly key: Key;
  readonly data: View;
}

/** A verified block of a tree: its keys in order, and what stands at each. */
export class TreeNode {
  readonly level: number;
  readonly keys: readonly Key[];
  readonly #view: View;

  /** @throws corrupt when the block is not the one that `bytenr` means, or contradicts itself */
  constructor(view: View, bytenr: number, superblock: Superblock) {
    const wrong = (what: string): Error => corrupt(view.label, `Btrfs node ${bytenr}: ${what}`, view.base);
    const covered = view.slice(CHECKSUM_BYTES, view.length - CHECKSUM_BYTES);
    if (!matches(superblock.checksum, covered, view.bytes)) throw wrong("checksum mismatch");
    if (view.big64le(48) !== BigInt(bytenr)) throw wrong(`is node ${view.big64le(48)}`);
    if (superblock.metadataUuid.some((byte, i) => byte !== view.u8(32 + i)))
      throw wrong("another file system's");
    this.level = view.u8(100);
    const count = view.u32le(96);
    const entryBytes = this.level === 0 ? ITEM_BYTES : POINTER_BYTES;
    if (count * entryBytes > view.length - HEADER_BYTES || (count === 0 && this.level > 0))
      throw wrong(`${count} entries`);
    this.#view = view;
    this.keys = Array.from({ length: count }, (_, i) => keyAt(view, HEADER_BYTES + i * entryBytes));
    for (let i = 1; i < count; i++) {
      const [before, key] = [this.keys[i - 1], this.keys[i]];
      if (before && key && compareKeys(before, key) >= 0) throw wrong(`key ${i} is out of order`);
    }
  }

  /** @throws corrupt when the node is not what its parent says: an older one that was left there, say */
  expect({ bytenr, generation, level, first }: NodeRef): void {
    const view = this.#view;
    const wrong = (what: string): Error => corrupt(view.label, `Btrfs node ${bytenr}: ${what}`, view.base);
    const own = view.big64le(80);
    if (own !== generation) throw wrong(`of generation ${own}, not ${generation}`);
    if (this.level !== level) throw wrong(`of level ${this.level}, not ${level}`);
    const [ownFirst] = this.keys;
    if (first && (!ownFirst || compareKeys(ownFirst, first) !== 0))
      throw wrong("does not begin as its parent says");
  }

  /** Leaf: the item at `index`. */
  item(index: number): Item {
    const key = this.#key(index);
    const at = HEADER_BYTES + index * ITEM_BYTES + KEY_BYTES;
    return { key, data: this.#view.sub(HEADER_BYTES + this.#view.u32le(at), this.#view.u32le(at + 4)) };
  }

  /** Internal node: the child at `index`. */
  child(index: number): NodeRef {
    const first = this.#key(index);
    const at = HEADER_BYTES + index * POINTER_BYTES + KEY_BYTES;
    const [bytenr, generation] = [this.#view.u64le(at), this.#view.big64le(at + 8)];
    return { bytenr, generation, level: this.level - 1, first };
  }

  /** Index of the last key that is not above `key`; -1 when all are. */
  lastUpTo(key: Key): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareKeys(this.#key(middle), key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #key(index: number): Key {
    const key = this.keys[index];
    if (!key) throw corrupt(this.#view.label, `Btrfs node has no entry ${index}`, this.#view.base);
    return key;
  }
}

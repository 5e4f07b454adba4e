import type { View } from "../../disk/bytes/view.ts";
import { corrupt, limitReached, unsupported } from "../../errors.ts";
import { type Cells, foldName, NO_CELL, nameOf } from "./cells.ts";
import { refsNamed, subkeyRefs } from "./subkeys.ts";
import { RegistryValue } from "./value.ts";

const FLAG = { link: 0x10, latinName: 0x20 } as const;
const LINK_VALUE = "SymbolicLinkValue";
const DEPTH_MAX = 512; // RegCreateKeyEx: a tree of at most 512 levels
const VALUES_MAX = 1 << 16;
const AT_ONCE = 1024; // more than a list without hashes holds

/** A key of a hive. Source: "Windows registry file format specification", "Key node". */
export class RegistryKey {
  readonly name: string;
  readonly subkeysCount: number;
  readonly valuesCount: number;
  /** A symbolic link to another key, which Windows opens in its place. */
  readonly isLink: boolean;
  readonly #cells: Cells;
  readonly #view: View;
  readonly #minor: number;
  /** Cells of this key and of all it lies in. */
  readonly #path: readonly number[];
  /** Subkeys by their folded names: several paths go through the same key. */
  readonly #found = new Map<string, Promise<RegistryKey | undefined>>();

  private constructor(cells: Cells, view: View, minor: number, path: readonly number[]) {
    if (!view.is(0, "nk")) throw corrupt(view.label, "key cell without its signature nk", view.base);
    this.#cells = cells;
    this.#view = view;
    this.#minor = minor;
    this.#path = path;
    this.name = nameOf(view, 76, view.u16le(72), (view.u16le(2) & FLAG.latinName) !== 0);
    this.isLink = (view.u16le(2) & FLAG.link) !== 0;
    this.subkeysCount = view.u32le(20);
    this.valuesCount = view.u32le(36);
  }

  static async open(
    cells: Cells,
    cell: number,
    minor: number,
    above: readonly number[] = [],
  ): Promise<RegistryKey> {
    if (above.includes(cell)) throw corrupt(cells.label, `key at ${cell} lies inside itself`);
    if (above.length >= DEPTH_MAX) throw limitReached(cells.label, `keys nest deeper than ${DEPTH_MAX}`);
    return new RegistryKey(cells, await cells.read(cell), minor, [...above, cell]);
  }

  /** The subkey of that name, without regard to case; reads the list and the keys that could be it. */
  subkey(name: string): Promise<RegistryKey | undefined> {
    const wanted = foldName(name);
    const known = this.#found.get(wanted) ?? this.#look(wanted);
    this.#found.set(wanted, known);
    return known;
  }

  /** A list that tells nothing of names, and is as long as a hive can make it, is not opened all at once. */
  async #look(wanted: string): Promise<RegistryKey | undefined> {
    const refs = refsNamed(await this.#refs(), wanted);
    for (let at = 0; at < refs.length; at += AT_ONCE) {
      const some = refs.slice(at, at + AT_ONCE);
      this.#cells.spendLookups(some.length);
      const keys = await Promise.all(some.map((ref) => this.#open(ref.cell)));
      const found = keys.find((key) => foldName(key.name) === wanted);
      if (found) return found;
    }
    return undefined;
  }

  /**
   * The key at a path below this one, its parts separated by `\`. Rejects with `unsupported` when the path leads
   * through a link: Windows would go on at another key, which can lie in another hive.
   */
  async find(path: string): Promise<RegistryKey | undefined> {
    const [first, ...rest] = path.split("\\").filter((one) => one !== "");
    if (first === undefined) return this;
    const key = await this.subkey(first);
    if (key?.isLink)
      throw unsupported(this.#cells.label, `the key ${key.name} is a link to ${await key.target()}`);
    return key?.find(rest.join("\\"));
  }

  /** Where a link leads, as stored. */
  async target(): Promise<string> {
    const data = await (await this.value(LINK_VALUE))?.data();
    return data === undefined ? "nowhere" : JSON.stringify(Buffer.from(data).toString("utf16le"));
  }

  /** All of them; rejects with `limit`, before any is opened, when there are more than `max`. */
  async subkeys(max: number = Number.POSITIVE_INFINITY): Promise<readonly RegistryKey[]> {
    const refs = await this.#refs();
    if (refs.length > max)
      throw limitReached(this.#view.label, `key of ${refs.length} subkeys`, this.#view.base + 20);
    return Promise.all(refs.map((ref) => this.#open(ref.cell)));
  }

  async values(): Promise<readonly RegistryValue[]> {
    if (this.valuesCount === 0) return [];
    if (this.valuesCount > VALUES_MAX)
      throw limitReached(this.#view.label, `key of ${this.valuesCount} values`, this.#view.base + 36);
    const list = await this.#cells.read(this.#view.u32le(40));
    return Promise.all(
      Array.from(
        { length: this.valuesCount },
        async (_, i) =>
          new RegistryValue(this.#cells, await this.#cells.read(list.u32le(i * 4)), this.#minor),
      ),
    );
  }

  /** The value of that name, without regard to case; the default value's is empty. */
  async value(name: string): Promise<RegistryValue | undefined> {
    const wanted = foldName(name);
    return (await this.values()).find((one) => foldName(one.name) === wanted);
  }

  async #refs(): Promise<Awaited<ReturnType<typeof subkeyRefs>>> {
    const list = this.#view.u32le(28);
    return this.subkeysCount === 0 || list === NO_CELL ? [] : subkeyRefs(this.#cells, list);
  }

  #open(cell: number): Promise<RegistryKey> {
    return RegistryKey.open(this.#cells, cell, this.#minor, this.#path);
  }
}

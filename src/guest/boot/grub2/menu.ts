/**
 * Which entry boots when nobody touches a key. Source: GRUB manual, "default"; the forms that `default` can
 * take were tried with GRUB 2.06.
 */
import type { MenuEntry } from "./state.ts";
import { integer } from "./test-command.ts";

/**
 * Every entry that `default` can mean: one, unless entries that only some machines have stand in the way.
 * What it does not match, or is not set, means the first.
 */
export function defaultEntries(
  menu: readonly MenuEntry[],
  value: string,
  hasBls: boolean,
): readonly MenuEntry[] {
  const byName = (entry: MenuEntry): boolean =>
    names(entry.id, value) || names(entry.title, value) || (hasBls && entry.id === value.split(/\s/)[0]);
  if (hasBls ? menu.some(byName) || !isInteger(value) : !/^\s*[0-9]/.test(value)) {
    const found = matching(menu, byName);
    return found.at(-1)?.maybe === false ? found : distinct([...found, ...at(menu, 0)]);
  }
  return at(menu, integer(value));
}

/** The entries that can stand at `index`. */
function at(menu: readonly MenuEntry[], index: number): readonly MenuEntry[] {
  const sure = menu.findIndex((entry) => entry.maybe);
  if (sure === -1) return menu.slice(...(index < menu.length ? [index, index + 1] : [0, 1]));
  if (index < sure) return menu.slice(index, index + 1);
  // Any of the doubtful ones before it may be missing: it can be any from the first of them on.
  const first = sure === 0 ? [] : menu.slice(0, 1);
  const rest = index === 0 ? upToCertain(menu) : menu.slice(sure);
  return index === 0 ? rest : distinct([...first, ...rest]);
}

/** Entries up to the first that every machine has. */
function upToCertain(menu: readonly MenuEntry[]): readonly MenuEntry[] {
  const end = menu.findIndex((entry) => !entry.maybe);
  return end === -1 ? menu : menu.slice(0, end + 1);
}

/** The first that matches, and before it those that match and may be missing. */
function matching(menu: readonly MenuEntry[], matches: (entry: MenuEntry) => boolean): readonly MenuEntry[] {
  return upToCertain(menu.filter(matches));
}

function distinct(entries: readonly MenuEntry[]): readonly MenuEntry[] {
  return [...new Set(entries)];
}

/** True when `value` up to its first single `>` is `name`; `>>` stands for a `>` in the name. */
function names(name: string, value: string): boolean {
  const { head } = splitDefault(value);
  return head === name;
}

function isInteger(value: string): boolean {
  return /^\s*(?:0[xX][0-9a-fA-F]+|[0-9]+)\s*$/.test(value);
}

/** The entry's part of `default`, and what is left for the submenu. */
export function splitDefault(value: string): { head: string; rest: string | undefined } {
  let head = "";
  for (let i = 0; i < value.length; i++) {
    if (value[i] === ">" && value[i + 1] !== ">") return { head, rest: value.slice(i + 1) };
    if (value[i] === ">") i++;
    head += value[i] ?? "";
  }
  return { head, rest: undefined };
}

/**
 * `blscfg`: menu entries from Boot Loader Specification files. Source: the blscfg module of Fedora's GRUB
 * and "blscfg" in the manual of GRUB 2.14: entries ordered by file name, newest first; the first `options`
 * line only; without one `default_kernelopts`.
 */
import type { Evidence } from "../../../model/locator.ts";
import { type BlsEntry, firstField, parseBlsEntry } from "../bls/entry.ts";
import { compareBlsIds } from "../bls/version.ts";
import type { Call, Interpreter } from "./interpreter.ts";
import { parseScript } from "./parser.ts";
import { Undecidable } from "./undecidable.ts";
import { isKnown } from "./unknowns.ts";

const FOLDER = "/loader/entries";
const OPTIONS_MAX = 64 << 10;

export function loadBlsEntries(call: Call, grub: Interpreter): void {
  grub.state.hasBls = true;
  // `blscfg default` and `blscfg non-default` share the entries between two places of the menu.
  if (call.args[0] === "non-default") return;
  const folder = call.args.find((arg) => arg.startsWith("(")) ?? (grub.state.value("blsdir") || FOLDER);
  if (!isKnown(folder)) throw new Undecidable(`${call.place}: the folder depends on the running machine`);
  const entries = readEntries(folder, call, grub);
  const found = entries.length > 0 ? entries : readEntries(`/boot${FOLDER}`, call, grub);
  for (const entry of newestFirst(found)) addEntry(entry, grub);
}

function readEntries(folder: string, call: Call, grub: Interpreter): readonly BlsEntry[] {
  const found = grub.paths.blsFiles(folder.replace(/\/+$/, ""), grub.root);
  if (found.state === "unreadable") throw new Undecidable(`${call.place}: ${found.reason}`);
  if (found.state === "absent") return [];
  grub.charge(found.value.reduce((sum, { file }) => sum + file.text.length, 0) / 100);
  return found.value.map(({ id, file }) => parseBlsEntry(id, file, true));
}

/** Of ids that compare equal only the first is kept. */
function newestFirst(entries: readonly BlsEntry[]): readonly BlsEntry[] {
  return entries
    .toSorted((a, b) => compareBlsIds(b.id, a.id))
    .filter((entry, index, all) => index === 0 || compareBlsIds(entry.id, all[index - 1]?.id ?? "") !== 0);
}

function addEntry(entry: BlsEntry, grub: Interpreter): void {
  const linux = firstField(entry, "linux");
  if (linux === undefined) return;
  const options = firstField(entry, "options");
  const expanded =
    expandOptions(options?.value, grub) ?? expandOptions(grub.state.value("default_kernelopts"), grub);
  const title = firstField(entry, "title")?.value ?? linux.value;
  const version = firstField(entry, "version")?.value;
  const line = (options ?? linux).line;
  // GRUB makes a script of it, so quotes in the options are GRUB's quotes; variables were replaced before.
  const { statements } = parseScript(`linux ${linux.value} ${expanded?.text ?? ""}\n`, {
    name: entry.file.path,
    evidence: () => entry.file.evidence(line),
    origins: expanded?.origins ?? [],
  });
  grub.addEntry({
    title,
    id: entry.id,
    submenu: false,
    body: statements,
    params: [title],
    maybe: false,
    bls: version === undefined ? {} : { version },
  });
}

interface ExpandedOptions {
  readonly text: string;
  readonly origins: readonly Evidence[];
}

/** `$name` replaced; undefined when there is nothing, or nothing before a variable that is not set. */
function expandOptions(options: string | undefined, grub: Interpreter): ExpandedOptions | undefined {
  if (options === undefined || options === "") return undefined;
  let text: string | undefined;
  const origins: Evidence[] = [];
  for (const piece of options.match(/\$[A-Za-z0-9_]*|[^$]+/g) ?? []) {
    const variable = grub.state.variables.get(piece.slice(1));
    if (!piece.startsWith("$")) text = (text ?? "") + piece;
    else if (variable !== undefined) {
      text = (text ?? "") + variable.value;
      origins.push(...variable.origins);
    }
    if (text === undefined) return undefined;
    if (text.length > OPTIONS_MAX) throw new Undecidable("the options of an entry grow beyond all bounds");
  }
  return text === undefined ? undefined : { text, origins };
}

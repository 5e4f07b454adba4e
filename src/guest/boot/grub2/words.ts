/** From words to arguments: variables, splitting, quoting. Source: GRUB manual, "Shell-like scripting". */
import type { Evidence } from "../../../model/locator.ts";
import type { State } from "./state.ts";
import type { Word } from "./syntax.ts";
import { Undecidable } from "./undecidable.ts";
import type { Unknowns } from "./unknowns.ts";

const LENGTH_MAX = 16 << 10;

export interface Expanded {
  readonly args: readonly string[];
  /** Lines that gave the variables their values. */
  readonly origins: readonly Evidence[];
}

export function expandWords(words: readonly Word[], state: State, unknowns: Unknowns): Expanded {
  const args = new Arguments();
  const origins: Evidence[] = [];
  for (const word of words) {
    args.next();
    for (const part of word) {
      if (part.kind === "text") {
        if (!part.literal && state.matchesNames && /[*?]/.test(part.text)) args.append(unknowns.any());
        else args.append(part.text);
        continue;
      }
      const variable = state.variables.get(part.name);
      if (variable !== undefined && variable.value !== "") origins.push(...variable.origins);
      const values = valuesOf(part.name, part.quoted, state);
      for (const [index, value] of values.entries()) {
        if (index > 0) args.next();
        if (part.quoted) args.append(unknowns.quoted(value));
        else appendSplit(args, value);
      }
    }
  }
  return { args: args.all(), origins };
}

/** `$@` and an unquoted `$*` have several values; one that is not set has none. */
function valuesOf(name: string, quoted: boolean, state: State): readonly string[] {
  if (name === "?") return [state.status];
  if (!/^(?:[0-9]+|[#*@])$/.test(name)) {
    const value = state.value(name);
    return value === "" ? [] : [value];
  }
  const { params } = state;
  if (params === undefined) return [];
  if (name === "#") return [String(params.length)];
  if (name === "*" && quoted) return [params.join(" ")];
  if (name === "*" || name === "@") return params;
  const value = params[Number(name) - 1];
  return value === undefined ? [] : [value];
}

/** Splits at white space. White space at the ends does not separate a value from the word around it. */
function appendSplit(args: Arguments, value: string): void {
  const fields = value.split(/[ \t\n\r\v\f]+/).filter((field) => field !== "");
  for (const [index, field] of fields.entries()) {
    if (index > 0) args.next();
    args.append(field);
  }
}

class Arguments {
  readonly #args: string[] = [];
  #open = false;
  #length = 0;

  /** Begins a new argument; one that nothing was appended to is none. */
  next(): void {
    this.#open = false;
  }

  append(text: string): void {
    this.#length += text.length + 1;
    if (this.#length > LENGTH_MAX) throw new Undecidable("a command grows beyond all bounds");
    const last = this.#args.pop();
    if (this.#open && last !== undefined) {
      this.#args.push(last + text);
      return;
    }
    if (last !== undefined) this.#args.push(last);
    this.#args.push(text);
    this.#open = true;
  }

  all(): readonly string[] {
    return this.#args;
  }
}

import type { Evidence } from "../../../model/locator.ts";
import type { Block } from "./syntax.ts";
import { Undecidable } from "./undecidable.ts";
import type { Unknowns } from "./unknowns.ts";

const ORIGINS_MAX = 8;

export interface Variable {
  readonly value: string;
  readonly exported: boolean;
  /** Lines that gave it its value. */
  readonly origins: readonly Evidence[];
}

export interface MenuEntry {
  readonly title: string;
  readonly id: string;
  readonly submenu: boolean;
  readonly body: Block;
  /** `$1`... in the body; the first is the title. */
  readonly params: readonly string[];
  /** True when only a machine of one kind has this entry. */
  readonly maybe: boolean;
  /** Set for Boot Loader Specification entries. */
  readonly bls?: { readonly version?: string };
}

/** What `boot` would start. */
export type Loaded =
  | {
      readonly kind: "linux";
      readonly kernel: string;
      readonly args: readonly string[];
      readonly evidence: readonly Evidence[];
    }
  /** `mayBe`: the lines of arguments, where only they cannot be told. */
  | { readonly kind: "other"; readonly what: string; readonly mayBe?: readonly string[] };

/** What the machine does in the end. */
export interface Outcome {
  readonly entry: string;
  readonly bls?: { readonly version?: string };
  readonly loaded: Loaded;
}

export type Flow =
  | { readonly kind: "on" }
  | { readonly kind: "return" }
  | { readonly kind: "break"; readonly loops: number; readonly goOn: boolean }
  /** The machine has booted, stopped, or left GRUB. */
  | { readonly kind: "over" };

export const ON: Flow = { kind: "on" };

/** GRUB at one moment. Cloned where the way ahead depends on the machine, then merged. */
export class State {
  variables: Map<string, Variable> = new Map();
  functions: Map<string, Block> = new Map();
  menu: readonly MenuEntry[] = [];
  loaded: Loaded | undefined;
  outcome: Outcome | undefined;
  flow: Flow = ON;
  /** `$1`...; undefined outside of functions and entries. */
  params: readonly string[] | undefined;
  /** `$?` */
  status = "0";
  loops = 0;
  /** The regexp module is loaded: `*` and `?` match file names. */
  matchesNames = false;
  /** `blscfg` ran: this is the GRUB of Fedora and its kin. */
  hasBls = false;

  clone(): State {
    const copy = new State();
    Object.assign(copy, this);
    copy.variables = new Map(this.variables);
    copy.functions = new Map(this.functions);
    return copy;
  }

  value(name: string): string {
    return this.variables.get(name)?.value ?? "";
  }

  set(name: string, value: string, origins: readonly Evidence[] = []): void {
    const exported = this.variables.get(name)?.exported ?? false;
    this.variables.set(name, { value, exported, origins: origins.slice(0, ORIGINS_MAX) });
  }

  export(name: string): void {
    const known = this.variables.get(name) ?? { value: "", origins: [] };
    this.variables.set(name, { ...known, exported: true });
  }

  /** What a new context (a submenu, `configfile`) gets to see. */
  exported(): Map<string, Variable> {
    return new Map([...this.variables].filter(([, variable]) => variable.exported));
  }
}

/** One state that stands for both. Throws `Undecidable` where they go different ways. */
export function mergeStates(a: State, b: State, unknowns: Unknowns): State {
  if (JSON.stringify(a.flow) !== JSON.stringify(b.flow))
    throw new Undecidable("whether GRUB goes on depends on the running machine");
  const merged = a.clone();
  for (const name of new Set([...a.variables.keys(), ...b.variables.keys()])) {
    const left = a.variables.get(name);
    const right = b.variables.get(name);
    if (left?.value === right?.value && left?.exported === right?.exported) continue;
    merged.variables.set(name, {
      value: unknowns.either(left?.value ?? "", right?.value ?? ""),
      exported: (left?.exported ?? false) || (right?.exported ?? false),
      origins: [...(left?.origins ?? []), ...(right?.origins ?? [])].slice(0, ORIGINS_MAX),
    });
  }
  for (const [name, body] of b.functions) {
    const other = a.functions.get(name);
    if (other !== undefined && other !== body)
      throw new Undecidable(`what the function ${name} does depends on the running machine`);
    merged.functions.set(name, body);
  }
  merged.menu = mergeMenus(a.menu, b.menu);
  merged.loaded = mergeOptional(a.loaded, b.loaded, (left, right) => mergeLoaded(left, right, unknowns));
  merged.outcome = mergeOutcomes(a.outcome, b.outcome, unknowns);
  merged.status = unknowns.either(a.status, b.status);
  merged.matchesNames ||= b.matchesNames;
  merged.hasBls ||= b.hasBls;
  return merged;
}

function mergeMenus(a: readonly MenuEntry[], b: readonly MenuEntry[]): readonly MenuEntry[] {
  if (a === b) return a;
  const fork = a.findIndex((entry, index) => b[index] !== entry);
  const same = fork === -1 ? a.length : fork;
  const maybe = [...a.slice(same), ...b.slice(same)].map((entry) => ({ ...entry, maybe: true }));
  return [...a.slice(0, same), ...maybe];
}

function mergeOptional<T>(a: T | undefined, b: T | undefined, merge: (a: T, b: T) => T): T | undefined {
  if (a === undefined && b === undefined) return undefined;
  if (a === undefined || b === undefined)
    throw new Undecidable("whether a kernel is loaded depends on the running machine");
  return merge(a, b);
}

export function mergeOutcomes(
  a: Outcome | undefined,
  b: Outcome | undefined,
  unknowns: Unknowns,
): Outcome | undefined {
  return mergeOptional(a, b, (left, right) => {
    const loaded = mergeLoaded(left.loaded, right.loaded, unknowns);
    if (left.entry === right.entry) return { ...left, loaded };
    return { entry: `${left.entry} or ${right.entry}`, loaded };
  });
}

function mergeLoaded(a: Loaded, b: Loaded, unknowns: Unknowns): Loaded {
  if (a === b) return a;
  if (a.kind === "other" && b.kind === "other" && a.what === b.what) return a;
  if (a.kind !== "linux" || b.kind !== "linux")
    return { kind: "other", what: "what is started depends on the running machine" };
  const args = mergeArgs(a.args, b.args, unknowns);
  if (args === undefined) {
    const mayBe = [a, b].map((one) => shown(one.args, unknowns));
    return {
      kind: "other",
      what: `the arguments depend on the running machine: ${mayBe.join(" | ")}`,
      mayBe,
    };
  }
  return {
    ...a,
    kernel: unknowns.either(a.kernel, b.kernel),
    args,
    evidence: [...a.evidence, ...b.evidence],
  };
}

function shown(args: readonly string[], unknowns: Unknowns): string {
  return args.map((arg) => unknowns.shown(arg)).join(" ");
}

/** Both lists in one when they name the same parameters in the same order. */
function mergeArgs(
  a: readonly string[],
  b: readonly string[],
  unknowns: Unknowns,
): readonly string[] | undefined {
  if (a.length !== b.length) return undefined;
  const merged: string[] = [];
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? "";
    if (left === right) {
      merged.push(left);
      continue;
    }
    const [key = "", ...value] = left.split("=");
    const [otherKey = "", ...otherValue] = right.split("=");
    if (key !== otherKey || value.length === 0 || otherValue.length === 0) return undefined;
    merged.push(`${key}=${unknowns.quoted(unknowns.either(value.join("="), otherValue.join("=")))}`);
  }
  return merged;
}

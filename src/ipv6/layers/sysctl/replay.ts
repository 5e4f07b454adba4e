import type { Evidence } from "../../../model/locator.ts";
import { isNic, takesNic } from "../../conf.ts";
import { sysctlValue } from "../../integer.ts";
import type { BootState, Switch } from "../../layer.ts";
import { matchesPattern } from "../../pattern.ts";
import { confKey, type Dialect, type Setting } from "./parse.ts";

/** What differs between programs and their versions. */
export interface Program {
  /** How it reads lines; whether patterns are expanded and `-key` excludes (systemd 245, procps 4.0). */
  readonly dialect: Dialect;
  /** In which order it takes the places. */
  readonly order:
    | "by name"
    | "by name, then sysctl.conf"
    | "by name, run first, then sysctl.conf"
    | "vendor, etc, sysctl.conf, run"
    | "run, etc, vendor, sysctl.conf"
    | "sysctl.conf, etc";
  /** `map`: collected and replayed; `sequence`: written line by line; `files`: the same, one run a file. */
  readonly kind: "map" | "sequence" | "files";
  /** The map keeps its order (systemd 232); before, the order of the writes is undefined. */
  readonly ordered: boolean;
  /** A value that already reads the same is not written (systemd 250): `all` then does not reach out. */
  readonly skipsEqual: boolean;
  /** Keys with `..` are refused (systemd 250). */
  readonly strictPaths: boolean;
  /** udev's run takes `{...}` in an interface's place as it stands (systemd 252). */
  readonly plainPrefix: boolean;
  /** `-PATTERN` excludes what it matches, slashes and all (procps 4.0.5). */
  readonly excludesPatterns: boolean;
  /** A link that leads to itself keeps another folder's file of that name from being read (before systemd 262). */
  readonly loopsMask: boolean;
  /** udev applies an interface's own keys when it appears. */
  readonly reappliesOnAdd: boolean;
}

/** What cannot be known offline about one boot. */
export interface World {
  readonly program: Program;
  /** Whether the NIC is there when the settings are written. */
  readonly nic: "before" | "before, then added" | "after";
  /** Whether names that a NIC may have are its name. */
  readonly maybeIsNic: boolean;
  /** False: the module is not loaded yet, the keys are missing. */
  readonly stackReady: boolean;
}

export interface Outcome {
  readonly state: BootState;
  /** The line that wrote each value last. */
  readonly writers: ReadonlyMap<string, Evidence>;
}

const PARAMETER = "disable_ipv6";

/** Applies the settings of files in one world. Source: systemd, src/sysctl/sysctl.c; procps, src/sysctl.c. */
export function replay(
  files: readonly (readonly Setting[])[],
  before: BootState,
  world: World,
  nicNames: readonly string[],
): Outcome {
  const machine = new Machine(before, world, nicNames);
  const { program, stackReady } = world;
  const lists = program.kind === "files" ? files : [files.flat()];
  for (const list of program.kind === "map" ? lists.map((one) => asMap(one, program)) : lists) {
    if (stackReady) machine.applyAll(list);
    if (program.reappliesOnAdd) machine.addNic(list);
  }
  if (!program.reappliesOnAdd) machine.addNic([]);
  return machine.outcome();
}

/** Same key, other value: moves to the end. Same value: keeps its place. `-key` takes a value back. */
function asMap(settings: readonly Setting[], { ordered }: Program): readonly Setting[] {
  const map = new Map<string, Setting>();
  for (const setting of settings) {
    const known = map.get(setting.key);
    if (known && known.value === setting.value) continue;
    map.delete(setting.key);
    map.set(setting.key, setting);
  }
  return ordered ? [...map.values()] : [...map.values()].toReversed();
}

/** A switch as /proc shows it: any number. */
type Value = number | "unknown";

class Machine {
  readonly #world: World;
  readonly #nicNames: readonly string[];
  readonly #values: Map<string, Value>;
  readonly #writers = new Map<string, Evidence>();
  readonly #before: BootState;
  #acceptRa: number | undefined;
  #autoconf: number | undefined;

  constructor(before: BootState, world: World, nicNames: readonly string[]) {
    this.#before = before;
    this.#world = world;
    this.#nicNames = nicNames;
    this.#acceptRa = before.acceptRa;
    this.#autoconf = before.autoconf;
    this.#values = new Map<string, Value>([
      ["all", before.all],
      ["default", before.default],
      ["lo", before.lo],
      ["nic", before.nic],
      ...before.named,
    ]);
  }

  outcome(): Outcome {
    const value = (name: string): Switch => asSwitch(this.#values.get(name));
    const named = [...this.#values.keys()].filter((name) => !FIXED.has(name));
    // In a world where the name is the card's, it has the card's value.
    const ofNamed = (name: string): Switch => value(this.#slot(name));
    const state: BootState = {
      ...this.#before,
      all: value("all"),
      default: value("default"),
      lo: value("lo"),
      nic: value("nic"),
      named: new Map(named.map((name) => [name, ofNamed(name)])),
      acceptRa: this.#acceptRa,
      autoconf: this.#autoconf,
    };
    return { state, writers: this.#writers };
  }

  applyAll(list: readonly Setting[]): void {
    let sure: ReadonlyMap<string, Value> | undefined;
    for (const setting of list) {
      this.#apply(setting, list);
      const refused = this.#world.program.dialect === "busybox" ? this.#refused(setting) : "no";
      if (refused === "certainly") break;
      if (refused === "maybe") sure ??= new Map(this.#values);
    }
    for (const [name, value] of sure ?? [])
      if (this.#values.get(name) !== value) this.#values.set(name, "unknown");
  }

  /** BusyBox gives up on a file when the kernel refuses a value: whether it does depends on what is there. */
  #refused({ key, value }: Setting): "certainly" | "maybe" | "no" {
    const own = confKey(key);
    if (!own || sysctlValue(value ?? "") !== undefined) return "no";
    const slot = this.#slot(own.iface);
    if (slot === "nic") return this.#world.nic === "after" ? "no" : "certainly";
    return FIXED.has(slot) ? "certainly" : "maybe";
  }

  #apply(setting: Setting, all: readonly Setting[]): void {
    const { key, value, patterns } = setting;
    if (value === undefined) return;
    if (patterns) {
      for (const slot of this.#expand(patterns, all, PARAMETER)) this.#write(slot, setting);
      for (const parameter of ["accept_ra", "autoconf"])
        for (const slot of this.#expand(patterns, all, parameter)) this.#limit(slot, parameter, value);
      return;
    }
    const own = this.#own(key);
    if (own?.parameter === PARAMETER) this.#write(this.#slot(own.iface), setting);
    else if (own) this.#limit(this.#slot(own.iface), own.parameter, value);
  }

  /** The NIC appears and copies `default`; then its own keys come once more. */
  addNic(all: readonly Setting[]): void {
    const { nic, program } = this.#world;
    if (nic === "before") return;
    if (nic === "after") {
      this.#values.set("nic", this.#values.get("default") ?? "unknown");
      const writer = this.#writers.get("default");
      if (writer) this.#writers.set("nic", writer);
    }
    if (!program.reappliesOnAdd) return;
    for (const setting of all) {
      const { key, patterns, value } = setting;
      if (value === undefined) continue;
      // udev asks for a prefix, letter by letter: a key with `..` has another.
      const own = patterns || key.includes("/../") ? undefined : this.#own(key);
      const isOwn = own?.parameter === PARAMETER && this.#slot(own.iface) === "nic";
      const taken = program.plainPrefix ? patterns?.filter((one) => sameFolder(one, key)) : patterns;
      if (isOwn || (taken && this.#expand(taken, all, PARAMETER).includes("nic"))) this.#set("nic", setting);
    }
  }

  /** The interfaces that a pattern takes in and that have no setting of their own. */
  #expand(patterns: readonly string[], all: readonly Setting[], parameter: string): readonly string[] {
    const excluded = new Set(all.filter((one) => one.patterns === undefined).map((one) => one.key));
    const without = this.#world.program.excludesPatterns
      ? all.filter((one) => one.value === undefined).flatMap((one) => one.patterns ?? [])
      : [];
    const takes = (iface: string): boolean => {
      const path = `net/ipv6/conf/${iface}/${parameter}`;
      if (without.some((pattern) => matchesPattern(pattern, path))) return false;
      return !excluded.has(path) && patterns.some((pattern) => matchesPath(pattern, path));
    };
    const named = [...this.#values.keys()].filter((name) => !FIXED.has(name));
    const nic = takesNic(takes, this.#nicNames);
    const takesTheNic = nic === "yes" || (nic === "maybe" && this.#world.maybeIsNic);
    // `all` first, whatever the order of glob(3): all of them get the same value.
    return [...["all", "default", ...named, "lo"].filter(takes), ...(takesTheNic ? ["nic"] : [])];
  }

  #own(key: string): ReturnType<typeof confKey> {
    return this.#world.program.strictPaths && /(^|\/)\.\.(\/|$)/.test(key) ? undefined : confKey(key);
  }

  /** Where an interface's value is kept: the NIC under `nic`, whatever its name. */
  #slot(iface: string): string {
    const nic = isNic(iface, this.#nicNames);
    return nic === "yes" || (nic === "maybe" && this.#world.maybeIsNic) ? "nic" : iface;
  }

  #write(slot: string, setting: Setting): void {
    const number = sysctlValue(setting.value ?? "");
    if (number === undefined) return;
    const absent = this.#world.nic === "after";
    if (slot === "nic" && absent) return;
    const old = this.#values.get(slot);
    if (this.#world.program.skipsEqual && String(old) === setting.value) {
      // Not written, yet it is this line that says what the card has: it took an earlier one's place.
      const agrees = asSwitch(this.#values.get("nic")) === asSwitch(number);
      if (slot === "nic" || (slot === "all" && agrees)) this.#writers.set("nic", setting.evidence);
      return;
    }
    const mayBeSkipped = this.#world.program.skipsEqual && old === "unknown";
    this.#set(slot, setting);
    if (slot !== "all") return;
    for (const [name, value] of this.#values) {
      if (name === "all" || (name === "nic" && absent)) continue;
      if (mayBeSkipped && asSwitch(value) !== asSwitch(number)) this.#values.set(name, "unknown");
      else this.#set(name, setting);
    }
  }

  #set(slot: string, setting: Setting): void {
    const number = sysctlValue(setting.value ?? "");
    if (number === undefined) return;
    this.#values.set(slot, number);
    this.#writers.set(slot, setting.evidence);
  }

  #limit(slot: string, parameter: string, value: string): void {
    const number = sysctlValue(value);
    if (number === undefined || (slot !== "nic" && slot !== "default")) return;
    if (parameter === "accept_ra") this.#acceptRa = number;
    else this.#autoconf = number;
  }
}

function asSwitch(value: Value | undefined): Switch {
  return value === undefined || value === "unknown" ? "unknown" : value === 0 ? 0 : 1;
}

const FIXED = new Set(["all", "default", "lo", "nic"]);

/** True when an alternative of a pattern does not differ from it but in its last element. */
function sameFolder(alternative: string, pattern: string): boolean {
  const folder = (path: string): string => path.slice(0, path.lastIndexOf("/"));
  return folder(alternative) === folder(pattern);
}

function matchesPath(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const parts = path.split("/");
  return wanted.length === parts.length && wanted.every((one, at) => matchesPattern(one, parts[at] ?? ""));
}

import type { Evidence } from "../../../model/locator.ts";
import { isNic, takesNic } from "../../conf.ts";
import { sysctlValue } from "../../integer.ts";
import type { BootState, Switch } from "../../layer.ts";
import { matchesPattern } from "../../pattern.ts";
import { confKey, type Setting } from "./parse.ts";

/** What differs between programs and their versions. */
export interface Program {
  /** `map`: systemd-sysctl collects and replays; `sequence`: procps and busybox write line by line. */
  readonly kind: "map" | "sequence";
  /** Patterns are expanded, `-key` excludes (systemd 245, procps 4.0). */
  readonly patterns: boolean;
  /** The map keeps its order (systemd 232); before, the order of the writes is undefined. */
  readonly ordered: boolean;
  /** A value that already reads the same is not written (systemd 250): `all` then does not reach out. */
  readonly skipsEqual: boolean;
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

/** Applies the settings in one world. Source: systemd, src/sysctl/sysctl.c; procps, src/sysctl.c. */
export function replay(
  settings: readonly Setting[],
  before: BootState,
  world: World,
  nicNames: readonly string[],
): Outcome {
  const machine = new Machine(before, world, nicNames);
  const list = world.program.kind === "map" ? asMap(settings, world.program) : settings;
  if (world.stackReady) for (const setting of list) machine.apply(setting, list);
  machine.addNic(list);
  return machine.outcome();
}

/** Same key, other value: moves to the end. Same value: keeps its place. `-key` takes a value back. */
function asMap(settings: readonly Setting[], { ordered, patterns }: Program): readonly Setting[] {
  const map = new Map<string, Setting>();
  for (const setting of settings) {
    if (setting.value === undefined && !patterns) continue;
    const known = map.get(setting.key);
    if (known && known.value === setting.value) continue;
    map.delete(setting.key);
    map.set(setting.key, setting);
  }
  return ordered ? [...map.values()] : [...map.values()].toReversed();
}

class Machine {
  readonly #world: World;
  readonly #nicNames: readonly string[];
  readonly #values: Map<string, Switch>;
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
    this.#values = new Map<string, Switch>([
      ["all", before.all],
      ["default", before.default],
      ["lo", before.lo],
      ["nic", before.nic],
      ...before.named,
    ]);
  }

  outcome(): Outcome {
    const value = (name: string): Switch => this.#values.get(name) ?? "unknown";
    const fixed = ["all", "default", "lo", "nic"];
    const state: BootState = {
      ...this.#before,
      all: value("all"),
      default: value("default"),
      lo: value("lo"),
      nic: value("nic"),
      named: new Map([...this.#values].filter(([name]) => !fixed.includes(name))),
      acceptRa: this.#acceptRa,
      autoconf: this.#autoconf,
    };
    return { state, writers: this.#writers };
  }

  apply(setting: Setting, all: readonly Setting[]): void {
    if (setting.value === undefined) return;
    if (!setting.pattern) {
      const key = confKey(setting.key);
      if (key?.parameter === PARAMETER) this.#write(this.#slot(key.iface), setting);
      else if (key) this.#limit(key.iface, key.parameter, setting.value);
    } else if (this.#world.program.patterns) {
      for (const slot of this.#expand(setting, all)) this.#write(slot, setting);
    }
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
      const key = setting.pattern ? undefined : confKey(setting.key);
      const own = key ? key.parameter === PARAMETER && this.#slot(key.iface) === "nic" : false;
      const byPattern = setting.pattern && program.patterns && this.#expand(setting, all).includes("nic");
      if (own || byPattern) this.#set("nic", setting);
    }
  }

  /** The interfaces that a pattern takes in and that have no setting of their own, in the order of glob(3). */
  #expand(setting: Setting, all: readonly Setting[]): readonly string[] {
    const excluded = new Set(all.filter((one) => !one.pattern).map((one) => one.key));
    const takes = (iface: string): boolean => {
      const path = `net/ipv6/conf/${iface}/${PARAMETER}`;
      return matchesPath(setting.key, path) && !excluded.has(path);
    };
    const known = ["all", "default", ...[...this.#values.keys()].filter((name) => !FIXED.has(name))].filter(
      takes,
    );
    const nic = takesNic(takes, this.#nicNames);
    const takesTheNic = nic === "yes" || (nic === "maybe" && this.#world.maybeIsNic);
    return [...known, ...(takesTheNic ? ["nic"] : []), ...(takes("lo") ? ["lo"] : [])];
  }

  /** Where an interface's value is kept: the NIC under `nic`, whatever its name. */
  #slot(iface: string): string {
    const nic = isNic(iface, this.#nicNames);
    return nic === "yes" || (nic === "maybe" && this.#world.maybeIsNic) ? "nic" : iface;
  }

  #write(slot: string, setting: Setting): void {
    const number = sysctlValue(setting.value ?? "");
    if (number === undefined) return;
    if (slot === "nic" && this.#world.nic === "after") return;
    if (this.#world.program.skipsEqual && String(this.#values.get(slot)) === setting.value) {
      // Not written, yet it is this line that says what the card has: it took an earlier one's place.
      const agrees = this.#values.get("nic") === (number === 0 ? 0 : 1);
      if (slot === "nic" || (slot === "all" && agrees)) this.#writers.set("nic", setting.evidence);
      return;
    }
    this.#set(slot, setting);
    if (slot !== "all") return;
    for (const name of this.#values.keys())
      if (name !== "all" && !(name === "nic" && this.#world.nic === "after")) this.#set(name, setting);
  }

  #set(slot: string, setting: Setting): void {
    const number = sysctlValue(setting.value ?? "");
    if (number === undefined) return;
    this.#values.set(slot, number === 0 ? 0 : 1);
    this.#writers.set(slot, setting.evidence);
  }

  #limit(iface: string, parameter: string, value: string): void {
    const number = sysctlValue(value);
    const slot = this.#slot(iface);
    if (number === undefined || (slot !== "nic" && slot !== "default")) return;
    if (parameter === "accept_ra") this.#acceptRa = number;
    else this.#autoconf = number;
  }
}

const FIXED = new Set(["all", "default", "lo", "nic"]);

function matchesPath(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const parts = path.split("/");
  return wanted.length === parts.length && wanted.every((one, at) => matchesPattern(one, parts[at] ?? ""));
}

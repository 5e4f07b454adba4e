import type { BootFacts } from "../model/boot.ts";
import type { Observations } from "../model/observations.ts";
import type { Addressing, BlindSpot, Step } from "../model/prediction.ts";
import type { Want } from "../model/snapshot.ts";

/** 0, 1, or not to be told. What the kernel keeps for one interface (or `all`, `default`). */
export type Switch = 0 | 1 | "unknown";

/** The machine on its way up. Immutable: every layer returns a new one. */
export interface BootState {
  /** `present`: the stack registers. `absent`: not built, or its module cannot load. `disabled`: ipv6.disable. */
  readonly stack: "present" | "absent" | "disabled" | "unknown";
  /** When the stack registers: before user space (`boot`, built in) or on first use (`late`, a module). */
  readonly loads: "boot" | "late" | "unknown";
  readonly all: Switch;
  readonly default: Switch;
  readonly lo: Switch;
  /** The interface the cloud gives the instance. */
  readonly nic: Switch;
  /** What udev makes of that interface when it comes, which may be later than it seems; undefined: nothing. */
  readonly onAdd: Switch | undefined;
  /** Interfaces named by the configuration, by name. */
  readonly named: ReadonlyMap<string, Switch>;
  /** accept_ra as the kernel would apply it to the NIC, when somebody set it. */
  readonly acceptRa: number | undefined;
  readonly autoconf: number | undefined;
  /** What the NIC's manager gives it; undefined: as the kernel likes. */
  readonly addressing: Addressing | undefined;
  /** Further interfaces that a network manager configures, by name. */
  readonly further: ReadonlyMap<string, Switch>;
}

/** The state of a kernel with IPv6 before anything is configured. */
export const INITIAL_STATE: BootState = {
  stack: "unknown",
  loads: "unknown",
  all: 0,
  default: 0,
  lo: 0,
  nic: 0,
  onAdd: undefined,
  named: new Map(),
  acceptRa: undefined,
  autoconf: undefined,
  addressing: undefined,
  further: new Map(),
};

/** What one layer adds to the story. */
export interface LayerResult {
  readonly state: BootState;
  readonly steps: readonly Step[];
  readonly blindSpots: readonly BlindSpot[];
  /** Why the NIC's value is not known from here on; of no weight once a later stage knows it after all. */
  readonly doubt?: BlindSpot;
  /** What may switch IPv6 off all the same: of weight only where it would come up. */
  readonly unlessOff?: readonly BlindSpot[];
  /** The NIC's value is written here whatever it was before: what was not known until now is settled. */
  readonly settles?: boolean;
}

/** One stage of a boot: it says which files it asks for, parses them, and moves the machine one step on. Pure. */
export interface Layer<Facts> {
  readonly id: string;
  /** As in `Asks`. */
  readonly wants: readonly Want[];
  /** As in `Asks`, with what the boot loader's files told so far. */
  follow?(observations: Observations, boot: BootFacts): readonly Want[];
  read(observations: Observations, boot: BootFacts): Facts;
  effect(facts: Facts, before: BootState): LayerResult;
}

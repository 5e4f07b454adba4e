import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";
import type { BlindSpot, Step } from "../model/prediction.ts";
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
  /** Interfaces named by the configuration, by name. */
  readonly named: ReadonlyMap<string, Switch>;
  /** accept_ra as the kernel would apply it to the NIC, when somebody set it. */
  readonly acceptRa: number | undefined;
  readonly autoconf: number | undefined;
}

/** The state of a kernel with IPv6 before anything is configured. */
export const INITIAL_STATE: BootState = {
  stack: "unknown",
  loads: "unknown",
  all: 0,
  default: 0,
  lo: 0,
  nic: 0,
  named: new Map(),
  acceptRa: undefined,
  autoconf: undefined,
};

/** What the boot-loader stage found out; facts come from `guest`, as plain data. */
export interface BootFacts {
  /** The effective kernel command line, or undefined when it cannot be told. */
  readonly cmdline: string | undefined;
  /** Where the command line stands (file and line); empty when there is none. */
  readonly cmdlineEvidence: readonly Evidence[];
  /** Why `cmdline` is undefined. */
  readonly cmdlineUnknown?: string;
  /** The kernel that boots (`6.1.0-18-cloud-amd64`), or undefined. */
  readonly kernelVersion: string | undefined;
  /** Names a NIC is sure or likely to have (`eth0`, `ens5`, `enp0s1`): from net.ifnames=0 and configuration. */
  readonly nicNames: readonly string[];
}

/** What one layer adds to the story. */
export interface LayerResult {
  readonly state: BootState;
  readonly steps: readonly Step[];
  readonly blindSpots: readonly BlindSpot[];
}

/**
 * One stage of a boot. `wants` is fixed before anything is read, so that the extractor fetches the union in
 * few round trips; `read` parses (pure), `effect` moves the machine one step on (pure).
 */
export interface Layer<Facts> {
  readonly id: string;
  readonly wants: readonly Want[];
  read(observations: Observations, boot: BootFacts): Facts;
  effect(facts: Facts, before: BootState): LayerResult;
}

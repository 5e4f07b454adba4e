import type { BootFacts } from "../model/boot.ts";
import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";
import type { Addressing, BlindSpot, Step } from "../model/prediction.ts";
import type { Want } from "../model/snapshot.ts";
import type { Switch } from "./layer.ts";
import type { Nic } from "./nic.ts";

/** What a program does to one card when the machine comes up. */
export interface NicOutcome {
  /** Its configuration speaks of this card: somebody meant it. */
  readonly claims: boolean;
  /** What it writes to the card's disable_ipv6; undefined: it leaves it alone. */
  readonly writes: Switch | undefined;
  /** Addresses the card gets; `kernel`: as the kernel likes; undefined: not its business. */
  readonly addressing: Addressing | "kernel" | undefined;
  /** One sentence, without the card's name: who does what, and why. Empty when there is nothing to tell. */
  readonly text: string;
  readonly evidence: readonly Evidence[];
  /** The interface that has the addresses instead: a bridge or bond that the card belongs to. */
  readonly via?: string;
  /** Why it may not come to that. */
  readonly doubt?: BlindSpot;
  /** Why it may not run at all, so that the card stays as it is. */
  readonly mayNotRun?: BlindSpot;
}

/** The card is none of its business. */
export const UNTOUCHED: NicOutcome = {
  claims: false,
  writes: undefined,
  addressing: undefined,
  text: "",
  evidence: [],
};

/** A program that configures network cards at boot: systemd-networkd, NetworkManager, ... Pure. */
export interface Manager<Facts> {
  readonly id: string;
  /** The unit that it is, where systemd starts it, and a word of the command that the vendor's runs. */
  readonly service?: { readonly unit: string; readonly program: string };
  readonly wants: readonly Want[];
  follow?(observations: Observations, boot: BootFacts): readonly Want[];
  /** What else it wants to see where IPv6 would otherwise stay off. */
  further?(observations: Observations, boot: BootFacts): readonly Want[];
  /** Undefined when it does not run. */
  read(observations: Observations, boot: BootFacts): Facts | undefined;
  /** Names of cards that its configuration uses. */
  names(facts: Facts): readonly string[];
  /** Every way this can go: more than one where it depends on what is not known. Never empty. */
  configure(facts: Facts, nic: Nic): readonly NicOutcome[];
  /** What it writes to the loopback interface, if anything. */
  loopback?(facts: Facts): Switch | undefined;
  blindSpots(facts: Facts): readonly BlindSpot[];
}

/** A file that a program writes at boot, before those that read it start. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
  /** Where what it says comes from. */
  readonly origin: Evidence;
  readonly mode?: number;
}

export interface Generated {
  readonly files: readonly GeneratedFile[];
  readonly steps: readonly Step[];
  readonly blindSpots: readonly BlindSpot[];
  /** The files depend on what the card is called. */
  readonly perNic?: boolean;
}

export const NOTHING_GENERATED: Generated = { files: [], steps: [], blindSpots: [] };

/** A program that writes configuration for managers at boot: cloud-init, netplan. Pure. */
export interface Generator {
  readonly id: string;
  readonly wants: readonly Want[];
  follow?(observations: Observations, boot: BootFacts): readonly Want[];
  /** `nic`: what the card is called, where that is being tried. */
  generate(observations: Observations, boot: BootFacts, nic: string | undefined): Generated;
}

/** The folder of unit links that generators write; see `unitStart`. */
export const GENERATED_LINKS = "/run/systemd/generator/multi-user.target.wants";

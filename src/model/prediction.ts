import type { Evidence } from "./locator.ts";

/** A value of `disable_ipv6` as the kernel would show it after boot; absent when there is no stack. */
export type DisableValue = 0 | 1 | "unknown" | "absent";

export type Ipv6State = "off" | "on" | "partial" | "unknown";
export type Addressing = "none" | "link-local" | "slaac" | "dhcpv6" | "static" | "unknown";

/** One thing that happens on the way up, told for people, with the lines that make it so. */
export interface Step {
  /** Layer id: `kernel`, `cmdline`, `modprobe`, `sysctl`, `networkd`, ... */
  readonly layer: string;
  /** One sentence: what is done, to what value. */
  readonly text: string;
  readonly evidence: readonly Evidence[];
  /** True when this step decides the NIC's final state. Set by `predict`. */
  readonly decides?: boolean;
}

/** Something that could change the answer and cannot be followed offline. */
export interface BlindSpot {
  readonly layer: string;
  readonly text: string;
  readonly evidence: readonly Evidence[];
  /** True when it can turn the predicted state around: the state is then `unknown`. */
  readonly decisive: boolean;
}

export interface Firewall {
  readonly kind: "none" | "ip6tables" | "nftables" | "firewalld" | "ufw" | "windows-firewall" | "unknown";
  /** True when something enabled at boot filters IPv6 input. */
  readonly filtersIpv6: boolean | "unknown";
}

export interface Prediction {
  readonly state: Ipv6State;
  readonly stack: "absent" | "disabled" | "present" | "unknown";
  readonly disableIpv6: {
    readonly all: DisableValue;
    readonly default: DisableValue;
    readonly lo: DisableValue;
    readonly nic: DisableValue;
    /** Other interfaces that the configuration names. */
    readonly [iface: string]: DisableValue;
  };
  readonly addressing: Addressing;
  readonly firewall: Firewall;
  /** `certain`: everything that decides was read. `likely`: a documented assumption was made. */
  readonly confidence: "certain" | "likely" | "none";
  /** One sentence for the state, above all for `unknown`. */
  readonly reason: string;
  readonly steps: readonly Step[];
  readonly blindSpots: readonly BlindSpot[];
  /** The steps that decide, in order. */
  readonly deciding: readonly Step[];
}

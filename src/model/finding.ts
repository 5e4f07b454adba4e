import type { OsInfo } from "./image.ts";
import type { Evidence } from "./locator.ts";
import type { Observations } from "./observations.ts";
import type { Prediction } from "./prediction.ts";
import type { Asks } from "./snapshot.ts";

export type Severity = "high" | "medium" | "low" | "info";

/** `review`: a person must look. `unknown`: it could not be judged. Neither is ever a pass. */
export type Outcome = "pass" | "fail" | "review" | "unknown" | "not-applicable";

/**
 * One place a rule names, with what stands there.
 * - `compliant`, `violating`: the place says IPv6 off, or on
 * - `absent`: nothing there; `no-effect`: something there, but nothing that boots obeys it
 * - `unreadable`: could not look
 */
export type PlaceOutcome = "compliant" | "violating" | "absent" | "no-effect" | "unreadable";

export interface PlaceCheck {
  readonly place: string;
  readonly outcome: PlaceOutcome;
  readonly message: string;
  readonly evidence: readonly Evidence[];
}

/** Something that only a running instance tells. */
export interface ChecklistItem {
  readonly confirm: string;
  /** What to run there. */
  readonly command: string;
  /** What it should print. */
  readonly expected: string;
}

/** What a catalogue of controls calls the thing a rule asks about. */
export interface Control {
  /** `NIST SP 800-53 Rev. 5`. */
  readonly catalogue: string;
  /** `SC-7`. */
  readonly id: string;
  readonly title: string;
}

/** Somebody's decision to live with a finding, or the one that has run out. */
export interface AppliedWaiver {
  readonly id: string;
  /** An expired one waives nothing any more: the finding is open again. */
  readonly state: "applies" | "expired";
  readonly reason: string;
  readonly approvedBy: string;
  /** The last day it holds, in UTC: `2027-03-31`. */
  readonly expires: string;
}

export interface Finding {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly section: string;
  readonly outcome: Outcome;
  /** One sentence. */
  readonly message: string;
  /** What to change so that it passes; empty when there is nothing to do. */
  readonly remedy: string;
  readonly checks: readonly PlaceCheck[];
  readonly evidence: readonly Evidence[];
  /** For a person who reviews: what to confirm on a running instance. */
  readonly checklist?: readonly ChecklistItem[];
  readonly controls?: readonly Control[];
  readonly waiver?: AppliedWaiver;
}

/** What a policy may set of a rule. */
export interface RuleOption {
  readonly description: string;
  /** Values it takes; the first is the default. */
  readonly values: readonly (string | boolean)[];
}

export interface RuleInput {
  readonly os: OsInfo;
  readonly prediction: Prediction;
  readonly observations: Observations;
  /** As the policy has it; what is not there has its default. */
  readonly options?: Readonly<Record<string, string | boolean>>;
}

/** What a rule says; the policy adds the section it stands in. */
export type RuleFinding = Omit<Finding, "rule" | "title" | "severity" | "section" | "controls" | "waiver">;

/** Pure and synchronous. */
export interface Rule extends Asks {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** What it asks and why, in a paragraph, for `sixray explain RULE`. */
  readonly description: string;
  readonly controls?: readonly Control[];
  readonly options?: Readonly<Record<string, RuleOption>>;
  judge(input: RuleInput): RuleFinding;
}

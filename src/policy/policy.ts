import type { Rule, Severity } from "../model/finding.ts";
import type { OsInfo } from "../model/image.ts";
import type { Condition } from "./condition.ts";
import { type RuleId, rules } from "./rules/index.ts";
import type { Waiver } from "./waivers.ts";

/** One rule of a section. */
export interface RuleUse {
  readonly use: RuleId;
  /** Asked only where this holds, or where it cannot be told. */
  readonly when?: Condition;
  /** Instead of the rule's own. */
  readonly severity?: Severity;
  readonly options?: Readonly<Record<string, string | boolean>>;
}

/** Which rules an image is judged by, in sections that keep their order in every report. */
export interface Policy {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly sections: Readonly<Record<string, readonly RuleUse[]>>;
  readonly waivers?: readonly Waiver[];
}

/** A policy that comes with sixray, as data, and the operating systems it is made for. */
export interface Template extends Policy {
  /** os-release `ID`s, also looked for in `ID_LIKE`. */
  readonly fits: readonly string[];
  readonly type: OsInfo["type"];
}

/** Every rule of a policy once, in order: what a scan has to ask files for. */
export function rulesOf(policy: Policy): readonly Rule[] {
  const ids = new Set(
    Object.values(policy.sections)
      .flat()
      .map(({ use }) => use),
  );
  return [...ids].map((id) => rules[id]);
}

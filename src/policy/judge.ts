import type { Finding, RuleInput } from "../model/finding.ts";
import type { ImageRef, OsInfo } from "../model/image.ts";
import type { Verdict } from "../model/report.ts";
import { holds, tellCondition } from "./condition.ts";
import type { Policy, RuleUse } from "./policy.ts";
import { rules } from "./rules/index.ts";
import { templateFor } from "./templates/index.ts";
import { applyWaivers, isOpen, type Waiver } from "./waivers.ts";

export interface JudgeInput extends RuleInput {
  /** Needed for waivers, and for conditions on the provider or the family. */
  readonly image?: ImageRef;
  /** The day in UTC, `2026-11-24`, from whoever has a clock. Without it no waiver holds. */
  readonly today?: string | undefined;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  /** Never `unreadable`: that is for a disk that gave no prediction. */
  readonly verdict: Exclude<Verdict, "unreadable">;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Judges one image. Pass needs a known operating system, at least one rule that passes and none that fails,
 * wants a review or could not be judged. Waived is what would not have passed, but for waivers alone.
 */
export function judge(policy: Policy, input: JudgeInput): Judgement {
  const { image, os, today } = input;
  const waivers = policy.waivers ?? [];
  const findings = Object.entries(policy.sections)
    .flatMap(([section, uses]) => uses.map((use) => ask(use, section, input)))
    .map((one) => (image ? applyWaivers(one, waivers, { image, os, today }) : one));
  return { findings, ...conclude(findings, os) };
}

/** The same findings under other waivers, or on another day. */
export function rejudge(
  findings: readonly Finding[],
  subject: { readonly image: ImageRef; readonly os: OsInfo; readonly today: string | undefined },
  waivers: readonly Waiver[],
): Judgement {
  const again = findings.map((one) => applyWaivers(one, waivers, subject));
  return { findings: again, ...conclude(again, subject.os) };
}

function ask(use: RuleUse, section: string, input: JudgeInput): Finding {
  const rule = rules[use.use];
  const { id, title, controls } = rule;
  const head = { rule: id, title, severity: use.severity ?? rule.severity, section };
  const tail = controls === undefined ? {} : { controls };
  if (use.when && !holds(use.when, input)) {
    const message = `Not asked: the policy asks it when ${tellCondition(use.when)}.`;
    return { ...head, outcome: "not-applicable", message, remedy: "", checks: [], evidence: [], ...tail };
  }
  return { ...head, ...rule.judge(use.options ? { ...input, options: use.options } : input), ...tail };
}

function conclude(findings: readonly Finding[], os: OsInfo): Omit<Judgement, "findings"> {
  const open = findings.filter((one) => isOpen(one) && one.waiver?.state !== "applies");
  const waived = findings.filter((one) => isOpen(one) && one.waiver?.state === "applies");
  if (waived.length === 0 || open.length > 0) {
    const stranger = strangeness(os, findings);
    if (stranger !== undefined) return { verdict: "review", reason: stranger };
  }
  const failed = open.filter(({ outcome }) => outcome === "fail");
  if (failed.length > 0) return { verdict: "flagged", reason: tell(failed) };
  if (open.length > 0) return { verdict: "review", reason: tell(open) };
  const [first] = waived;
  if (first?.waiver) {
    const { id, reason, expires } = first.waiver;
    // A waiver is for what rules find; that nobody knows the system stays for a person.
    if (os.type !== "windows" && templateFor(os) === undefined)
      return { verdict: "review", reason: unknownSystem(os) };
    return { verdict: "waived", reason: `Waived by ${id} until ${expires}: ${reason}` };
  }
  const passed = findings.filter(({ outcome }) => outcome === "pass");
  if (passed.length > 0) return { verdict: "pass", reason: tell(passed) };
  return { verdict: "review", reason: "No rule of the policy applies to this image." };
}

/** Why a system is for a person to judge whatever the rules say. */
function strangeness(os: OsInfo, findings: readonly Finding[]): string | undefined {
  if (os.type === "windows") {
    const asked = findings.find(({ outcome }) => outcome !== "not-applicable");
    return asked?.message ?? "Windows is always for a person to judge (Microsoft KB 929852).";
  }
  return templateFor(os) === undefined ? unknownSystem(os) : undefined;
}

function unknownSystem(os: OsInfo): string {
  return `sixray does not know this operating system (${os.name || os.id}), so a person must judge it.`;
}

function tell(findings: readonly Finding[]): string {
  const [first, ...more] = findings;
  return `${first?.message ?? ""}${more.length > 0 ? ` (and ${more.length} more)` : ""}`;
}

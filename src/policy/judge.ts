import type { Finding, RuleInput } from "../model/finding.ts";
import type { OsInfo } from "../model/image.ts";
import type { Verdict } from "../model/report.ts";
import type { Policy } from "./policy.ts";
import { rules } from "./rules/index.ts";
import { templateFor } from "./templates/index.ts";

export interface Judgement {
  readonly findings: readonly Finding[];
  /** Never `unreadable` or `waived`: the first is for a disk that gave no prediction, the second for waivers. */
  readonly verdict: Extract<Verdict, "pass" | "flagged" | "review">;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Judges one image. Pass needs a known operating system, at least one rule that passes and none that fails,
 * wants a review or could not be judged.
 */
export function judge(policy: Policy, input: RuleInput): Judgement {
  const findings = Object.entries(policy.sections).flatMap(([section, uses]) =>
    uses.map(({ use }): Finding => {
      const rule = rules[use];
      return { rule: rule.id, title: rule.title, severity: rule.severity, section, ...rule.judge(input) };
    }),
  );
  return { findings, ...conclude(findings, input.os) };
}

function conclude(findings: readonly Finding[], os: OsInfo): Omit<Judgement, "findings"> {
  const stranger = strangeness(os, findings);
  if (stranger !== undefined) return { verdict: "review", reason: stranger };
  const failed = findings.filter(({ outcome }) => outcome === "fail");
  if (failed.length > 0) return { verdict: "flagged", reason: tell(failed) };
  const open = findings.filter(({ outcome }) => outcome === "review" || outcome === "unknown");
  if (open.length > 0) return { verdict: "review", reason: tell(open) };
  const passed = findings.filter(({ outcome }) => outcome === "pass");
  if (passed.length > 0) return { verdict: "pass", reason: tell(passed) };
  return { verdict: "review", reason: "No rule of the policy applies to this image." };
}

/** Why a system is for a person to judge whatever the rules say. */
function strangeness(os: OsInfo, findings: readonly Finding[]): string | undefined {
  if (os.type === "windows") {
    return findings[0]?.message ?? "Windows is always for a person to judge (Microsoft KB 929852).";
  }
  if (templateFor(os) === undefined) {
    return `sixray does not know this operating system (${os.name || os.id}), so a person must judge it.`;
  }
  return undefined;
}

function tell(findings: readonly Finding[]): string {
  const [first, ...more] = findings;
  return `${first?.message ?? ""}${more.length > 0 ? ` (and ${more.length} more)` : ""}`;
}

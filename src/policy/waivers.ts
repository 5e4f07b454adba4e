import type { AppliedWaiver, Finding } from "../model/finding.ts";
import type { ImageRef, OsInfo } from "../model/image.ts";
import { matchesGlob } from "./glob.ts";
import type { RuleId } from "./rules/index.ts";

/** Somebody's decision to live with what rules find in some images, for a time. */
export interface Waiver {
  readonly id: string;
  /** All that are given must fit; `family`, `id` and `os` are globs (`*`, `?`). */
  readonly match: {
    readonly provider?: string;
    readonly family?: string;
    readonly id?: string;
    readonly os?: string;
  };
  readonly rules: readonly RuleId[];
  readonly reason: string;
  readonly approvedBy: string;
  /** The last day it holds, in UTC: `2027-03-31`. */
  readonly expires: string;
}

/** Whether a waiver is for this image. */
export function fits({ match }: Waiver, image: ImageRef, os: OsInfo): boolean {
  return (
    (match.provider === undefined || match.provider === image.provider) &&
    (match.family === undefined || matchesGlob(match.family, image.family)) &&
    (match.id === undefined || matchesGlob(match.id, image.id)) &&
    (match.os === undefined || matchesGlob(match.os, os.id))
  );
}

/** Outcomes that a waiver is about: what passed, or was not asked, needs none. */
export function isOpen({ outcome }: Pick<Finding, "outcome">): boolean {
  return outcome === "fail" || outcome === "review" || outcome === "unknown";
}

/**
 * The finding with the waiver that is for it. One that holds comes before one that has run out; of several the
 * first counts. Without a date (`today`, `2026-11-24`) none holds.
 */
export function applyWaivers(
  finding: Finding,
  waivers: readonly Waiver[],
  subject: { readonly image: ImageRef; readonly os: OsInfo; readonly today: string | undefined },
): Finding {
  if (!isOpen(finding)) return finding;
  const mine = waivers.filter(
    (one) => one.rules.some((rule) => rule === finding.rule) && fits(one, subject.image, subject.os),
  );
  const { today } = subject;
  const applying = mine.find(({ expires }) => today !== undefined && today <= expires);
  if (applying) return { ...finding, waiver: applied(applying, "applies") };
  const [expired] = mine;
  if (!expired) return finding;
  const why = today === undefined ? "cannot be applied without a date" : `expired on ${expired.expires}`;
  return {
    ...finding,
    message: `${finding.message} (the waiver ${expired.id} ${why})`,
    waiver: applied(expired, "expired"),
  };
}

function applied({ id, reason, approvedBy, expires }: Waiver, state: AppliedWaiver["state"]): AppliedWaiver {
  return { id, state, reason, approvedBy, expires };
}

/** Waivers that no finding of the run was for: leftovers, or a typing error in `match`. */
export function unusedWaivers(
  waivers: readonly Waiver[],
  findings: readonly Pick<Finding, "waiver">[],
): readonly Waiver[] {
  const used = new Set(findings.map(({ waiver }) => waiver?.id));
  return waivers.filter(({ id }) => !used.has(id));
}

import type { ScanResult } from "../model/report.ts";
import { isOpen } from "./open.ts";

/** What an image is judged by beside the policy's rules, as formats that list findings name it. */
export type VerdictRule = "image-unreadable" | "image-for-review" | "image-rejected";

export interface VerdictFinding {
  readonly rule: VerdictRule;
  readonly outcome: "fail" | "review" | "unknown";
  readonly title: string;
}

const UNREADABLE: VerdictFinding = {
  rule: "image-unreadable",
  outcome: "unknown",
  title: "The image could not be read",
};
const FOR_REVIEW: VerdictFinding = {
  rule: "image-for-review",
  outcome: "review",
  title: "A person must judge the image",
};
const REJECTED: VerdictFinding = {
  rule: "image-rejected",
  outcome: "fail",
  title: "A reviewer rejected the image",
};

/**
 * What the findings of rules leave out: read alone, they would make the image look better than its verdict (a disk
 * that could not be read has none; those of a system that nobody knows may all be passes). Undefined where they tell.
 */
export function verdictFinding({ verdict, findings }: ScanResult): VerdictFinding | undefined {
  const open = findings.filter(isOpen);
  switch (verdict) {
    case "unreadable":
      return UNREADABLE;
    case "review":
      return open.length > 0 ? undefined : FOR_REVIEW;
    case "flagged":
      return open.some(({ outcome }) => outcome === "fail") ? undefined : REJECTED;
    case "pass":
    case "waived":
      return undefined;
  }
}

/** Waived as a whole by a person, not by waivers of its findings: these are answered, though none says so. */
export function acceptedInReview({ verdict, findings }: ScanResult): boolean {
  return verdict === "waived" && findings.every(({ waiver }) => waiver?.state !== "applies");
}

import type { Judging } from "../attest/reproduce.ts";
import { choosePolicy } from "./policy-file.ts";

/** How evidence is judged again, as options say it. */
export interface EvidenceOptions {
  readonly policy?: string | undefined;
  readonly review?: readonly string[] | undefined;
}

/** Reads what the options name. Rejects with `usage`. */
export async function evidenceJudging({ policy, review }: EvidenceOptions): Promise<Judging> {
  return {
    policies: policy === undefined ? [] : [await choosePolicy(policy)],
    reviews: review && (await (await import("./review-file.ts")).readReviews(review)),
  };
}

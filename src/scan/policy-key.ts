import { createHash } from "node:crypto";
import type { Policy } from "../policy/policy.ts";
import { builtIn } from "../policy/templates/index.ts";

export interface PolicyKey {
  /** `automatic` when the policy is the one that fits each operating system. */
  readonly id: string;
  /** `sha256:…` over what an image is judged by. */
  readonly digest: string;
  /** JSON of what the digest is over. */
  readonly document: string;
}

/**
 * What a stored scan was judged by: sections, rules, conditions and options. Waivers are left out: they are put on
 * when an answer is used, so that a new one costs no scan.
 */
export function policyKey(policy: Policy | undefined): PolicyKey {
  const judged = (policy ? [policy] : builtIn).map(({ id, sections }) => ({ id, sections }));
  const document = JSON.stringify(judged);
  const digest = `sha256:${createHash("sha256").update(document).digest("hex")}`;
  return { id: policy?.id ?? "automatic", digest, document };
}

import { readBundle } from "../bundle/read.ts";
import { corrupt, ScanError } from "../errors.ts";
import type { ImageRef } from "../model/image.ts";
import type { Report, ScanResult } from "../model/report.ts";
import { policyReference } from "../policy/digest.ts";
import type { Policy } from "../policy/policy.ts";
import type { Review } from "../policy/review.ts";
import { builtIn } from "../policy/templates/index.ts";
import { evaluate } from "../scan/evaluate.ts";
import { type Difference, differences } from "./compare.ts";

/** How the images of a report were judged, besides its day. */
export interface Judging {
  /** Policies that do not come with sixray. */
  readonly policies: readonly Policy[];
  readonly reviews: readonly Review[] | undefined;
}

/** Why one image's result does not stand, or that nothing speaks against it. */
export type Reproduced =
  | { readonly state: "same" }
  | { readonly state: "different"; readonly image: string; readonly differences: readonly Difference[] }
  | { readonly state: "refused"; readonly image: string; readonly why: string };

/** Judges evidence as a report says it was judged, and compares. */
export interface Reproducer {
  /** Rejects with `corrupt` or `limit` when the bundle cannot be read or is of no image of the report. */
  reproduce(bundle: Uint8Array, label: string): Promise<Reproduced>;
  /** The images that no bundle was for yet. */
  missing(): readonly ScanResult[];
  /** How many results were given again, by evidence. */
  same(): number;
}

/** Throws `usage` for a policy that the report does not name, or that is needed and not there. */
export function reproducerOf(report: Report, { policies, reviews }: Judging): Reproducer {
  const byId = policiesOf(report, policies);
  const said = new Map((report.policies ?? []).map(({ id, digest }) => [id, digest]));
  const results = new Map<string, ScanResult[]>();
  for (const result of report.results) {
    const mine = results.get(keyOf(result));
    if (mine) mine.push(result);
    else results.set(keyOf(result), [result]);
  }
  const covered = new Set<string>();
  const same = new Set<string>();

  return {
    async reproduce(bytes, label) {
      const { day, extract } = await readBundle(bytes, label);
      const key = keyOf(extract);
      const mine = results.get(key);
      if (!mine) throw corrupt(label, `it is of ${key}, which the report does not have`);
      covered.add(key);
      for (const reported of mine) {
        const policy = byId.get(reported.policy);
        if (!policy && reported.policy !== "") throw unknownPolicy(reported.policy);
        const wrong = policy && otherPolicy(policy, said.get(policy.id), report.engine);
        if (wrong !== undefined) return { state: "refused", image: key, why: wrong };
        const again = await evaluate(extract, { policy, reviews, today: report.day ?? day });
        const found = differences(reported, again);
        if (found.length > 0) return { state: "different", image: key, differences: found };
      }
      same.add(key);
      return { state: "same" };
    },
    missing: () => report.results.filter((result) => !covered.has(keyOf(result))),
    same: () => report.results.filter((result) => same.has(keyOf(result))).length,
  };
}

function keyOf({ image: { provider, id } }: { readonly image: ImageRef }): string {
  return `${provider}:${id}`;
}

function policiesOf(report: Report, given: readonly Policy[]): ReadonlyMap<string, Policy> {
  const used = new Set(report.results.map(({ policy }) => policy));
  const idle = given.find(({ id }) => !used.has(id));
  if (idle)
    throw new ScanError(
      "usage",
      `the report was judged by ${[...used].filter((id) => id !== "").join(", ") || "no policy"}, not by ${idle.id}`,
    );
  const all = new Map([...builtIn, ...given].map((policy) => [policy.id, policy]));
  for (const id of used) if (id !== "" && !all.has(id)) throw unknownPolicy(id);
  return all;
}

function unknownPolicy(id: string): ScanError {
  return new ScanError(
    "usage",
    `the report was judged by the policy ${id}, which is not built in: give it with --policy`,
  );
}

function otherPolicy(policy: Policy, said: string | undefined, engine: string): string | undefined {
  const { digest } = policyReference(policy);
  if (said === undefined || said === digest) return undefined;
  return `the report (by ${engine}) was judged by another policy ${policy.id}: ${said}, the one here is ${digest}`;
}

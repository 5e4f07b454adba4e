import { createHash } from "node:crypto";
import type { PolicyReference } from "../model/report.ts";
import type { Policy } from "./policy.ts";
import { DIGESTS } from "./templates/digests.ts";
import { builtIn } from "./templates/index.ts";

/** A policy as reports name it. Two with the same sections and waivers have the same digest, whatever they are called. */
export function policyReference(policy: Policy): PolicyReference {
  const { id, title } = policy;
  return { id, title, digest: (builtIn.includes(policy) ? DIGESTS[id] : undefined) ?? policyDigest(policy) };
}

/** Over its sections and waivers. */
export function policyDigest({ sections, waivers = [] }: Policy): string {
  const text = JSON.stringify(sorted([Object.entries(sections), waivers]));
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** The same value with the keys of every object in order; sections and rules keep theirs, it shows in reports. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]): [string, unknown] => [key, sorted(one)]),
  );
}

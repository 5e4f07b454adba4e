import type { Report, ScanResult } from "../model/report.ts";
import { policyReference } from "../policy/digest.ts";
import type { Policy } from "../policy/policy.ts";
import { builtIn } from "../policy/templates/index.ts";
import { sourceDate } from "./clock.ts";
import { ENGINE } from "./version.ts";

/**
 * The report of a run. A time stands in it only where SOURCE_DATE_EPOCH gives one (reproducible-builds.org): so the
 * same images give the same bytes.
 */
export function runOf(day: string, results: readonly ScanResult[], policy?: Policy): Report {
  const used = new Set(results.map((result) => result.policy));
  const known = policy ? [policy, ...builtIn.filter(({ id }) => id !== policy.id)] : builtIn;
  const policies = known.filter(({ id }) => used.has(id)).map(policyReference);
  const generatedAt = sourceDate()?.toISOString().replace(".000Z", "Z");
  return {
    schemaVersion: 1,
    engine: ENGINE,
    day,
    ...(generatedAt === undefined ? {} : { generatedAt }),
    ...(policies.length > 0 ? { policies } : {}),
    results,
  };
}

import type { LeaseRecord } from "../lease/record.ts";
import { TAG } from "../lease/record.ts";

/*
 * Labels allow lower-case letters, digits, `-` and `_` only: `sixray:run` is `sixray-run` here, and a time is written
 * without `:` and `.`. Source: Compute Engine, "Labels requirements".
 */

export const RUN_LABEL = "sixray-run";

/** Our tags, as labels. */
export function labelsOf(tags: Readonly<Record<string, string>>): Record<string, string> {
  return {
    [RUN_LABEL]: tags[TAG.run] ?? "",
    "sixray-lease": tags[TAG.lease] ?? "",
    "sixray-at": (tags[TAG.at] ?? "").toLowerCase().replaceAll(":", "_").replaceAll(".", "-"),
  };
}

/** What was found by its labels; `at` is empty when the label is none of ours. */
export function recordOf(
  found: { readonly kind: string; readonly name: string; readonly labels: Readonly<Record<string, string>> },
  scope: Readonly<Record<string, string>>,
): LeaseRecord {
  const { kind, name, labels } = found;
  const [, day, hour, minute, second, ms] =
    /^(\d{4}-\d\d-\d\d)t(\d\d)_(\d\d)_(\d\d)-(\d{3})z$/.exec(labels["sixray-at"] ?? "") ?? [];
  return {
    lease: labels["sixray-lease"] ?? name,
    run: labels[RUN_LABEL] ?? "",
    provider: "gcp",
    kind,
    scope,
    name,
    at: day === undefined ? "" : `${day}T${hour}:${minute}:${second}.${ms}Z`,
    resource: name,
  };
}

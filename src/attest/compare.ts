import type { ScanResult } from "../model/report.ts";
import { canonicalResult } from "../report/canonical.ts";

/** A place where two results of one image do not say the same. */
export interface Difference {
  /** `verdict`, `prediction.disableIpv6.nic`, `findings.0.checks.2.outcome`. */
  readonly field: string;
  /** As JSON, cut where it is long; undefined where there is nothing. */
  readonly reported: string | undefined;
  readonly again: string | undefined;
}

/** How an image was reached is a fact of the run, not of the image: it may differ. */
const OF_THE_RUN: ReadonlySet<string> = new Set(["cost", "access"]);
const DIFFERENCES_MAX = 20;
const TEXT_MAX = 120;

/** What differs between the result a report gives and the one its evidence gives; at most 20 places. */
export function differences(reported: ScanResult, again: ScanResult): readonly Difference[] {
  const found: Difference[] = [];
  // Through JSON: what is undefined is left out, as in the report.
  compare(plainJson(canonicalResult(reported)), plainJson(canonicalResult(again)), [], found);
  return found;
}

function plainJson(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function compare(a: unknown, b: unknown, path: readonly string[], found: Difference[]): void {
  if (found.length >= DIFFERENCES_MAX || Object.is(a, b)) return;
  const [left, right] = [entriesOf(a), entriesOf(b)];
  if (!left || !right || Array.isArray(a) !== Array.isArray(b)) {
    found.push({ field: path.join("."), reported: shown(a), again: shown(b) });
    return;
  }
  for (const key of new Set([...left.keys(), ...right.keys()]))
    if (path.length > 0 || !OF_THE_RUN.has(key))
      compare(left.get(key), right.get(key), [...path, key], found);
}

/** A map, as an interface may be called `__proto__`. */
function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(value);
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX).toWellFormed()}…` : text;
}

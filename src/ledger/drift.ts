import type { Evidence } from "../model/locator.ts";
import type { Prediction, Step } from "../model/prediction.ts";
import type { ScanResult } from "../model/report.ts";

/** What changed from one version of a family to the next. */
export interface Change {
  readonly what: "IPv6" | "verdict" | "firewall" | "addressing" | "readable";
  readonly from: string;
  readonly to: string;
}

/** Pure. Empty when a user of the image would see no difference. */
export function changesBetween(before: ScanResult, after: ScanResult): readonly Change[] {
  const [old, now] = [before.prediction, after.prediction];
  if (!old || !now) {
    if (!old && !now) return [];
    return [
      { what: "readable", from: old ? "yes" : "no", to: now ? "yes" : "no" },
      ...verdict(before, after),
    ];
  }
  return [
    ...change("IPv6", old.state, now.state),
    ...verdict(before, after),
    ...change("firewall", firewallOf(old), firewallOf(now)),
    ...(old.state === now.state ? change("addressing", old.addressing, now.addressing) : []),
  ];
}

/**
 * Why, in a phrase: the lines that decided before and are gone, and what decides now. Empty when neither can be named.
 */
export function because(before: ScanResult, after: ScanResult): string {
  const [old, now] = [before.prediction, after.prediction];
  if (!now) return after.reason;
  if (!old) return "";
  const there = new Set(now.steps.flatMap(({ evidence }) => evidence.map(lineOf)));
  const gone = decidingLines(old).filter((line) => !there.has(lineOf(line)));
  const before_ = new Set(old.deciding.map(({ layer, text }) => `${layer} ${text}`));
  const fresh = now.deciding.filter(({ layer, text }) => !before_.has(`${layer} ${text}`));
  const lost =
    gone.length > 0
      ? `${gone.slice(0, 2).map(told).join(" and ")} ${gone.length > 1 ? "are" : "is"} gone`
      : "";
  const came = fresh.length > 0 ? fresh.slice(0, 2).map(tellStep).join(", ") : "";
  return [lost, came].filter((part) => part !== "").join("; now ");
}

function change(what: Change["what"], from: string, to: string): readonly Change[] {
  return from === to ? [] : [{ what, from, to }];
}

function verdict(before: ScanResult, after: ScanResult): readonly Change[] {
  return change("verdict", before.verdict, after.verdict);
}

function firewallOf({ firewall: { kind, filtersIpv6 } }: Prediction): string {
  return `${kind}${filtersIpv6 === true ? " (filters IPv6)" : filtersIpv6 === "unknown" ? " (unknown)" : ""}`;
}

function decidingLines(prediction: Prediction): readonly Evidence[] {
  return prediction.deciding
    .flatMap(({ evidence }) => evidence)
    .filter(({ locator }) => pathOf(locator) !== "");
}

/** The path in the image, whatever disk it lies on: that differs from version to version. */
function pathOf(locator: string): string {
  return locator.split(" > ").findLast((step) => step.startsWith("/")) ?? "";
}

function lineOf({ locator, text = "" }: Evidence): string {
  return `${pathOf(locator)}\n${text.trim()}`;
}

function told({ locator, line, text }: Evidence): string {
  const place = `${pathOf(locator)}${line === undefined ? "" : ` line ${line}`}`;
  return text === undefined ? place : `"${text.trim()}" (${place})`;
}

function tellStep({ text, evidence }: Step): string {
  const [first] = evidence;
  return first && pathOf(first.locator) !== "" ? `${text} (${pathOf(first.locator)})` : text;
}

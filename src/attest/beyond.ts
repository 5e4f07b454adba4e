import type { Report } from "../model/report.ts";
import { canonicalReport, canonicalResult } from "../report/canonical.ts";

const TOLD_MAX = 20;

/**
 * What a report holds that no evidence is compared with, at most 20 of it: keys that this sixray does not know, which reading
 * drops, and results that stand there twice.
 */
export function beyondEvidence(bytes: Uint8Array, report: Report): readonly string[] {
  const keys: string[] = [];
  const [raw, read] = documents(new TextDecoder().decode(bytes), report);
  strangers(raw, read, [], keys);
  const told = keys.map((key) => `${key}: no field that this sixray knows`);
  return [...told, ...twice(report)].slice(0, TOLD_MAX);
}

/** The text as JSON, and what was read of it: a report, or a result a line. */
function documents(text: string, report: Report): readonly [unknown, unknown] {
  const whole = parsed(text);
  if (typeof whole === "object" && whole !== null && "results" in whole)
    return [whole, plainJson(canonicalReport(report))];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return [{ results: lines.map(parsed) }, { results: plainJson(report.results.map(canonicalResult)) }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function plainJson(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function strangers(raw: unknown, read: unknown, path: readonly string[], found: string[]): void {
  if (typeof raw !== "object" || raw === null || typeof read !== "object" || read === null) return;
  const known = new Map(Object.entries(read));
  for (const [key, value] of Object.entries(raw)) {
    if (found.length >= TOLD_MAX) return;
    if (known.has(key)) strangers(value, known.get(key), [...path, key], found);
    else found.push([...path, key].join("."));
  }
}

/** An image may be judged by several policies, by each of them once. */
function twice({ results }: Report): readonly string[] {
  const seen = new Set<string>();
  return results.flatMap(({ image: { provider, id }, policy }, at) => {
    const key = JSON.stringify([provider, id, policy]);
    if (seen.has(key)) return [`results.${at}: ${provider}:${id} stands there twice`];
    seen.add(key);
    return [];
  });
}

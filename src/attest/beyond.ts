import { repeatedKey } from "../model/json-text.ts";
import type { Report } from "../model/report.ts";
import { canonicalReport, canonicalResult } from "../report/canonical.ts";

const TOLD_MAX = 20;

/**
 * What a report holds that no evidence is compared with, at most 20 of it: keys that this sixray does not know, which reading
 * drops, keys that stand twice in one object, of which it drops one, and results and policies that stand there twice.
 */
export function beyondEvidence(bytes: Uint8Array, report: Report): readonly string[] {
  const keys: string[] = [];
  const text = new TextDecoder().decode(bytes);
  const repeated = repeatedKey(text);
  const [raw, read] = documents(text, report);
  strangers(raw, read, [], keys);
  return [
    ...(repeated === undefined ? [] : [`${repeated}: the key stands there twice`]),
    ...keys.map((key) => `${key}: no field that this sixray knows`),
    ...twice(report),
    ...policiesBeyond(report),
  ].slice(0, TOLD_MAX);
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

/** Only the digest of a policy that judged something is held against one: any other could be made up. */
function policiesBeyond({ policies = [], results }: Report): readonly string[] {
  const used = new Set(results.map(({ policy }) => policy));
  const seen = new Set<string>();
  return policies.flatMap(({ id }, at) => {
    const isTwice = seen.has(id);
    seen.add(id);
    if (isTwice) return [`policies.${at}: the policy ${id} stands there twice`];
    return used.has(id) ? [] : [`policies.${at}: no result was judged by the policy ${id}`];
  });
}

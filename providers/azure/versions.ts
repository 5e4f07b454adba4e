import { ScanError } from "../../src/errors.ts";

/** Newest first: the numbers between the dots compared as numbers, `24.04.202511100` after `24.04.202509090`. */
export function newestVersionFirst(a: string, b: string): number {
  const [one, other] = [a.split("."), b.split(".")];
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [x, y] = [part(one[at]), part(other[at])];
    if (x !== y) return x > y ? -1 : 1;
  }
  return 0;
}

function part(text: string | undefined): bigint {
  return text !== undefined && /^\d{1,40}$/.test(text) ? BigInt(text) : -1n;
}

/** The day a publisher put into a version: `24.04.202511100` and `2025.11.10` are `2025-11-10`. */
export function dayOfVersion(version: string): string | undefined {
  const [, year, month, day] = /(20\d{2})\.?(\d{2})\.?(\d{2})(?:\d{0,2})(?!\d)/.exec(version) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const text = `${year}-${month}-${day}`;
  const made = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(made.getTime()) || made.toISOString().slice(0, 10) !== text ? undefined : text;
}

/** A target that names one image by `latest`, of which none is to be had, is no empty list. */
export function noLatest(label: string, versions: number): ScanError {
  const why = versions === 0 ? "there is no version" : "all versions are deprecated: --deprecated takes them";
  return new ScanError("access", `no latest: ${why}`, { at: [label] });
}

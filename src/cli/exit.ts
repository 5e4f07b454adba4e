import type { Verdict } from "../model/report.ts";

/** The last two as a shell tells of a program that SIGINT or SIGPIPE ended. */
export const EXIT = {
  pass: 0,
  flagged: 1,
  usage: 2,
  incomplete: 3,
  bug: 70,
  interrupted: 130,
  brokenPipe: 141,
} as const;

/** Verdicts that a run can be told to fail on. */
export const FAILABLE = ["flagged", "review", "unreadable"] as const;
export type Failable = (typeof FAILABLE)[number];

/**
 * 0 all pass; 1 something is flagged; 3 something could not be read or judged, which outranks 1 only when
 * `strict`. Verdicts that are not in `failOn` count as passed.
 */
export function exitCodeOf(
  verdicts: readonly Verdict[],
  options: { readonly failOn: ReadonlySet<Failable>; readonly strict: boolean },
): number {
  const { failOn, strict } = options;
  const has = (verdict: Failable): boolean => failOn.has(verdict) && verdicts.includes(verdict);
  const incomplete = has("unreadable") || has("review");
  if (incomplete && (strict || !has("flagged"))) return EXIT.incomplete;
  return has("flagged") ? EXIT.flagged : EXIT.pass;
}

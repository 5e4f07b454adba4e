import { ScanError } from "../errors.ts";
import type { ScanResult } from "../model/report.ts";
import type { Policy } from "../policy/policy.ts";
import type { Review } from "../policy/review.ts";
import { unusedWaivers } from "../policy/waivers.ts";
import { escapeText } from "../report/escape.ts";
import { exitCodeOf, FAILABLE, type Failable } from "./exit.ts";
import { choosePolicy } from "./policy-file.ts";
import type { Terminal } from "./terminal.ts";

/** How images are judged and which verdicts fail the run; the same for every command that judges. */
export interface JudgingOptions {
  readonly policy?: string | undefined;
  readonly review?: readonly string[] | undefined;
  readonly failOn: string;
  readonly strict: boolean;
}

export interface Judging {
  readonly policy: Policy | undefined;
  readonly reviews: readonly Review[] | undefined;
  /** The exit code of a run with these results; warns of waivers that were for none of them. */
  finish(results: readonly ScanResult[]): number;
}

/** Reads what the options name. Rejects with `usage`. */
export async function judgingOf(options: JudgingOptions, terminal: Terminal): Promise<Judging> {
  const failOn = parseFailOn(options.failOn);
  const policy = options.policy === undefined ? undefined : await choosePolicy(options.policy);
  const reviews = options.review && (await (await import("./review-file.ts")).readReviews(options.review));
  return {
    policy,
    reviews,
    finish(results) {
      warnOfWaivers(policy, results, terminal);
      return exitCodeOf(
        results.map((result) => result.verdict),
        { failOn, strict: options.strict },
      );
    },
  };
}

/** What `--fail-on` says, or whatever the caller calls it; `also` are words that the caller took out. Throws `usage`. */
export function parseFailOn(
  text: string,
  { name = "--fail-on", also = [] }: { readonly name?: string; readonly also?: readonly string[] } = {},
): ReadonlySet<Failable> {
  if (text === "never") return new Set();
  const words = text.split(",").map((word) => word.trim());
  const known = FAILABLE.filter((verdict) => words.includes(verdict));
  if (known.length !== words.length)
    throw new ScanError(
      "usage",
      `${name} takes ${[...FAILABLE, ...also].join(", ")} separated by commas, or never`,
    );
  return new Set(known);
}

/** A waiver that nothing in the run was for is a leftover, or does not match what it was meant to. */
function warnOfWaivers(policy: Policy | undefined, results: readonly ScanResult[], terminal: Terminal): void {
  const findings = results.flatMap((result) => result.findings);
  for (const { id } of unusedWaivers(policy?.waivers ?? [], findings))
    terminal.err(`sixray: warning: the waiver ${escapeText(id)} is unused: no finding of this run is its\n`);
}

import { ScanError } from "../errors.ts";

/**
 * The moment that SOURCE_DATE_EPOCH puts in the place of the clock, for runs that are to be repeated to the byte
 * (https://reproducible-builds.org/specs/source-date-epoch/). Undefined when it is not set, or empty. Anything but a whole
 * number of seconds up to the year 5138 throws `usage`: by a wrong day waivers would hold that have run out.
 */
export function sourceDate(): Date | undefined {
  const seconds = process.env.SOURCE_DATE_EPOCH ?? "";
  if (seconds === "") return undefined;
  if (!/^\d{1,11}$/.test(seconds))
    throw new ScanError(
      "usage",
      "SOURCE_DATE_EPOCH is to be a whole number of seconds since 1970, such as 1767225600",
    );
  return new Date(Number(seconds) * 1000);
}

/** Today in UTC, `2026-11-24`. */
export function today(): string {
  return (sourceDate() ?? new Date()).toISOString().slice(0, 10);
}

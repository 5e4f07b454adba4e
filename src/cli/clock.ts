import { ScanError } from "../errors.ts";

/**
 * Today in UTC, `2026-11-24`. SOURCE_DATE_EPOCH stands in for the clock, for runs that are to be repeated to the byte
 * (https://reproducible-builds.org/specs/source-date-epoch/).
 */
export function today(): string {
  const { SOURCE_DATE_EPOCH } = process.env;
  const date = SOURCE_DATE_EPOCH === undefined ? new Date() : new Date(Number(SOURCE_DATE_EPOCH) * 1000);
  if (Number.isNaN(date.getTime()))
    throw new ScanError("usage", "SOURCE_DATE_EPOCH is to be a number of seconds");
  return date.toISOString().slice(0, 10);
}

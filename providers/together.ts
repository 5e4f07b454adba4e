import { ScanError } from "../src/errors.ts";

/** Throws what kept parts of a listing from being listed, as one error that names them all; returns when nothing did. */
export function throwTogether(errors: readonly ScanError[]): void {
  const [first] = errors;
  if (!first) return;
  if (errors.length === 1) throw first;
  const lines = errors.map(({ message, at }) =>
    at.length === 0 ? message : `${at.join(" > ")}: ${message}`,
  );
  throw new ScanError(first.code, [...new Set(lines)].join("; "), { cause: first });
}

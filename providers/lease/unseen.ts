import { ScanError } from "../../src/errors.ts";

/** The end of a look by tag: `reasons` are of places, or kinds of things, that could not be seen. @throws `access` */
export function throwUnseen(reasons: readonly string[]): void {
  if (reasons.length > 0)
    throw new ScanError("access", `what is left there cannot be seen in full: ${reasons.join("; ")}`);
}

import { fileURLToPath } from "node:url";
import { sourceDigest } from "./source-digest.ts";
import { ENGINE } from "./version.ts";

/** `sourceDigest` of what was built: scripts/build.ts and scripts/action.ts put it here. */
declare const SIXRAY_SOURCES: string | undefined;

let known: string | undefined;

/**
 * What results are kept and reused under, `sixray 0.1.0+4f2a9c31`: a version alone is that of every commit up to the
 * next release, and what an older boot model said is no answer of this one. Nothing is computed in a build.
 */
export function engineKey(): string {
  known ??= `${ENGINE}+${typeof SIXRAY_SOURCES === "string" ? SIXRAY_SOURCES : sourceDigest(fileURLToPath(new URL("../..", import.meta.url)))}`;
  return known;
}

/** The engine as documents name it: `sixray 0.1.0`. */
export function engineOfKey(key: string): string {
  return key.replace(/\+[0-9a-f]+$/, "");
}

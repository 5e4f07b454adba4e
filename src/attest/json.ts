import type { z } from "zod";
import { corrupt, errorLine } from "../errors.ts";
import { isDeeper, repeatedKey } from "../model/json-text.ts";

/** A bundle of Sigstore is half as deep. */
const DEPTH_MAX = 64;

/**
 * JSON of a stranger, in UTF-8. Keys that reach for prototypes are refused: libraries drop or obey them, and what is
 * checked would not be what is used. So are keys that stand twice, of which readers take one or the other. Throws
 * `corrupt`.
 */
export function parseJson(bytes: Uint8Array, label: string): unknown {
  let bad: string | undefined;
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (isDeeper(text, DEPTH_MAX)) throw new Error(`nested more than ${DEPTH_MAX} deep`);
    value = JSON.parse(text, (key, one: unknown) => {
      if (key === "__proto__") bad = key;
      return one;
    });
  } catch (error) {
    throw corrupt(label, `no JSON: ${errorLine(error)}`);
  }
  if (bad !== undefined) throw corrupt(label, `no JSON of ours: it has a key ${bad}`);
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw corrupt(label, `no JSON of ours: the key ${repeated} stands there twice`);
  return value;
}

/** The first thing a schema found wrong, with its place. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.map(String).join(".") ?? "";
  return `${path}${path === "" ? "" : ": "}${issue?.message ?? "of another shape"}`;
}

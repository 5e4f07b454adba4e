import type { z } from "zod";
import { corrupt } from "../errors.ts";
import { strangersJson } from "../model/json-text.ts";

/** A bundle of Sigstore is half as deep. */
const DEPTH_MAX = 64;

/** JSON of a stranger: see `strangersJson`. Throws `corrupt`. */
export function parseJson(bytes: Uint8Array, label: string): unknown {
  const read = strangersJson(bytes, DEPTH_MAX);
  if ("problem" in read) throw corrupt(label, `no JSON of ours: ${read.reason}`);
  return read.value;
}

/** The first thing a schema found wrong, with its place. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.map(String).join(".") ?? "";
  return `${path}${path === "" ? "" : ": "}${issue?.message ?? "of another shape"}`;
}

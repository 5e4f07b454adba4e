import { randomBytes } from "node:crypto";

/** `20261124T100000Z-4f2a9c`: in the order of time, and its own where two start in the same second. */
export function newRunId(at: Date): string {
  return `${at.toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "")}-${randomBytes(3).toString("hex")}`;
}

import { setTimeout as sleep } from "node:timers/promises";
import { errorLine, ScanError } from "../errors.ts";

/** How long a database may be away before a run gives up. */
export const PATIENCE_MS = 30_000;
const FIRST_PAUSE_MS = 100;
const PAUSE_MAX_MS = 2_000;

/** errno values of a connection that was refused, cut off or cannot be found. */
const SOCKET = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOENT",
  "EHOSTUNREACH",
  "EAI_AGAIN",
]);
/**
 * SQLSTATE: 08 connection, 57P shutdown and start-up, 53300 too many connections, 40001 and 40P01 transactions that
 * stood in each other's way. (PostgreSQL 18, appendix A)
 */
const STATE = /^(?:08...|57P0[1-5]|53300|40001|40P01)$/;

/** Runs `work` until the database answers, or it was away for `patienceMs`. `work` may have been done and not told. */
export async function patiently<T>(
  where: string,
  work: () => Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  const start = performance.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error)) throw error;
      if (performance.now() - start + pause > patienceMs)
        throw new ScanError(
          "transient",
          `the database went away (${errorLine(error)}) and did not come back in ${Math.round(patienceMs / 1000)} s: what was recorded is kept, run again to go on from there`,
          { at: [where], cause: error },
        );
      await sleep(pause);
    }
  }
}

/** Whether the database could not be reached, as opposed to having said no. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isAway);
  if (
    /^Connection terminated|connection error and is not queryable|timeout exceeded when trying/.test(
      error.message,
    )
  )
    return true;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return SOCKET.has(code) || STATE.test(code) || isAway(error.cause);
}

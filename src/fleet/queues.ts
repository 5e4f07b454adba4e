import type { QueueOptions } from "pg-boss";

/** The queues, and what happens to a job that does not work out. */

/** The schema of pg-boss' tables: beside the ledger's own. */
export const SCHEMA = "sixray_queue";

export type QueueName = "enumerate" | "scan";

export const ENUMERATE = "enumerate";
export const SCAN = "scan";
export const QUEUES: readonly QueueName[] = [ENUMERATE, SCAN];

/** Where the jobs of a queue go that failed for good. */
export function deadLettersOf(queue: QueueName): string {
  return `${queue}-dead`;
}

/**
 * A worker says every BEAT_MS that it has a job in hand; one that said nothing for `heartbeatSeconds` is taken for
 * dead by the others, which look every `WATCH_SECONDS`. So a killed worker's job waits for 10 + 5 s at the most, the
 * first pause of `retryDelay` (1 to 2 s), and the next look into the queue (1 s).
 */
export const BEAT_MS = 3_000;
export const WATCH_SECONDS = 5;
const HEARTBEAT_SECONDS = 10;

const DAY = 86_400;

const COMMON: QueueOptions = {
  heartbeatSeconds: HEARTBEAT_SECONDS,
  // Tries after the first; the pauses grow: 1, 2, 4, 8 s and up to twice that.
  retryLimit: 4,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  retentionSeconds: 14 * DAY,
};

export const OPTIONS: Readonly<Record<QueueName, QueueOptions & { readonly expireInSeconds: number }>> = {
  // A listing of a whole cloud takes minutes. Kept for as long as somebody may ask what a run was: the plan is in it.
  [ENUMERATE]: { ...COMMON, expireInSeconds: 6 * 3600, deleteAfterSeconds: 30 * DAY },
  // An image that is copied first may take half an hour. What was said stands in the ledger, not here.
  [SCAN]: { ...COMMON, expireInSeconds: 3600, deleteAfterSeconds: DAY },
};

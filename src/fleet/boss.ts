import type { PgBoss } from "pg-boss";
import { load } from "../ledger/connect.ts";
import type { Database } from "../ledger/open.ts";
import { socketsThatTire } from "../ledger/silence.ts";
import { deadLettersOf, OPTIONS, QUEUES, SCHEMA, WATCH_SECONDS } from "./queues.ts";

export interface BossOptions {
  /** Look after the jobs of dead workers, too; for what stays. */
  readonly supervise: boolean;
  /** Connections at a time. */
  readonly connections?: number;
  /** Errors of what goes on in the background: a database that is away shows here first. */
  readonly onError: (error: Error) => void;
}

/** pg-boss on the ledger's database, its tables and queues made. Stop it before the ledger is closed. */
export async function openBoss(database: Database, options: BossOptions): Promise<PgBoss> {
  const { PgBoss: Boss, fromPglite } = await load("pg-boss", import("pg-boss"), "a fleet");
  const { supervise, connections = 4, onError } = options;
  // pg-boss hands what it is given to its pool.
  const pool = { max: connections, connectionTimeoutMillis: 10_000, stream: socketsThatTire() };
  const boss = new Boss({
    schema: SCHEMA,
    ...(database.kind === "postgres"
      ? { ...pool, connectionString: database.url }
      : { db: fromPglite(database.pglite), backend: "pglite" as const }),
    supervise,
    schedule: false,
    superviseIntervalSeconds: WATCH_SECONDS,
    monitorIntervalSeconds: WATCH_SECONDS,
    registerInstance: supervise,
    instanceHeartbeatSeconds: 10,
    // Counts of large queues are for `fleet status`, not for warnings.
    warningQueueSize: 10_000_000,
  });
  boss.on("error", onError);
  await boss.start();
  try {
    for (const queue of QUEUES) {
      await boss.createQueue(deadLettersOf(queue), { retentionSeconds: 365 * 86_400 });
      await boss.createQueue(queue, { ...OPTIONS[queue], deadLetter: deadLettersOf(queue) });
    }
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => undefined);
    throw error;
  }
  return boss;
}

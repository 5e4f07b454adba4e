import type { PgBoss } from "pg-boss";
import type { Ledger } from "../ledger/ledger.ts";
import { databaseTime } from "./database-time.ts";
import { deadLettersOf, QUEUES, type QueueName, SCHEMA } from "./queues.ts";
import { runsToRetry } from "./standing.ts";

/** What people do to the queues: try again what failed, and take back what waits. */

/** Jobs moved or cancelled in one statement. */
const PAGE = 1000;

export interface Retried {
  /** Dead letters that are tried again. */
  readonly dead: number;
  /** Jobs that were taken back by `drain`, and wait again. */
  readonly drained: number;
}

/** Tries everything again that failed for good or was drained; of one run, or of all. */
export async function retry(boss: PgBoss, ledger: Ledger, run?: string): Promise<Retried> {
  for (const id of await runsToRetry(boss)) if (run === undefined || run === id) await ledger.reopenRun(id);
  let [dead, drained] = [0, 0];
  for (const queue of QUEUES) {
    const letters = deadLettersOf(queue);
    // Those that were there at the start: one that fails again meanwhile is not tried in a circle.
    // A Date has milliseconds, and a letter of this one is there already.
    const createdBefore = new Date((await databaseTime(boss)).getTime() + 1);
    for (let moved = PAGE; moved > 0; dead += moved)
      moved = await boss.redrive(letters, {
        limit: PAGE,
        createdBefore,
        ...(run === undefined ? {} : { data: { run } }),
      });
    for await (const ids of jobsIn(boss, queue, ["cancelled"], run)) {
      await boss.resume(queue, [...ids]);
      drained += ids.length;
    }
  }
  return { dead, drained };
}

/** Takes back the jobs that wait; those that run may end. Resolves to how many. */
export async function drain(boss: PgBoss, run?: string): Promise<number> {
  let count = 0;
  // Listings first: they make new jobs.
  for (const queue of QUEUES)
    for await (const ids of jobsIn(boss, queue, ["created", "retry"], run)) {
      await boss.cancel(queue, [...ids]);
      count += ids.length;
    }
  return count;
}

/** Jobs in these states, a page at a time; the caller takes them out of the state. */
async function* jobsIn(
  boss: PgBoss,
  queue: QueueName,
  states: readonly string[],
  run: string | undefined,
): AsyncGenerator<readonly string[]> {
  for (let before: string | undefined; ; ) {
    const { rows } = await boss
      .getDb()
      .executeSql(
        `select id::text as id from ${SCHEMA}.job where name = $1 and state::text = any($2) and ($3::text is null or data->>'run' = $3) order by id limit ${PAGE}`,
        [queue, states, run ?? null],
      );
    const ids = rows.map((row: { id: unknown }) => String(row.id));
    // A job that a worker took in between is found no more; one that stays would be found for ever.
    if (ids.length === 0 || ids[0] === before) return;
    before = ids[0];
    yield ids;
  }
}

import type { PgBoss } from "pg-boss";
import type { EnumerateJob, Plan } from "./jobs.ts";
import { deadLettersOf, ENUMERATE, QUEUES, type QueueName, SCAN, SCHEMA } from "./queues.ts";

/** How many jobs of a queue are in which state. */
export interface QueueStanding {
  readonly queue: QueueName;
  /** Ready, or pausing before another try. */
  readonly queued: number;
  readonly active: number;
  readonly completed: number;
  /** Failed for good and not tried again yet. */
  readonly dead: number;
}

/** pg-boss keeps counts that may be a minute old; what a person asks for is counted now. */
export async function queueStandings(boss: PgBoss): Promise<readonly QueueStanding[]> {
  const names = QUEUES.flatMap((queue) => [queue, deadLettersOf(queue)]);
  const { rows } = await boss
    .getDb()
    .executeSql(
      `select name, state::text as state, count(*)::int as count from ${SCHEMA}.job where name = any($1) group by 1, 2`,
      [names],
    );
  const count = (name: string, ...states: readonly string[]): number =>
    rows.reduce(
      (sum: number, row: { name: string; state: string; count: number }) =>
        row.name === name && states.includes(row.state) ? sum + Number(row.count) : sum,
      0,
    );
  return QUEUES.map((queue) => ({
    queue,
    queued: count(queue, "created", "retry"),
    active: count(queue, "active"),
    completed: count(queue, "completed"),
    dead: count(deadLettersOf(queue), "created", "retry"),
  }));
}

/** Whether a run has jobs that may still come to something. */
export async function hasLiveJobs(boss: PgBoss, run: string): Promise<boolean> {
  const { rows } = await boss
    .getDb()
    .executeSql(
      `select exists(select 1 from ${SCHEMA}.job where name = any($1) and state < 'completed' and data->>'run' = $2) as live`,
      [[ENUMERATE, SCAN], run],
    );
  return rows[0]?.live === true;
}

/** Whether any job waits or runs. */
export async function isEmpty(boss: PgBoss): Promise<boolean> {
  const { rows } = await boss
    .getDb()
    .executeSql(
      `select exists(select 1 from ${SCHEMA}.job where name = any($1) and state < 'completed') as live`,
      [[ENUMERATE, SCAN]],
    );
  return rows[0]?.live !== true;
}

/** The runs that the queue knows of, as long as it keeps the jobs that listed their targets. */
export async function runsInQueue(boss: PgBoss): Promise<readonly string[]> {
  const { rows } = await boss
    .getDb()
    .executeSql(`select distinct data->>'run' as run from ${SCHEMA}.job where name = $1`, [ENUMERATE]);
  return rows.map((row: { run: unknown }) => String(row.run));
}

/**
 * The targets of a run that nobody has listed to the end: their images are not even known to be missing. A job that was
 * tried again from the dead letters is another one for the same target.
 */
export async function unlistedTargets(
  boss: PgBoss,
  run: string,
): Promise<readonly Pick<EnumerateJob, "target" | "provider">[]> {
  const { rows } = await boss
    .getDb()
    .executeSql(
      `select data->>'target' as target, min(data->>'provider') as provider from ${SCHEMA}.job where name = $1 and data->>'run' = $2 group by data->>'target' having not bool_or(state = 'completed')`,
      [ENUMERATE, run],
    );
  return rows.map(({ target, provider }: { target: unknown; provider: unknown }) => ({
    target: String(target),
    provider: String(provider),
  }));
}

/** What fails a run, as each of its targets was enqueued with. */
export async function failuresOf(
  boss: PgBoss,
  run: string,
): Promise<readonly Pick<Plan, "failOn" | "strict">[]> {
  const { rows } = await boss
    .getDb()
    .executeSql(
      `select distinct data->'plan'->>'failOn' as words, data->'plan'->>'strict' as strict from ${SCHEMA}.job where name = $1 and data->>'run' = $2`,
      [ENUMERATE, run],
    );
  return rows.map(({ words, strict }: { words: unknown; strict: unknown }) => ({
    failOn: String(words),
    strict: strict === "true",
  }));
}

/** Runs that have something for `retry`. */
export async function runsToRetry(boss: PgBoss): Promise<readonly string[]> {
  const { rows } = await boss
    .getDb()
    .executeSql(
      `select distinct data->>'run' as run from ${SCHEMA}.job where (name = any($1) and state < 'completed') or (name = any($2) and state = 'cancelled')`,
      [QUEUES.map(deadLettersOf), [...QUEUES]],
    );
  return rows.map((row: { run: unknown }) => String(row.run));
}

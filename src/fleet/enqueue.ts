import type { PgBoss } from "pg-boss";
import type { Ledger, NewRun } from "../ledger/ledger.ts";
import { type EnumerateJob, jobId, type Plan } from "./jobs.ts";
import { ENUMERATE, SCHEMA } from "./queues.ts";

export interface Target {
  readonly target: string;
  /** Id of the provider that takes it. */
  readonly provider: string;
}

/** Starts a run: a job for each target. Done twice with one run, it is the same; with more targets, the run goes on. */
export async function enqueue(
  boss: PgBoss,
  ledger: Ledger,
  run: NewRun,
  { targets, plan }: { readonly targets: readonly Target[]; readonly plan: Plan },
): Promise<void> {
  await ledger.startRun(run);
  const jobs = targets.map(({ target, provider }) => ({
    id: jobId("enumerate", run.id, target),
    data: { run: run.id, engine: run.engine, target, provider, plan } satisfies EnumerateJob,
  }));
  const byId = new Map(jobs.map((job) => [job.id, job]));
  for (const there of await jobsThere(boss, [...byId.keys()])) byId.delete(there);
  if (byId.size === 0) return;
  // Before its jobs are there, or it could be taken for over although they wait.
  await ledger.reopenRun(run.id);
  await boss.insert(ENUMERATE, [...byId.values()]);
}

async function jobsThere(boss: PgBoss, ids: readonly string[]): Promise<readonly string[]> {
  const { rows } = await boss
    .getDb()
    .executeSql(`select id::text as id from ${SCHEMA}.job where name = $1 and id::text = any($2)`, [
      ENUMERATE,
      ids,
    ]);
  return rows.map((row: { id: unknown }) => String(row.id));
}

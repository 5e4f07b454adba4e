import type { PgBoss } from "pg-boss";
import type { Ledger, NewRun } from "../ledger/ledger.ts";
import { type EnumerateJob, jobId, type Plan } from "./jobs.ts";
import { ENUMERATE } from "./queues.ts";

export interface Target {
  readonly target: string;
  /** Id of the provider that takes it. */
  readonly provider: string;
}

/** Starts a run: a job for each target. Done twice with one run, it is the same. */
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
  await boss.insert(ENUMERATE, [...new Map(jobs.map((job) => [job.id, job])).values()]);
}

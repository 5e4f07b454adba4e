import type { PgBoss } from "pg-boss";
import type { Ledger, Standing, Totals } from "../ledger/ledger.ts";
import { type Plan, parseEnumerateJob } from "./jobs.ts";
import { ENUMERATE } from "./queues.ts";
import { hasLiveJobs, runsInQueue } from "./standing.ts";

export interface Finished {
  readonly run: string;
  readonly totals: Totals;
  readonly exitCode: number;
}

export interface FinishOptions {
  /** The exit code of a run with these verdicts. */
  exitCode(standing: Standing, plan: Pick<Plan, "failOn" | "strict">): number;
  /** Runs to look at although they are finished: a job was tried again. */
  readonly again: ReadonlySet<string>;
  /** Runs that are known to be finished, of this call and those before: not asked for again. */
  readonly over: Set<string>;
}

/** Ends the runs of which no job is left. Done twice, it says the same twice. */
export async function finishRuns(
  boss: PgBoss,
  ledger: Ledger,
  options: FinishOptions,
): Promise<readonly Finished[]> {
  const ended: Finished[] = [];
  for (const id of await runsInQueue(boss)) {
    if (options.over.has(id) && !options.again.has(id)) continue;
    const run = await ledger.run(id);
    if (run?.finishedAt) options.over.add(id);
    if (!run || (run.finishedAt && !options.again.has(id))) continue;
    if (await hasLiveJobs(boss, id)) continue;
    const [job] = await boss.findJobs<unknown>(ENUMERATE, { data: { run: id }, limit: 1 });
    if (!job) continue;
    const standing = await ledger.standing(id);
    const exitCode = options.exitCode(standing, parseEnumerateJob(job.data).plan);
    const { scanned, known, failed } = await ledger.totals(id);
    const totals = await ledger.finishRun(id, { enumerated: scanned + known + failed, exitCode });
    ended.push({ run: id, totals, exitCode });
  }
  return ended;
}

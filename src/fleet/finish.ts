import type { PgBoss } from "pg-boss";
import type { Ledger, Standing, Totals } from "../ledger/ledger.ts";
import { imageOfTarget, type Plan } from "./jobs.ts";
import { failuresOf, hasLiveJobs, runsInQueue, unlistedTargets } from "./standing.ts";

export interface Finished {
  readonly run: string;
  readonly totals: Totals;
  readonly exitCode: number;
}

export interface FleetStanding extends Standing {
  /** Targets of which nobody knows what images they have. */
  readonly unlisted: number;
}

export interface FinishOptions {
  /** The exit code of a run that stands like this; `fails` as each of its targets was enqueued with. */
  exitCode(standing: FleetStanding, fails: readonly Pick<Plan, "failOn" | "strict">[]): number;
  /** Runs to look at although they are finished: a job was tried again. */
  readonly again: ReadonlySet<string>;
}

/** Ends the runs of which no job is left. Done twice, it says the same twice. */
export async function finishRuns(
  boss: PgBoss,
  ledger: Ledger,
  options: FinishOptions,
): Promise<readonly Finished[]> {
  const ended: Finished[] = [];
  const there = await runsInQueue(boss);
  const open = new Set(await ledger.unfinished(there));
  for (const id of there) {
    if (!open.has(id) && !options.again.has(id)) continue;
    if (await hasLiveJobs(boss, id)) continue;
    const unlisted = await unlistedTargets(boss, id);
    // What reports are to show of them.
    await ledger.expect(id, unlisted.map(imageOfTarget));
    const standing = { ...(await ledger.standing(id)), unlisted: unlisted.length };
    const exitCode = options.exitCode(standing, await failuresOf(boss, id));
    const { scanned, known, failed } = await ledger.totals(id);
    const totals = await ledger.finishRun(id, { enumerated: scanned + known + failed, exitCode });
    ended.push({ run: id, totals, exitCode });
  }
  return ended;
}

import { type Kysely, sql } from "kysely";
import type { Entry, NewRun, Run, Totals } from "./ledger.ts";
import { runOf } from "./rows.ts";
import type { Tables } from "./tables.ts";
import { storable } from "./text.ts";

/* The rows of runs: see `Ledger` for what each is for. */

export function insertRun(db: Kysely<Tables>, run: NewRun): Promise<void> {
  const { policyDigest: digest, policy, policyDocument } = run;
  return db.transaction().execute(async (tx) => {
    await tx
      .insertInto("policies")
      .values({ digest, id: policy, document: policyDocument, first_seen: run.startedAt.toISOString() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await tx
      .insertInto("runs")
      .values({
        id: run.id,
        started_at: run.startedAt.toISOString(),
        finished_at: null,
        engine: run.engine,
        policy_digest: digest,
        policy,
        source: storable(run.source),
        host: storable(run.host),
        shard: run.shard,
        enumerated: 0,
        scanned: 0,
        known: 0,
        failed: 0,
        exit_code: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

/** Without an end, the run goes on. */
export async function endRun(
  db: Kysely<Tables>,
  id: string,
  end: (Totals & { readonly exitCode: number }) | undefined,
): Promise<void> {
  const { exitCode = null, ...totals } = end ?? {};
  // Runs are ordered by their ends, and those who end them have clocks of their own.
  const finished = end ? sql<Date>`clock_timestamp()` : null;
  await db
    .updateTable("runs")
    .set({ ...totals, exit_code: exitCode, finished_at: finished })
    .where("id", "=", id)
    .execute();
}

export async function totalsOf(db: Kysely<Tables>, id: string): Promise<Omit<Totals, "enumerated">> {
  const rows = await db
    .selectFrom("run_images")
    .select(({ fn }) => ["outcome", fn.countAll().as("count")])
    .where("run", "=", id)
    .groupBy("outcome")
    .execute();
  const count = (outcome: Entry["outcome"]): number =>
    Number(rows.find((row) => row.outcome === outcome)?.count ?? 0);
  return { scanned: count("scanned"), known: count("known"), failed: count("failed") };
}

export async function newestRuns(db: Kysely<Tables>, limit: number): Promise<readonly Run[]> {
  const rows = await runsIn(db)
    .orderBy("started_at", "desc")
    .orderBy("runs.id", "desc")
    .limit(limit)
    .execute();
  return rows.map(runOf);
}

export async function findRun(db: Kysely<Tables>, id: string): Promise<Run | undefined> {
  const row = await runsIn(db).where("runs.id", "=", id).executeTakeFirst();
  return row && runOf(row);
}

export async function unfinishedOf(db: Kysely<Tables>, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("runs")
    .select("id")
    .where("id", "in", ids)
    .where("finished_at", "is", null)
    .execute();
  return rows.map(({ id }) => id);
}

function runsIn(db: Kysely<Tables>) {
  return db
    .selectFrom("runs")
    .leftJoin("policies", "policies.digest", "runs.policy_digest")
    .selectAll("runs")
    .select("policies.document");
}

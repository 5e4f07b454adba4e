import { errorLine, ScanError } from "../errors.ts";
import { entryOf, knownEntry, knownScans, mark } from "../ledger/entries.ts";
import type { Entry, ScanKey } from "../ledger/ledger.ts";
import type { ImageRef } from "../model/image.ts";
import type { ReadCost } from "../model/report.ts";
import { scan } from "../scan/scan.ts";
import { decisionsOf, type WorkerContext } from "./context.ts";
import { checkEngine } from "./enumerate.ts";
import { type Plan, parseScanJob } from "./jobs.ts";
import type { Taken } from "./taker.ts";

/** What came of a job: the caller records it, and only then the job is done. */
export interface Judged {
  readonly run: { readonly id: string } & ScanKey;
  readonly entry: Entry;
  readonly cost?: ReadCost;
}

/**
 * Judges one image, or finds that it is known. An image that could not be reached is tried again, as often as its
 * queue says; the last try writes its failure down before it starts, so that even a worker that dies over it leaves
 * a line.
 * @throws when it should be tried again
 */
export async function judge(taken: Taken, context: WorkerContext): Promise<Judged> {
  const job = parseScanJob(taken.data);
  checkEngine(job.engine, context.engine);
  const { image } = job;
  const { plan, policyDigest } = await context.plans.of(job.source);
  const run = { id: job.run, policyDigest, engine: job.engine };
  const lost = (reason: string): Judged => ({
    run,
    entry: { image, outcome: "failed", verdict: "unreadable", reason },
  });
  if (taken.last)
    await context.ledger.record(run, [lost("tried for the last time, and did not come back").entry]);
  try {
    const judged = await look(taken, context, { run, image, plan });
    if (judged.entry.outcome !== "failed" || taken.last) return judged;
    throw new ScanError("transient", judged.entry.reason);
  } catch (error) {
    if (!taken.last || taken.signal.aborted) throw error;
    return lost(errorLine(error));
  }
}

async function look(
  taken: Taken,
  { ledger, sources, today }: WorkerContext,
  { run, image, plan }: Pick<Judged, "run"> & { readonly image: ImageRef; readonly plan: Plan },
): Promise<Judged> {
  const decisions = decisionsOf(plan, today());
  const { listed, content, failure } = await mark(await sources.one(image, plan.query, taken.signal));
  if (failure !== undefined)
    return { run, entry: { image, outcome: "failed", verdict: "unreadable", reason: failure } };
  const known = content === undefined || plan.rescan ? undefined : await knownScans(ledger, [content], run);
  const before = content === undefined ? undefined : known?.get(content);
  if (before) return { run, entry: await knownEntry(ledger, run, image, before, decisions) };
  const { policy } = plan;
  const result = await scan(image, listed.open, {
    signal: taken.signal,
    onThrottled: taken.throttled,
    ...(policy ? { policy: { ...policy, waivers: [] } } : {}),
  });
  return { run, entry: await entryOf(result, content, decisions), cost: result.cost };
}

import { errorLine, ScanError } from "../errors.ts";
import { contentId } from "../ledger/content.ts";
import { knownEntry, knownScans } from "../ledger/entries.ts";
import type { Entry } from "../ledger/ledger.ts";
import type { ImageRef } from "../model/image.ts";
import { groupOf, type Listed } from "../scan/scan-all.ts";
import { decisionsOf, type WorkerContext } from "./context.ts";
import {
  type EnumerateJob,
  imageOfTarget,
  jobId,
  parseEnumerateJob,
  type ScanJob,
  type Sent,
  sent,
} from "./jobs.ts";
import { SCAN } from "./queues.ts";
import type { Taken } from "./taker.ts";

/** Images written down at a time. */
const BATCH = 200;

/**
 * Lists a target: every image is written into the ledger as expected, then gets a job. Done twice, it is the same:
 * rows and jobs have keys. Images that are known under an id that never changes need no job.
 */
export async function enumerate(taken: Taken, context: WorkerContext): Promise<void> {
  const job = await context.plans.check(parseEnumerateJob(taken.data));
  checkEngine(job.engine, context.engine);
  const lister = new Lister(taken, job, context);
  try {
    for await (const listed of context.sources.list(job.target, job.plan.query, taken.signal))
      await lister.add(listed);
    await lister.flush();
    await lister.complete();
  } catch (error) {
    await lister.flush();
    if (taken.last && !taken.signal.aborted) await lister.failed(errorLine(error));
    throw error;
  }
  const { listed, known } = lister;
  context.log.info({ event: "listed", run: job.run, target: job.target, images: listed, known });
}

/** A job of another release would be recorded as that release's answer. */
export function checkEngine(wanted: string, here: string): void {
  if (wanted !== here)
    throw new ScanError("usage", `the job is for ${wanted}, this is ${here}: enqueue the run again`);
}

class Lister {
  readonly #taken: Taken;
  readonly #job: EnumerateJob & { readonly policyDigest: string };
  readonly #context: WorkerContext;
  readonly #seen = new Map<string, number>();
  #batch: Listed[] = [];
  /** The target is itself the id of an image. */
  #named = false;
  listed = 0;
  known = 0;

  constructor(taken: Taken, job: EnumerateJob & { readonly policyDigest: string }, context: WorkerContext) {
    this.#taken = taken;
    this.#job = job;
    this.#context = context;
  }

  async add(listed: Listed): Promise<void> {
    this.#taken.signal.throwIfAborted();
    if (listed.image.id === this.#job.target) this.#named = true;
    this.#batch.push(listed);
    if (this.#batch.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    const { ledger, boss } = this.#context;
    const known = await this.#known(batch);
    const left = batch.filter(({ image }) => !known.has(image)).map(({ image }) => image);
    await ledger.record(this.#run, [...known.values()]);
    await ledger.expect(this.#job.run, left);
    await boss.insert(SCAN, [
      ...new Map(left.map((image) => this.#jobOf(image)).map((job) => [job.id, job])).values(),
    ]);
    this.listed += batch.length;
    this.known += known.size;
  }

  /** What an earlier try wrote down as missing is not. */
  async complete(): Promise<void> {
    if (!this.#named) await this.#context.ledger.forget(this.#job.run, imageOfTarget(this.#job));
  }

  /** The target could not be listed to its end: what it names is missing from the run, which must show. */
  async failed(reason: string): Promise<void> {
    await this.#context.ledger.record(this.#run, [
      { image: imageOfTarget(this.#job), outcome: "failed", verdict: "unreadable", reason },
    ]);
  }

  get #run(): { readonly id: string; readonly policyDigest: string; readonly engine: string } {
    const { run: id, policyDigest, engine } = this.#job;
    return { id, policyDigest, engine };
  }

  async #known(batch: readonly Listed[]): Promise<ReadonlyMap<ImageRef, Entry>> {
    const entries = new Map<ImageRef, Entry>();
    if (this.#job.plan.rescan) return entries;
    const { ledger, today } = this.#context;
    const fixed = batch.filter(({ mark }) => mark === undefined);
    const scans = await knownScans(
      ledger,
      fixed.map(({ image }) => contentId(image, undefined)),
      this.#run,
    );
    for (const { image } of fixed) {
      const scan = scans.get(contentId(image, undefined));
      if (scan)
        entries.set(
          image,
          await knownEntry(ledger, this.#run, image, scan, decisionsOf(this.#job.plan, today())),
        );
    }
    return entries;
  }

  #jobOf(image: ImageRef): {
    readonly id: string;
    readonly data: Sent<ScanJob>;
    readonly priority: number;
    readonly group: { readonly id: string; readonly tier: string };
  } {
    const { run, engine } = this.#job;
    const nth = this.#seen.get(image.family) ?? 0;
    this.#seen.set(image.family, nth + 1);
    return {
      id: jobId("scan", run, image.provider, image.id),
      data: sent({ run, engine, source: this.#taken.id, image }),
      // The first image of every family comes before the second of any: none waits for a large one.
      priority: -nth,
      group: { id: groupOf(image), tier: image.provider },
    };
  }
}

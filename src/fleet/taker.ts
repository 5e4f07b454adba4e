import { setTimeout as sleep } from "node:timers/promises";
import type { JobWithMetadata, PgBoss } from "pg-boss";
import { storable } from "../ledger/text.ts";
import { AdaptiveLimit } from "../scan/pipeline/limit.ts";
import { Batch } from "./batch.ts";
import { BEAT_MS, OPTIONS, type QueueName } from "./queues.ts";

/** A job in hand. */
export interface Taken {
  readonly id: string;
  readonly data: unknown;
  /** From 1. */
  readonly attempt: number;
  /** When this one fails, too, the job is a dead letter. */
  readonly last: boolean;
  /** Aborted when the worker has to go, or the job took too long. */
  readonly signal: AbortSignal;
  /** The provider asked for less. */
  throttled(): void;
}

export interface TakerOptions {
  readonly queue: QueueName;
  /** Jobs at a time. */
  readonly concurrency: number;
  /** Jobs at a time of one group, over all workers; by tier where one is named. */
  readonly perGroup?: { readonly default: number; readonly tiers?: Record<string, number> };
  /** Resolves once the outcome is safe; rejects to have the job tried again, or laid aside. */
  readonly handle: (job: Taken) => Promise<void>;
  readonly onFailed: (job: Taken, error: unknown) => void;
  /** The queue could not be reached; called at every try. */
  readonly onAway: (error: unknown) => void;
  /** There was nothing to take. */
  readonly onIdle?: () => Promise<void>;
}

const IDLE_MS = 1_000;
const AWAY_MAX_MS = 5_000;
/** A moment for more places to get free, so that one question to the queue fills them. */
const GATHER_MS = 10;
const REST_MS = 100;
const SETTLE_MAX = 200;

type Settled = { readonly job: JobWithMetadata<unknown>; readonly failure?: string };

/** Takes jobs of one queue, so many at a time, tells the queue that they are being worked on, and how they ended. */
export class Taker {
  readonly #boss: PgBoss;
  readonly #options: TakerOptions;
  readonly #held = new Map<string, JobWithMetadata<unknown>>();
  readonly #limits = new Map<string, { readonly limit: AdaptiveLimit; running: number }>();
  readonly #settled: Batch<Settled>;
  readonly #handlers = new Set<Promise<void>>();
  readonly #hand = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  #stopping = false;
  #wake: () => void = () => undefined;

  constructor(boss: PgBoss, options: TakerOptions) {
    this.#boss = boss;
    this.#options = options;
    this.#settled = new Batch(SETTLE_MAX, (ended) => this.#settle(ended));
  }

  /** Jobs in hand. */
  get running(): number {
    return this.#held.size;
  }

  /** Takes jobs until it is stopped. */
  async run(): Promise<void> {
    const beat = setInterval(() => void this.#beat(), BEAT_MS);
    try {
      let away = 0;
      while (!this.#stopping) {
        if (this.#held.size >= this.#options.concurrency) {
          await this.#woken();
          await sleep(GATHER_MS);
          continue;
        }
        try {
          const wanted = this.#options.concurrency - this.#held.size;
          const jobs = await this.#fetch(wanted);
          away = 0;
          for (const job of jobs) this.#start(job);
          if (jobs.length === 0) await this.#options.onIdle?.();
          // Fewer than wanted: the rest is held back by its group, or not there.
          if (jobs.length < wanted) await this.#woken(jobs.length === 0 ? IDLE_MS : REST_MS);
        } catch (error) {
          this.#options.onAway(error);
          await this.#woken(Math.min(AWAY_MAX_MS, 200 * 2 ** away++));
        }
      }
      await Promise.all(this.#handlers);
    } finally {
      clearInterval(beat);
      this.#ended.resolve();
    }
  }

  /** Takes nothing more. What runs may end until `graceMs` are over; then it is handed back. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#wake();
    const timer = setTimeout(() => this.#hand.abort(new Error("the worker stops")), graceMs);
    // Not only for what is in hand now: a fetch that was on its way may still bring jobs.
    await this.#ended.promise;
    clearTimeout(timer);
  }

  async #fetch(wanted: number): Promise<readonly JobWithMetadata<unknown>[]> {
    const { queue, perGroup } = this.#options;
    const full = [...this.#limits].filter(([, { limit, running }]) => running >= limit.limit);
    return this.#boss.fetch<unknown>(queue, {
      batchSize: Math.min(wanted, SETTLE_MAX),
      includeMetadata: true,
      ...(perGroup ? { groupConcurrency: { ...perGroup } } : {}),
      ignoreGroups: full.map(([group]) => group),
    });
  }

  #start(job: JobWithMetadata<unknown>): void {
    this.#held.set(job.id, job);
    const running = this.#run(job).finally(() => {
      this.#handlers.delete(running);
      this.#held.delete(job.id);
      this.#wake();
    });
    this.#handlers.add(running);
  }

  async #run(job: JobWithMetadata<unknown>): Promise<void> {
    const { queue, handle, onFailed, onAway } = this.#options;
    const place = this.#placeOf(job.groupId ?? "");
    place.running++;
    const { generation } = place.limit;
    const taken: Taken = {
      id: job.id,
      data: job.data,
      attempt: job.retryCount + 1,
      last: job.retryCount >= job.retryLimit,
      signal: AbortSignal.any([
        this.#hand.signal,
        AbortSignal.timeout(OPTIONS[queue].expireInSeconds * 1000),
      ]),
      throttled: () => place.limit.throttled(generation),
    };
    let failure: string | undefined;
    try {
      await handle(taken);
      place.limit.wentWell(generation);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      onFailed(taken, error);
    } finally {
      place.running--;
    }
    try {
      await this.#settled.add({ job, ...(failure === undefined ? {} : { failure }) });
    } catch (error) {
      // The outcome is safe; without our word the job is taken for a dead worker's and done again.
      onAway(error);
    }
  }

  async #settle(ended: readonly Settled[]): Promise<void> {
    const { queue } = this.#options;
    const well = ended.filter(({ failure }) => failure === undefined).map(({ job }) => job);
    const badly = ended.filter(({ failure }) => failure !== undefined);
    // By attempt: of a job that went on to another worker meanwhile, nothing is said.
    if (well.length > 0) await this.#boss.complete(queue, well);
    for (const { job, failure } of badly)
      await this.#boss.fail(queue, [job], { message: storable(failure ?? "") });
  }

  async #beat(): Promise<void> {
    const held = [...this.#held.values()];
    if (held.length === 0) return;
    try {
      await this.#boss.touch(this.#options.queue, held);
    } catch (error) {
      this.#options.onAway(error);
    }
  }

  #placeOf(group: string): { readonly limit: AdaptiveLimit; running: number } {
    const known = this.#limits.get(group);
    if (known) return known;
    const place = { limit: new AdaptiveLimit(this.#options.concurrency), running: 0 };
    this.#limits.set(group, place);
    return place;
  }

  /** Until a place gets free, something is to stop, or the time is over. */
  #woken(ms?: number): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

import { AdaptiveLimit } from "./limit.ts";
import { type Place, Waiting } from "./waiting.ts";

export interface Job<T> extends Place {
  /** `throttled` says that the provider asked for less. */
  run(throttled: () => void): Promise<T>;
}

export interface PipelineOptions {
  /** Jobs at a time, over all groups. */
  readonly jobs: number;
  /** Jobs at a time of one group (default: `jobs`). */
  readonly jobsPerGroup?: (group: string) => number;
  /** Jobs listed ahead of those that run, over all sources: what bounds the memory. */
  readonly aheadMax: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the jobs of all sources and yields what they give as they end. The sources are listed side by side, only as
 * far ahead as `aheadMax`; a consumer that is slow slows everything. Rejects with the first rejection of a source or
 * job, once no job runs any more.
 */
export async function* pipeline<T>(
  sources: readonly AsyncIterable<Job<T>>[],
  options: PipelineOptions,
): AsyncGenerator<T> {
  const line = new Line<T>(sources, options);
  try {
    for (let ended = await line.next(); ended; ended = await line.next()) yield ended.result;
  } finally {
    await line.close();
  }
}

class Line<T> {
  readonly #options: PipelineOptions;
  readonly #waiting = new Waiting<Job<T>>();
  readonly #limits = new Map<string, AdaptiveLimit>();
  readonly #runningIn = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  readonly #ended: { readonly result: T }[] = [];
  readonly #listers: Promise<void>;
  #listing: number;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;
  #wake: () => void = () => undefined;
  #room: (() => void)[] = [];

  constructor(sources: readonly AsyncIterable<Job<T>>[], options: PipelineOptions) {
    this.#options = options;
    this.#listing = sources.length;
    this.#listers = Promise.all(sources.map((source) => this.#list(source))).then(() => undefined);
  }

  /** The next result; undefined when all is done. */
  async next(): Promise<{ readonly result: T } | undefined> {
    for (;;) {
      this.#options.signal?.throwIfAborted();
      if (this.#failure) throw this.#failure.error;
      this.#start();
      const ended = this.#ended.shift();
      if (ended) return ended;
      if (this.#listing === 0 && this.#running.size === 0 && this.#waiting.size === 0) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Nothing starts any more; resolves when nothing runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#makeRoom();
    await Promise.all([...this.#running, this.#listers]);
  }

  async #list(source: AsyncIterable<Job<T>>): Promise<void> {
    try {
      for await (const job of source) {
        while (!this.#closed && this.#waiting.size >= this.#options.aheadMax)
          await new Promise<void>((resolve) => this.#room.push(resolve));
        if (this.#closed) break;
        this.#waiting.add(job, job);
        this.#wake();
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#listing--;
      this.#wake();
    }
  }

  #start(): void {
    const { jobs } = this.#options;
    // What ended and was not fetched yet counts, too: a slow consumer must not have results pile up.
    while (!this.#closed && this.#running.size + this.#ended.length < jobs) {
      const next = this.#waiting.take(
        (group) => (this.#runningIn.get(group) ?? 0) < this.#limitOf(group).limit,
      );
      if (!next) return;
      this.#makeRoom();
      const { group, job } = next;
      const running = this.#run(job, this.#limitOf(group)).finally(() => {
        this.#running.delete(running);
        this.#leave(group);
        this.#wake();
      });
      this.#running.add(running);
      this.#runningIn.set(group, (this.#runningIn.get(group) ?? 0) + 1);
    }
  }

  async #run(job: Job<T>, limit: AdaptiveLimit): Promise<void> {
    const { generation } = limit;
    try {
      const result = await job.run(() => limit.throttled(generation));
      limit.wentWell(generation);
      this.#ended.push({ result });
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #leave(group: string): void {
    const left = (this.#runningIn.get(group) ?? 1) - 1;
    if (left > 0) this.#runningIn.set(group, left);
    else this.#runningIn.delete(group);
  }

  #limitOf(group: string): AdaptiveLimit {
    const known = this.#limits.get(group);
    if (known) return known;
    const { jobs, jobsPerGroup } = this.#options;
    const limit = new AdaptiveLimit(jobsPerGroup?.(group) ?? jobs);
    this.#limits.set(group, limit);
    return limit;
  }

  #makeRoom(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resolve of waiting) resolve();
  }
}

import { errorLine, ScanError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Database } from "../ledger/open.ts";
import { isAway } from "../ledger/retry.ts";
import { Batch } from "./batch.ts";
import { openBoss } from "./boss.ts";
import type { WorkerContext } from "./context.ts";
import { enumerate } from "./enumerate.ts";
import { type FinishOptions, finishRuns } from "./finish.ts";
import { imageIn } from "./jobs.ts";
import { Plans } from "./plans.ts";
import { ENUMERATE, type QueueName, SCAN } from "./queues.ts";
import { type Judged, judge } from "./scan.ts";
import { isEmpty } from "./standing.ts";
import { type Taken, Taker } from "./taker.ts";

export interface WorkerOptions
  extends Pick<WorkerContext, "sources" | "engine" | "log" | "telemetry" | "today">,
    Pick<FinishOptions, "exitCode"> {
  /** Images at a time. */
  readonly concurrency: number;
  /** Images at a time of one provider, account and region, over all workers. */
  readonly perGroup: { readonly default: number; readonly tiers?: Record<string, number> };
  /** End once no job waits or runs anywhere. */
  readonly untilEmpty: boolean;
  /** How long running jobs may go on once it has to stop. */
  readonly graceMs: number;
  /** How long the database may be away. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

export interface Worked {
  readonly images: number;
  /** Images that failed for good, and targets that could not be listed. */
  readonly dead: number;
  /** Stopped by the signal. */
  readonly stopped: boolean;
}

const LISTINGS_AT_ONCE = 4;
/** Between looks for runs that are over: with work done since, or without. */
const FINISH_MS = 1_000;
const FINISH_IDLE_MS = 10_000;
const RECORDED_MAX = 100;

/** Takes jobs until it is stopped, or none is left. @throws transient when the database stays away */
export async function work(
  { ledger, database }: { readonly ledger: Ledger; readonly database: Database },
  options: WorkerOptions,
): Promise<Worked> {
  const worker = new Worker(ledger, options);
  return worker.run(database);
}

class Worker {
  readonly #ledger: Ledger;
  readonly #options: WorkerOptions;
  readonly #touched = new Set<string>();
  readonly #ending = Promise.withResolvers<"stop" | "empty">();
  readonly #records: Batch<Judged>;
  #awaySince: number | undefined;
  #looked = 0;
  #images = 0;
  #dead = 0;

  constructor(ledger: Ledger, options: WorkerOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.#records = new Batch(RECORDED_MAX, (judged) => this.#record(judged));
  }

  async run(database: Database): Promise<Worked> {
    const { log, signal, graceMs, concurrency, perGroup } = this.#options;
    const stop = (): void => this.#ending.resolve("stop");
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const boss = await openBoss(database, {
      supervise: true,
      onError: (error) => log.warn({ event: "queue", reason: errorLine(error) }),
    });
    const context: WorkerContext = {
      ...this.#options,
      boss,
      ledger: this.#ledger,
      plans: new Plans(boss, this.#ledger),
    };
    const common = (
      queue: QueueName,
    ): Pick<ConstructorParameters<typeof Taker>[1], "queue" | "onFailed" | "onAway"> => ({
      queue,
      onFailed: (job, error) => this.#failed(queue, job, error),
      onAway: (error) => this.#away(error),
    });
    const takers: readonly Taker[] = [
      new Taker(boss, {
        ...common(ENUMERATE),
        concurrency: LISTINGS_AT_ONCE,
        handle: (job) => enumerate(job, context),
      }),
      new Taker(boss, {
        ...common(SCAN),
        concurrency,
        perGroup,
        handle: (job) => this.#judge(job, context),
        onIdle: () => this.#idle(context, takers),
      }),
    ];
    log.info({ event: "worker started", engine: context.engine, concurrency, database: this.#ledger.where });
    const running = Promise.all(takers.map((taker) => taker.run()));
    try {
      const why = await this.#ending.promise;
      log.info({ event: "worker stops", why, jobs: takers.reduce((sum, taker) => sum + taker.running, 0) });
      await Promise.all(takers.map((taker) => taker.stop(graceMs)));
      await running;
      await this.#finish(context).catch((error: unknown) => this.#away(error));
      log.info({ event: "worker stopped", images: this.#images, dead: this.#dead });
      return { images: this.#images, dead: this.#dead, stopped: why === "stop" };
    } catch (error) {
      // The database stayed away: nothing can be handed back, the others will notice.
      void Promise.all(takers.map((taker) => taker.stop(0))).catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      await boss.stop({ graceful: false, close: true }).catch(() => undefined);
    }
  }

  async #judge(taken: Taken, context: WorkerContext): Promise<void> {
    const judged = await context.telemetry.scan(taken, () => judge(taken, context));
    await this.#records.add(judged);
    this.#touched.add(judged.run.id);
    const { entry, run, cost } = judged;
    this.#images++;
    this.#awaySince = undefined;
    context.log.info({
      event: "image",
      run: run.id,
      image: entry.image.id,
      provider: entry.image.provider,
      outcome: entry.outcome,
      verdict: entry.verdict,
      attempt: taken.attempt,
      bytes: cost?.bytes,
      requests: cost?.requests,
    });
    // Written down; the job itself goes to the dead letters.
    if (entry.outcome === "failed") throw new Error(entry.reason);
  }

  /** Results of one run go into one transaction. */
  async #record(judged: readonly Judged[]): Promise<void> {
    for (const [, some] of Map.groupBy(judged, ({ run }) => run.id)) {
      const run = some[0]?.run;
      if (run)
        await this.#ledger.record(
          run,
          some.map(({ entry }) => entry),
        );
    }
  }

  #failed(queue: QueueName, job: Taken, error: unknown): void {
    const { log, telemetry } = this.#options;
    const { run, image, target } = namesIn(job.data);
    const handedBack = job.signal.aborted;
    if (job.last && !handedBack) this.#dead++;
    const event = handedBack ? "handed back" : job.last ? "dead letter" : "trying again";
    telemetry.failed(queue, event);
    log[job.last ? "error" : "warn"]({
      event,
      queue,
      run,
      image,
      target,
      attempt: job.attempt,
      reason: errorLine(error),
    });
  }

  /** Called whenever something did not reach the database. What it says no to, it will say no to again. */
  #away(error: unknown): void {
    const now = performance.now();
    this.#awaySince ??= now;
    const away = isAway(error) || (error instanceof ScanError && error.code === "transient");
    this.#options.log.warn({ event: away ? "database away" : "database error", reason: errorLine(error) });
    if (away && now - this.#awaySince < this.#options.patienceMs) return;
    const seconds = Math.round(this.#options.patienceMs / 1000);
    this.#ending.reject(
      away
        ? new ScanError(
            "transient",
            `the database went away (${errorLine(error)}) and did not come back in ${seconds} s`,
            {
              at: [this.#ledger.where],
              cause: error,
            },
          )
        : error,
    );
  }

  async #idle(context: WorkerContext, takers: readonly Taker[]): Promise<void> {
    this.#awaySince = undefined;
    const pause = this.#touched.size > 0 || this.#options.untilEmpty ? FINISH_MS : FINISH_IDLE_MS;
    if (performance.now() - this.#looked < pause) return;
    this.#looked = performance.now();
    await this.#finish(context);
    const idle = takers.every((taker) => taker.running === 0);
    if (this.#options.untilEmpty && idle && (await isEmpty(context.boss))) this.#ending.resolve("empty");
  }

  async #finish({ boss, log, ledger }: WorkerContext): Promise<void> {
    const { exitCode: codeOf } = this.#options;
    const again = new Set(this.#touched);
    for (const { run, totals, exitCode } of await finishRuns(boss, ledger, { exitCode: codeOf, again })) {
      this.#touched.delete(run);
      log.info({ event: "run finished", run, ...totals, exitCode });
    }
  }
}

function namesIn(data: unknown): {
  readonly run?: string;
  readonly image?: string;
  readonly target?: string;
} {
  if (typeof data !== "object" || data === null) return {};
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  const found = {
    run: "run" in data ? text(data.run) : undefined,
    image: "image" in data ? imageIn(data.image)?.id : undefined,
    target: "target" in data ? text(data.target) : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

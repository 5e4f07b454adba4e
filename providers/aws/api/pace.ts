import { setTimeout as sleep } from "node:timers/promises";

/** Requests a second that may go on and on, and how many at once before that. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A throttled rate halves at most this often, however many requests were under way. */
const SLOW_EVERY_MS = 250;
/** The slowest it gets, as a share of the full rate. */
const SLOWEST = 1 / 64;
/** How much of the full rate a request that went well gives back. */
const RECOVERY = 1 / 100;

/**
 * A token bucket that gives way: the rate halves when the service throttles and grows back as requests go well, so
 * that one account shared with others settles at what is left for us.
 */
export class Pace {
  readonly #full: Rate;
  #perSecond: number;
  #tokens: number;
  #filledAt: number;
  #slowedAt = Number.NEGATIVE_INFINITY;
  #last: Promise<void> = Promise.resolve();

  constructor(full: Rate) {
    this.#full = full;
    this.#perSecond = full.perSecond;
    this.#tokens = full.burst;
    this.#filledAt = performance.now();
  }

  /** Resolves when the next request may go; those who wait go in the order they came. */
  async take(signal: AbortSignal | undefined): Promise<void> {
    const turn = this.#last.then(() => this.#take(signal));
    this.#last = turn.catch(() => undefined);
    await turn;
  }

  async #take(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#fill();
    while (this.#tokens < 1) {
      const ms = Math.max(1, ((1 - this.#tokens) / this.#perSecond) * 1000);
      await sleep(ms, undefined, signal ? { signal } : {});
      this.#fill();
    }
    this.#tokens -= 1;
  }

  #fill(): void {
    const now = performance.now();
    const grown = this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#full.burst, grown);
    this.#filledAt = now;
  }

  throttled(): void {
    const now = performance.now();
    if (now - this.#slowedAt < SLOW_EVERY_MS) return;
    this.#slowedAt = now;
    this.#tokens = Math.min(this.#tokens, 0);
    this.#perSecond = Math.max(this.#perSecond / 2, this.#full.perSecond * SLOWEST);
  }

  wentWell(): void {
    const { perSecond } = this.#full;
    if (this.#perSecond < perSecond)
      this.#perSecond = Math.min(perSecond, this.#perSecond + perSecond * RECOVERY);
  }
}

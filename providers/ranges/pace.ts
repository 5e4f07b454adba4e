import { setTimeout as wait } from "node:timers/promises";

// Source: RFC 9438 (CUBIC), section 4.2, for requests a second instead of a window.

/** What is left of the rate when a server says that it is too much. */
const CUT = 0.9;
/** Fewer refusals than this share of the answers are bad luck, not a limit. */
const REFUSED = 0.05;
/** Requests a second to begin the search with, at least. */
const FIRST = 4;
/** How fast the rate comes back: RFC 9438's C. */
const GROWTH = 0.4;
const MEASURE_MS = 500;
/** Of so many measurements the best counts: what was served a moment ago is no more than the limit. */
const MEASURED_MAX = 8;
/** Answers to requests that were under way when the rate was cut say nothing about the new one. */
const DEAF_MS = 500;

/**
 * How many requests a second a server takes, found out by asking: no limit until it says 429, then just below where
 * that was, and carefully beyond. Shared by all images of a server: each for itself they would starve each other.
 */
export class Pace {
  readonly #now: () => number;
  #limited = false;
  /** One limit was hit, by a burst perhaps: the rate doubles every second until the next. */
  #searching = false;
  /** Requests a second when it last was too much, and when that was. */
  #most = 0;
  #cutAt = 0;
  /** When the next request may go. */
  #next = 0;
  /** Requests that were answered, a second, in each of the last windows. */
  readonly #measured: number[] = [];
  #answered = 0;
  #refused = 0;
  #windowAt: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#windowAt = now();
  }

  /** Requests a second that may be sent now; infinite where nothing is known. */
  get rate(): number {
    if (!this.#limited) return Number.POSITIVE_INFINITY;
    const seconds = (this.#now() - this.#cutAt) / 1000;
    if (this.#searching) return Math.max(FIRST, this.#most) * 2 ** Math.min(seconds, 20);
    const back = Math.cbrt((this.#most * (1 - CUT)) / GROWTH);
    return Math.max(1, GROWTH * (seconds - back) ** 3 + this.#most);
  }

  /** Resolves when a request may be sent. */
  async turn(signal: AbortSignal | undefined): Promise<void> {
    const ms = this.reserve();
    if (ms >= 1) await wait(ms, undefined, signal ? { signal } : {});
  }

  /** Takes the next turn; in how many milliseconds it is. */
  reserve(): number {
    if (!this.#limited) return 0;
    const now = this.#now();
    // A pause is not saved up for a burst.
    this.#next = Math.max(now, this.#next + 1000 / this.rate);
    return this.#next - now;
  }

  answered(): void {
    this.#answered++;
    this.#measure();
  }

  tooMuch(): void {
    this.#refused++;
    this.#measure();
    const now = this.#now();
    if (this.#limited && now - this.#cutAt < DEAF_MS) return;
    if (this.#refused < Math.max(2, REFUSED * (this.#answered + this.#refused))) return;
    // Sooner than a measurement: what there is of one.
    const soFar =
      Math.max(0, ...this.#measured) || (this.#answered * 1000) / Math.max(50, now - this.#windowAt);
    // A rate that doubles is ahead of what was measured.
    this.#most = Math.max(1, Math.min(this.rate, this.#searching ? Math.max(soFar, this.rate / 2) : soFar));
    this.#searching = !this.#limited;
    this.#limited = true;
    this.#cutAt = now;
  }

  #measure(): void {
    const ms = this.#now() - this.#windowAt;
    if (ms < MEASURE_MS) return;
    // A window that began before a pause says nothing.
    if (ms < 2 * MEASURE_MS) this.#measured.push((this.#answered * 1000) / ms);
    if (this.#measured.length > MEASURED_MAX) this.#measured.shift();
    this.#answered = 0;
    this.#refused = 0;
    this.#windowAt = this.#now();
  }
}

const SERVERS_MAX = 256;
const paces = new Map<string, Pace>();

/** The pace of a server, by its address; of those that were not asked for long, nothing is remembered. */
export function paceOf({ origin }: URL): Pace {
  const pace = paces.get(origin) ?? new Pace();
  paces.delete(origin);
  paces.set(origin, pace);
  const [oldest] = paces.keys();
  if (oldest !== undefined && paces.size > SERVERS_MAX) paces.delete(oldest);
  return pace;
}

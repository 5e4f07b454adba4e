/**
 * How many jobs of one group (one provider, account and region) may run at once. Halved when the provider says that
 * it is too much, raised by one after as many jobs as the limit is high went well: additive increase, multiplicative
 * decrease (RFC 5681, section 3.1, has the argument why that is fair and stable).
 */
export class AdaptiveLimit {
  readonly #max: number;
  #limit: number;
  #went = 0;
  /** Jobs that had started before the last cut say nothing about the limit since. */
  #generation = 0;

  constructor(max: number) {
    this.#max = max;
    this.#limit = max;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** A mark to hand back when the job ends. */
  get generation(): number {
    return this.#generation;
  }

  throttled(generation: number): void {
    if (generation !== this.#generation) return;
    this.#generation++;
    this.#went = 0;
    this.#limit = Math.max(1, this.#limit / 2);
  }

  wentWell(generation: number): void {
    if (generation !== this.#generation || this.#limit >= this.#max) return;
    this.#went++;
    if (this.#went < this.limit) return;
    this.#went = 0;
    this.#limit = Math.min(this.#max, this.limit + 1);
  }
}

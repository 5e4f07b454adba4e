/**
 * Gathers what comes while something is being written, and writes that together: alone when there is little to do,
 * in larger and larger pieces when there is much.
 */
export class Batch<T> {
  readonly #write: (items: readonly T[]) => Promise<void>;
  readonly #max: number;
  #waiting: { readonly item: T; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  #writing = false;

  constructor(max: number, write: (items: readonly T[]) => Promise<void>) {
    this.#max = max;
    this.#write = write;
  }

  /** Resolves once it is written. A write that rejects, rejects all that were in it. */
  add(item: T): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ item, done, failed });
      if (!this.#writing) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#writing = true;
    // What ends in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, this.#max);
      try {
        await this.#write(some.map(({ item }) => item));
        for (const { done } of some) done();
      } catch (error) {
        for (const { failed } of some) failed(error);
      }
    }
    this.#writing = false;
  }
}

/** Where a job belongs: what limits it, and what it has to share its turn with. */
export interface Place {
  /** Provider, account and region: what the provider's limits are for. */
  readonly group: string;
  readonly family: string;
}

/** Jobs waiting for their turn. Groups take turns, and within a group families do, so that none waits for a large one. */
export class Waiting<T> {
  /** In the order of their turns: a group or family that was served goes to the end. */
  readonly #groups = new Map<string, Map<string, T[]>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add({ group, family }: Place, job: T): void {
    const families = this.#groups.get(group) ?? new Map<string, T[]>();
    const jobs = families.get(family) ?? [];
    jobs.push(job);
    families.set(family, jobs);
    this.#groups.set(group, families);
    this.#size++;
  }

  /** The next job of a group for which `mayStart` holds. */
  take(mayStart: (group: string) => boolean): { readonly group: string; readonly job: T } | undefined {
    for (const [group, families] of this.#groups) {
      if (!mayStart(group)) continue;
      this.#groups.delete(group);
      const job = takeOf(families);
      if (families.size > 0) this.#groups.set(group, families);
      if (job === undefined) continue;
      this.#size--;
      return { group, job };
    }
    return undefined;
  }
}

function takeOf<T>(families: Map<string, T[]>): T | undefined {
  for (const [family, jobs] of families) {
    families.delete(family);
    const job = jobs.shift();
    if (jobs.length > 0) families.set(family, jobs);
    return job;
  }
  return undefined;
}

import type { LeaseRecord } from "./record.ts";

/** How one provider removes what it made: at the end of every scan, and in `sweep`. */
export interface Remover {
  readonly provider: string;
  /**
   * Resolves once the resource is gone, also when it was gone already or never came to be: without a `resource` it
   * is looked for by name and tags. Waits for what stands in the way (an instance that still uses a disk), retries
   * what is transient, and rejects with a reason for people when it cannot be removed. Does not look at aborts.
   */
  remove(record: LeaseRecord): Promise<void>;
  /**
   * Everything that carries our tags where the user may look; `where` narrows it (regions, groups, projects).
   * `account`: the profile to ask as, for places that name none. What can be seen is told first; then rejects with
   * `access` when some of it cannot be.
   */
  tagged(where: readonly string[], account?: string): AsyncIterable<LeaseRecord>;
}

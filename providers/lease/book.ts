import { randomUUID } from "node:crypto";
import { Journal } from "./journal.ts";
import type { Intent, Keeper, LeaseRecord } from "./record.ts";

/** A resource that could not be removed. */
export interface Left {
  readonly record: LeaseRecord;
  readonly reason: string;
}

/** What a run made and has not removed yet, on paper. Nothing is written until something is about to be made. */
export class LeaseBook {
  readonly run: string;
  readonly #journal: Journal;
  readonly #now: () => Date;
  readonly #open = new Set<string>();
  readonly #left: Left[] = [];

  constructor(folder: string, keeper: Keeper, now: () => Date) {
    this.run = keeper.run;
    this.#journal = new Journal(folder, keeper);
    this.#now = now;
  }

  get left(): readonly Left[] {
    return this.#left;
  }

  /** Writes down what is about to be made; resolves once that is on the disk. */
  async intend(intent: Intent): Promise<LeaseRecord> {
    const { provider, kind, scope, owner, name } = intent;
    const at = this.#now().toISOString();
    const whose = owner === undefined ? {} : { owner };
    const lease = randomUUID();
    const record: LeaseRecord = { lease, run: this.run, provider, kind, scope, ...whose, name, at };
    this.#open.add(record.lease);
    await this.#journal.write({ op: "intend", ...record, scope: { ...scope } });
    return record;
  }

  created({ lease }: LeaseRecord, resource: string): Promise<void> {
    return this.#journal.write({ op: "created", lease, resource });
  }

  async removed({ lease }: LeaseRecord): Promise<void> {
    await this.#journal.write({ op: "removed", lease });
    this.#open.delete(lease);
  }

  leave(record: LeaseRecord, reason: string): void {
    this.#left.push({ record, reason });
  }

  /** Call once the run is over. The journal stays when something is left. */
  close(): Promise<void> {
    return this.#journal.close({ keep: this.#open.size > 0 });
  }
}

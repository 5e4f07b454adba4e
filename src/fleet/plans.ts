import type { PgBoss } from "pg-boss";
import { ScanError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { policyKey } from "../scan/policy-key.ts";
import { type EnumerateJob, parseEnumerateJob } from "./jobs.ts";
import { ENUMERATE } from "./queues.ts";

/** Runs at a time whose plans are kept in memory. */
const KEPT_MAX = 64;

/** What runs are judged by. A plan stands once, in the job that lists a target; the jobs of its images name that. */
export class Plans {
  readonly #boss: PgBoss;
  readonly #ledger: Ledger;
  readonly #known = new Map<string, Promise<EnumerateJob & { readonly policyDigest: string }>>();

  constructor(boss: PgBoss, ledger: Ledger) {
    this.#boss = boss;
    this.#ledger = ledger;
  }

  /** @throws usage when the plan is gone, or is not what the run was started with */
  of(source: string): Promise<EnumerateJob & { readonly policyDigest: string }> {
    const known = this.#known.get(source);
    if (known) return known;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= KEPT_MAX) this.#known.delete(oldest);
    const found = this.#find(source);
    this.#known.set(source, found);
    // A database that was away must not be remembered.
    found.catch(() => this.#known.delete(source));
    return found;
  }

  async #find(source: string): Promise<EnumerateJob & { readonly policyDigest: string }> {
    const [job] = await this.#boss.findJobs<unknown>(ENUMERATE, { id: source });
    if (!job) throw new ScanError("usage", "the plan of this run is gone from the queue: enqueue it again");
    return this.check(parseEnumerateJob(job.data));
  }

  /** Whether a job's policy is the one that its run says it has: what was tampered with judges nothing. */
  async check(job: EnumerateJob): Promise<EnumerateJob & { readonly policyDigest: string }> {
    const run = await this.#ledger.run(job.run);
    const { digest } = policyKey(job.plan.policy);
    if (!run) throw new ScanError("usage", `the ledger has no run ${job.run}`);
    if (run.policyDigest !== digest)
      throw new ScanError("usage", `the policy of run ${job.run} is another than the ledger says`);
    return { ...job, policyDigest: digest };
  }
}

import type { PgBoss } from "pg-boss";
import type { Ledger } from "../ledger/ledger.ts";
import type { Decisions } from "../scan/conclude.ts";
import type { Log } from "./log.ts";
import type { Plans } from "./plans.ts";
import type { Sources } from "./sources.ts";
import type { Telemetry } from "./telemetry.ts";

/** What the handlers of a worker share. */
export interface WorkerContext {
  readonly ledger: Ledger;
  readonly boss: PgBoss;
  readonly plans: Plans;
  readonly sources: Sources;
  /** `sixray 0.1.0+4f2a9c31` */
  readonly engine: string;
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** The day in UTC: what waivers and reviews are held against. */
  today(): string;
}

/** What people decided for the images of a run. */
export function decisionsOf(
  {
    policy,
    reviews,
  }: {
    readonly policy?: { readonly waivers?: Decisions["waivers"] };
    readonly reviews?: Decisions["reviews"];
  },
  today: string,
): Decisions {
  return { waivers: policy?.waivers, reviews, today };
}

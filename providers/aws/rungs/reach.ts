import { setTimeout as sleep } from "node:timers/promises";
import type { Access } from "../../../src/model/report.ts";
import type { OpenImage } from "../../contract.ts";
import type { Refusal } from "../../ladder.ts";
import type { LeaseBook } from "../../lease/book.ts";
import { Holdings } from "../../lease/holdings.ts";
import type { Remover } from "../../lease/remover.ts";
import { type Account, CallFailed } from "../api/account.ts";
import type { Meter } from "../api/meter.ts";
import { openSnapshot } from "../ebs/snapshot-source.ts";
import type { Ami } from "../images.ts";
import type { Sight } from "../snapshots.ts";

/** An image whose disk is wanted, and what was found out about it on the way. */
export interface Subject {
  /** Undefined for a snapshot that was named itself. */
  readonly ami: Ami | undefined;
  /** Snapshot of the boot disk, where there is one. */
  readonly snapshot: string | undefined;
  /** What DescribeSnapshots shows of it, once that was asked. */
  sight?: Sight;
}

/** What every rung works with. */
export interface Reach {
  /** Where the image is. */
  readonly account: Account;
  /** Where copies are made. */
  readonly copyTo: Account;
  readonly label: string;
  readonly meter: Meter;
  readonly signal: AbortSignal | undefined;
  readonly book: LeaseBook | undefined;
  readonly remover: Remover;
  readonly tell: (what: string | undefined) => void;
}

/** What keeps one rung from working; caught by `attempt`. */
export class Refused extends Error {
  readonly final: boolean;

  constructor(message: string, options: { readonly final?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.final = options.final ?? false;
  }
}

/**
 * Runs a rung that makes things: whatever it made is removed when it does not end with an open image, and when that
 * is closed. What AWS refuses is the rung's refusal.
 */
export async function attempt(
  reach: Reach,
  work: (holdings: Holdings) => Promise<OpenImage>,
): Promise<OpenImage | Refusal> {
  if (!reach.book) return { refused: "there is no journal to write down what would be made" };
  const holdings = new Holdings(reach.book, reach.remover);
  try {
    const opened = await work(holdings);
    return {
      ...opened,
      close: async () => {
        await opened.close();
        await holdings.release();
      },
    };
  } catch (error) {
    if (holdings.created.length > 0) reach.tell("removing what was made");
    else if (!holdings.isEmpty) reach.tell("making sure that nothing was made");
    await holdings.release();
    if (error instanceof Refused) return { refused: error.message, ...(error.final ? { final: true } : {}) };
    if (error instanceof CallFailed) return { refused: error.message };
    throw error;
  } finally {
    reach.tell(undefined);
  }
}

/** The disk of a snapshot that may be read in place. Rejects with CallFailed. */
export async function openDirect(
  reach: Reach,
  account: Account,
  snapshot: string,
  how: {
    readonly access: () => Omit<Access, "costUsd" | "checksums">;
    readonly volumeGib?: number | undefined;
    readonly notes?: readonly string[];
  },
): Promise<OpenImage> {
  const { label, meter, signal } = reach;
  const source = await openSnapshot({ account, snapshot, label, meter, signal }, how.volumeGib);
  return {
    target: {
      kind: "disk",
      source,
      // A block costs the same however little of it is wanted.
      reading: { blockBytes: 512 << 10, gapMaxBytes: 0 },
      ...(how.notes === undefined ? {} : { notes: how.notes }),
    },
    requests: () => meter.requests,
    access: () => ({ ...how.access(), costUsd: meter.costUsd, checksums: source.checksums() }),
    close: async () => undefined,
  };
}

/** Looks again and again until it is done; the pauses grow. Rejects with Refused when the deadline is over. */
export async function waitFor<T>(
  reach: Reach,
  what: string,
  look: () => Promise<{ readonly done: T } | { readonly progress: string }>,
): Promise<T> {
  const { pollMs, deadlineMs } = reach.account.settings;
  const started = performance.now();
  for (let pauseMs = pollMs; ; pauseMs = Math.min(pauseMs * 1.25, pollMs * 5)) {
    const seen = await look();
    if ("done" in seen) return seen.done;
    const waitedMs = performance.now() - started;
    if (waitedMs > deadlineMs)
      throw new Refused(`${what} took longer than ${Math.round(deadlineMs / 60_000)} minutes`);
    reach.tell(`${what}: ${seen.progress}, ${Math.round(waitedMs / 1000)} s`);
    await sleep(pauseMs, undefined, reach.signal ? { signal: reach.signal } : {});
  }
}

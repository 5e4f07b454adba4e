import { errorLine, ScanError } from "../../src/errors.ts";
import { throwTogether } from "../together.ts";
import { cutTorn, type FoundJournal, findJournals, forget, markRemoved } from "./journal.ts";
import { type Keeper, type LeaseRecord, nameOf } from "./record.ts";
import type { Remover } from "./remover.ts";

export interface SweepOptions {
  /** Where the journals are. */
  readonly folder: string;
  /** Loads the remover of a provider; undefined for one that makes nothing. */
  readonly removerOf: (provider: string) => Promise<Remover | undefined>;
  /**
   * Whether the run that keeps a journal is still at work: what it made is its own. Undefined where that cannot be
   * told: then it is until everything it holds is older than `olderThanMs`.
   */
  readonly isAlive: (keeper: Keeper) => boolean | undefined;
  /** Look by tag, too: at these providers and places. */
  readonly tagged?: readonly { readonly provider: string; readonly where: readonly string[] }[];
  /** Ask as this profile, where the places name none. */
  readonly account?: string | undefined;
  /** What only age tells of (found by tag alone, kept on another host) goes when it is older than this. */
  readonly olderThanMs: number;
  readonly now: Date;
  /** Tell, do not remove. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What became of one resource. */
export interface Swept {
  readonly record: LeaseRecord;
  readonly outcome: "removed" | "would remove" | "in use" | "too young" | "failed";
  readonly reason?: string;
}

/**
 * Removes what killed runs left, first by their journals, then by tag and age. Yields each as it goes. Rejects once
 * everything else is done: with `usage` for a journal that cannot be used, and as a cloud does that cannot be looked at.
 */
export async function* sweep(options: SweepOptions): AsyncGenerator<Swept> {
  const seen = new Set<string>();
  const { journals, damaged } = await findJournals(options.folder);
  for (const journal of journals) yield* sweepJournal(journal, seen, options);
  const failed = [...damaged];
  for (const place of options.tagged ?? []) {
    try {
      yield* sweepTagged(place, seen, options);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      failed.push(error);
    }
  }
  throwTogether(failed);
}

async function* sweepTagged(
  { provider, where }: NonNullable<SweepOptions["tagged"]>[number],
  seen: Set<string>,
  options: SweepOptions,
): AsyncGenerator<Swept> {
  const remover = await options.removerOf(provider);
  if (!remover) return;
  for await (const record of remover.tagged(where, options.account)) {
    options.signal?.throwIfAborted();
    if (seen.has(record.lease)) continue;
    seen.add(record.lease);
    // A resource whose tag does not tell its age was not made by us as it is now: leave it to people.
    if (!isOld(record, options)) yield { record, outcome: "too young" };
    else yield await removeOne(record, remover, options);
  }
}

function isOld({ at }: LeaseRecord, { now, olderThanMs }: SweepOptions): boolean {
  return now.getTime() - Date.parse(at) >= olderThanMs;
}

async function* sweepJournal(
  journal: FoundJournal,
  seen: Set<string>,
  options: SweepOptions,
): AsyncGenerator<Swept> {
  const { keeper, leases } = journal;
  const alive = keeper !== undefined && options.isAlive(keeper);
  const inUse = alive ?? !(leases.length > 0 && leases.every((record) => isOld(record, options)));
  if (!inUse && !options.dryRun) await cutTorn(journal);
  let left = 0;
  // The last made goes first: an instance before the disk it uses.
  for (const record of leases.toReversed()) {
    options.signal?.throwIfAborted();
    seen.add(record.lease);
    if (inUse) {
      const where = alive === undefined ? ` on ${keeper?.host}, for all that can be told from here` : "";
      yield { record, outcome: "in use", reason: `by process ${keeper?.pid}${where}` };
      continue;
    }
    const swept = await removeAtProvider(record, options);
    if (swept.outcome === "removed") await markRemoved(journal, record.lease);
    else left++;
    yield swept;
  }
  if (!inUse && left === 0 && !options.dryRun) await forget(journal);
}

/** A cloud that cannot be reached at all, such as for want of credentials, keeps no other from being swept. */
async function removeAtProvider(record: LeaseRecord, options: SweepOptions): Promise<Swept> {
  try {
    const remover = await options.removerOf(record.provider);
    if (remover) return await removeOne(record, remover, options);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    return { record, outcome: "failed", reason: `${nameOf(record)}: ${error.line}` };
  }
  return { record, outcome: "failed", reason: `no provider ${record.provider} here` };
}

async function removeOne(record: LeaseRecord, remover: Remover, options: SweepOptions): Promise<Swept> {
  if (options.dryRun) return { record, outcome: "would remove" };
  try {
    await remover.remove(record);
    return { record, outcome: "removed" };
  } catch (error) {
    return { record, outcome: "failed", reason: `${nameOf(record)}: ${errorLine(error)}` };
  }
}

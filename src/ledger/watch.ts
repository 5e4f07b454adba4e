import { setTimeout as sleep } from "node:timers/promises";
import type { ImageRef } from "../model/image.ts";
import type { ScanResult, Verdict } from "../model/report.ts";
import { type Decisions, decided } from "../scan/conclude.ts";
import { type Listed, type ScanAllOptions, scanAsTheyCome } from "../scan/scan-all.ts";
import { imageKey } from "./content.ts";
import { because, type Change, changesBetween } from "./drift.ts";
import { entryOf, knownEntry, knownScans, type Marked, mark } from "./entries.ts";
import type { Entry, KnownScan, Ledger, ScanKey, Totals, Version } from "./ledger.ts";

export interface WatchOptions extends Omit<ScanAllOptions, "reviews" | "today"> {
  readonly run: { readonly id: string } & ScanKey;
  readonly decisions: Decisions;
  /** Scan again what is known, too. */
  readonly rescan?: boolean;
  /** Told of every image as it ends. */
  readonly onEntry?: (entry: Entry) => void;
}

export interface Drift {
  readonly image: ImageRef;
  readonly before: ImageRef;
  readonly changes: readonly Change[];
  readonly because: string;
  /** The version before was judged by another policy or engine, which may be why. */
  readonly otherKey: boolean;
}

export interface Watched {
  readonly enumerated: number;
  readonly totals: Omit<Totals, "enumerated">;
  readonly drift: readonly Drift[];
  /** Images that were scanned now and have no earlier version here. */
  readonly firsts: number;
  /** Images that no run that came to its end had seen, with an earlier version or without. */
  readonly fresh: number;
  readonly verdicts: ReadonlyMap<Verdict, number>;
  /** What does not pass, for people: the worst first, at most 1,000. */
  readonly open: readonly Open[];
  /** How many there are. */
  readonly openTotal: number;
}

type Open = Pick<Entry, "image" | "verdict" | "reason" | "outcome">;

interface Fresh {
  readonly image: ImageRef;
  readonly content: string;
}

/** Images looked up at a time. */
const BATCH = 200;
const MARKS_AT_ONCE = 16;
const OPEN_MAX = 1000;
/** From the worst. */
const OPEN_VERDICTS: readonly Verdict[] = ["flagged", "unreadable", "review"];
const VERSIONS_MAX = 500;

/** Scans what the ledger does not know, records every image once, and compares what is new with what was before. */
export async function watch(
  ledger: Ledger,
  sources: readonly AsyncIterable<Listed>[],
  options: WatchOptions,
): Promise<Watched> {
  const one = new Watch(ledger, options);
  await one.scan(sources);
  const drift = await one.drift();
  return { ...one.told(), totals: await ledger.totals(options.run.id), drift };
}

class Watch {
  readonly #ledger: Ledger;
  readonly #options: WatchOptions;
  /** Contents of images that are being scanned. */
  readonly #marks = new Map<string, string | undefined>();
  /** Recorded now, or by a run that did not live to tell of it; or back after something else lay there. */
  readonly #fresh: Fresh[] = [];
  readonly #verdicts = new Map<Verdict, number>();
  readonly #open = new Map<Verdict, Open[]>(OPEN_VERDICTS.map((verdict) => [verdict, []]));
  #enumerated = 0;
  #firsts = 0;
  #new = 0;

  constructor(ledger: Ledger, options: WatchOptions) {
    this.#ledger = ledger;
    this.#options = options;
  }

  told(): Omit<Watched, "totals" | "drift"> {
    return {
      enumerated: this.#enumerated,
      firsts: this.#firsts,
      fresh: this.#new,
      verdicts: this.#verdicts,
      open: [...this.#open.values()].flat().slice(0, OPEN_MAX),
      openTotal: OPEN_VERDICTS.reduce((sum, verdict) => sum + (this.#verdicts.get(verdict) ?? 0), 0),
    };
  }

  async scan(sources: readonly AsyncIterable<Listed>[]): Promise<void> {
    const unknown = sources.map((source) => this.#unknownOf(source));
    for await (const { result } of scanAsTheyCome(unknown, this.#options)) await this.#keep(result);
  }

  /** What is left of a source to scan; the rest is recorded on the way. */
  async *#unknownOf(source: AsyncIterable<Listed>): AsyncGenerator<Listed> {
    let batch: Listed[] = [];
    for await (const listed of source) {
      this.#enumerated++;
      batch.push(listed);
      if (batch.length < BATCH) continue;
      yield* await this.#sort(batch);
      batch = [];
    }
    yield* await this.#sort(batch);
  }

  async #sort(batch: readonly Listed[]): Promise<readonly Listed[]> {
    const { run, rescan, signal, decisions } = this.#options;
    const marked: Marked[] = [];
    for (let at = 0; at < batch.length; at += MARKS_AT_ONCE) {
      signal?.throwIfAborted();
      marked.push(...(await Promise.all(batch.slice(at, at + MARKS_AT_ONCE).map(mark))));
    }
    const contents = marked.flatMap(({ content }) => content ?? []);
    const known = rescan ? new Map<string, KnownScan>() : await knownScans(this.#ledger, contents, run);
    const entries: Entry[] = [];
    const left: Listed[] = [];
    for (const { listed, content, failure } of marked) {
      const { image } = listed;
      const scan = content === undefined ? undefined : known.get(content);
      if (failure !== undefined)
        entries.push({ image, outcome: "failed", verdict: "unreadable", reason: failure });
      else if (scan) entries.push(await knownEntry(this.#ledger, run, image, scan, decisions));
      else {
        this.#marks.set(imageKey(image), content);
        left.push(listed);
      }
    }
    await this.#record(entries);
    const again = entries.flatMap(({ image, outcome, content }) =>
      outcome === "known" && content !== undefined ? { image, content } : [],
    );
    this.#fresh.push(...(await this.#changed(again)).changed);
    return left;
  }

  /** What no run that came to its end saw, and what came back in the place of something else that had replaced it. */
  async #changed(all: readonly Fresh[]): Promise<{
    readonly changed: readonly Fresh[];
    readonly unseen: number;
    /** What lay there before, by image. */
    readonly last: ReadonlyMap<string, string>;
  }> {
    const told = await this.#ledger.told(all.map(({ content }) => content));
    const last = await this.#ledger.lastContents(all.map(({ image }) => image));
    const isBack = ({ image, content }: Fresh): boolean => (last.get(imageKey(image)) ?? content) !== content;
    return {
      changed: all.filter((one) => !told.has(one.content) || isBack(one)),
      unseen: all.filter(({ content }) => !told.has(content)).length,
      last,
    };
  }

  async #keep(result: ScanResult): Promise<void> {
    const { os: _, ...image } = result.image;
    const key = imageKey(image);
    const mark = this.#marks.get(key);
    this.#marks.delete(key);
    const entry = await entryOf(result, mark, this.#options.decisions);
    await this.#record([entry]);
    if (entry.outcome === "scanned") this.#fresh.push({ image, content: entry.content });
  }

  async #record(entries: readonly Entry[]): Promise<void> {
    await this.#ledger.record(this.#options.run, entries);
    for (const entry of entries) {
      const { image, verdict, reason, outcome } = entry;
      this.#verdicts.set(verdict, (this.#verdicts.get(verdict) ?? 0) + 1);
      const open = this.#open.get(verdict);
      if (open && open.length < OPEN_MAX) open.push({ image, verdict, reason, outcome });
      this.#options.onEntry?.(entry);
    }
    // Between batches of known images: let timers and signals in.
    if (entries.length > 1) await sleep(0);
  }

  /** What is new, against what was there before; a family at a time. */
  async drift(): Promise<readonly Drift[]> {
    const found: Drift[] = [];
    // A version that was there before is not new because it was looked at again.
    const { changed, unseen, last } = await this.#changed(this.#fresh);
    this.#new = unseen;
    const families = Map.groupBy(changed, ({ image: { provider, family, arch } }) =>
      JSON.stringify([provider, family, arch]),
    );
    for (const some of families.values()) {
      const versions = await this.#candidates(some);
      for (const { image, content } of some) {
        const version = versions.find((one) => one.content === content);
        const before = version && predecessorOf(version, versions, last.get(imageKey(image)));
        if (!before) {
          this.#firsts++;
          continue;
        }
        const drift = await this.#compare(before, version);
        if (drift) found.push(drift);
      }
    }
    return found.toSorted((a, b) =>
      a.image.family < b.image.family ? -1 : a.image.family > b.image.family ? 1 : 0,
    );
  }

  /** The scanned versions of a family that were told of, in an earlier run or by this one; newest first. */
  async #candidates(fresh: readonly Fresh[]): Promise<readonly Version[]> {
    const [first] = fresh;
    if (!first) return [];
    const { provider, family, arch = "" } = first.image;
    const versions = await this.#ledger.history(family, VERSIONS_MAX, { provider, arch });
    const told = await this.#ledger.told(versions.map(({ content }) => content));
    const here = new Set(fresh.map(({ content }) => content));
    return versions.filter(
      ({ content, scan }) => scan !== undefined && (told.has(content) || here.has(content)),
    );
  }

  async #compare(before: Version, { content, image }: Version): Promise<Drift | undefined> {
    const { run, decisions } = this.#options;
    const fresh = await this.#ledger.result(content, run);
    const same = await this.#ledger.result(before.content, run);
    const raw = same ?? (before.scan && (await this.#ledger.result(before.content, before.scan)));
    if (!raw || !fresh) return undefined;
    const [old, now] = await Promise.all([decided(raw, decisions), decided(fresh, decisions)]);
    const changes = changesBetween(old, now);
    if (changes.length === 0) return undefined;
    return { image, before: before.image, changes, because: because(old, now), otherKey: same === undefined };
  }
}

/**
 * The version before: what lay under the same id (`last`), whatever date the new one bears (a file that was put in its
 * place may be older); else the next older one of the family. `versions` come newest first.
 */
function predecessorOf(
  version: Version,
  versions: readonly Version[],
  last: string | undefined,
): Version | undefined {
  return versions.find(({ content }) => content === last) ?? versions[versions.indexOf(version) + 1];
}

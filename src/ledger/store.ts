import { type Kysely, sql } from "kysely";
import { ScanError } from "../errors.ts";
import type { ImageRef } from "../model/image.ts";
import type { ScanResult } from "../model/report.ts";
import { imageKey } from "./content.ts";
import { salvageHint } from "./hints.ts";
import type {
  Entry,
  FamilyScope,
  Imported,
  KnownScan,
  Ledger,
  NewRun,
  Run,
  RunImage,
  ScanKey,
  Standing,
  Totals,
  Version,
} from "./ledger.ts";
import { patiently } from "./retry.ts";
import {
  imageOf,
  imageRow,
  knownOf,
  resultOf,
  runImageRow,
  scanRow,
  versionRow,
  waiverRows,
} from "./rows.ts";
import {
  expectImages,
  forgetFailure,
  lastContentsIn,
  pagedImages,
  runImagesPage,
  standingOf,
  toldIn,
} from "./run-images.ts";
import { endRun, findRun, insertRun, newestRuns, totalsOf, unfinishedOf } from "./runs.ts";
import type { Tables } from "./tables.ts";
import { storable } from "./text.ts";
import { exportRows, importRows } from "./transfer.ts";

/** Rows in one statement: a page of results is a few megabytes. */
const PAGE = 200;
const KEYS_MAX = 1000;

export interface StoreOptions {
  readonly where: string;
  readonly patienceMs?: number | undefined;
  /** After the connections are closed. */
  readonly onClose?: () => Promise<void>;
}

/** The ledger over any Postgres. One that goes away for a while is waited for. */
export class Store implements Ledger {
  readonly where: string;
  readonly #db: Kysely<Tables>;
  readonly #options: StoreOptions;

  constructor(db: Kysely<Tables>, options: StoreOptions) {
    this.#db = db;
    this.#options = options;
    this.where = options.where;
  }

  startRun(run: NewRun): Promise<void> {
    return this.#patiently(() => insertRun(this.#db, run));
  }

  reopenRun(id: string): Promise<void> {
    return this.#patiently(() => endRun(this.#db, id, undefined));
  }

  async known(contents: readonly string[], key: ScanKey): Promise<ReadonlyMap<string, KnownScan>> {
    const found = new Map<string, KnownScan>();
    for (const some of pages(contents, KEYS_MAX)) {
      const rows = await this.#patiently(() =>
        this.#db
          .selectFrom("scans")
          .select(["content", "verdict", "state", "os", "reason", "evidence", "again"])
          .where("content", "in", some)
          .where("policy_digest", "=", key.policyDigest)
          .where("engine", "=", key.engine)
          .execute(),
      );
      for (const row of rows) found.set(row.content, knownOf(row));
    }
    return found;
  }

  async told(contents: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const some of pages(contents, KEYS_MAX))
      for (const { content } of await this.#patiently(() => toldIn(this.#db, some))) found.add(content);
    return found;
  }

  async lastContents(
    images: readonly Pick<ImageRef, "provider" | "id">[],
  ): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const some of pages([...new Set(images.map(imageKey))], KEYS_MAX))
      for (const { image, content } of await this.#patiently(() => lastContentsIn(this.#db, some)))
        found.set(image, content);
    return found;
  }

  async record(run: { readonly id: string } & ScanKey, entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return;
    const now = new Date().toISOString();
    // The same order everywhere: two writers that meet wait for each other instead of standing in each other's way.
    const images = ordered(
      entries.map((entry) => imageRow(entry, now)),
      ({ image }) => image,
    );
    const scanned = entries.filter((entry) => entry.outcome === "scanned");
    const versions = ordered(
      scanned.map(({ image, content }) => versionRow(image, content, now)),
      ({ content }) => content,
    );
    const scans = ordered(
      scanned.map((entry) => scanRow(entry, run, now)),
      ({ content }) => content,
    );
    const ends = ordered(
      entries.map((entry) => runImageRow(entry, run.id)),
      ({ image }) => image,
    );
    const waivers = ordered(
      entries.flatMap((entry) => waiverRows(entry, run.id)),
      ({ content, rule, waiver }) => `${content} ${rule} ${waiver}`,
    );
    await this.#patiently(() =>
      this.#db.transaction().execute(async (db) => {
        for (const some of pages(images, PAGE))
          await db
            .insertInto("images")
            .values(some)
            .onConflict((conflict) =>
              conflict.column("image").doUpdateSet((row) => ({
                last_seen: row.ref("excluded.last_seen"),
                family: row.ref("excluded.family"),
              })),
            )
            .execute();
        for (const some of pages(versions, PAGE))
          await db
            .insertInto("versions")
            .values(some)
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        for (const some of pages(scans, PAGE))
          await db
            .insertInto("scans")
            .values(some)
            .onConflict((conflict) =>
              conflict.columns(["content", "policy_digest", "engine"]).doUpdateSet((row) => ({
                verdict: row.ref("excluded.verdict"),
                state: row.ref("excluded.state"),
                os: row.ref("excluded.os"),
                reason: row.ref("excluded.reason"),
                evidence: row.ref("excluded.evidence"),
                result: row.ref("excluded.result"),
                bytes: row.ref("excluded.bytes"),
                run: row.ref("excluded.run"),
                at: row.ref("excluded.at"),
                again: row.ref("excluded.again"),
              })),
            )
            .execute();
        for (const some of pages(ends, PAGE))
          await db
            .insertInto("run_images")
            .values(some)
            // Told twice is counted once; only a failure gives way to a later try.
            .onConflict((conflict) =>
              conflict
                .columns(["run", "image"])
                .doUpdateSet((row) => ({
                  content: row.ref("excluded.content"),
                  outcome: row.ref("excluded.outcome"),
                  verdict: row.ref("excluded.verdict"),
                  reason: row.ref("excluded.reason"),
                  evidence: row.ref("excluded.evidence"),
                }))
                .where("run_images.outcome", "=", "failed"),
            )
            .execute();
        for (const some of pages(waivers, PAGE))
          await db
            .insertInto("waivers_used")
            .values(some)
            .onConflict((conflict) => conflict.doNothing())
            .execute();
      }),
    );
  }

  forget(run: string, image: ImageRef): Promise<void> {
    return this.#patiently(() => forgetFailure(this.#db, run, image));
  }

  async expect(run: string, images: readonly ImageRef[]): Promise<void> {
    if (images.length > 0) await this.#patiently(() => expectImages(this.#db, run, images));
  }

  standing(id: string): Promise<Standing> {
    return this.#patiently(() => standingOf(this.#db, id));
  }

  async finishRun(
    id: string,
    end: { readonly enumerated: number; readonly exitCode: number },
  ): Promise<Totals> {
    const totals = { ...(await this.totals(id)), enumerated: end.enumerated };
    await this.#patiently(() => endRun(this.#db, id, { ...totals, exitCode: end.exitCode }));
    return totals;
  }

  totals(id: string): Promise<Omit<Totals, "enumerated">> {
    return this.#patiently(() => totalsOf(this.#db, id));
  }

  runs(limit: number): Promise<readonly Run[]> {
    return this.#patiently(() => newestRuns(this.#db, limit));
  }

  run(id: string): Promise<Run | undefined> {
    return this.#patiently(() => findRun(this.#db, id));
  }

  unfinished(ids: readonly string[]): Promise<readonly string[]> {
    return this.#patiently(() => unfinishedOf(this.#db, ids));
  }

  imagesOf(run: string): AsyncIterable<RunImage> {
    return pagedImages((after) => this.#patiently(() => runImagesPage(this.#db, run, after)));
  }

  async result(content: string, key: ScanKey): Promise<ScanResult | undefined> {
    const row = await this.#patiently(() =>
      this.#db
        .selectFrom("scans")
        .select("result")
        .where("content", "=", content)
        .where("policy_digest", "=", key.policyDigest)
        .where("engine", "=", key.engine)
        .executeTakeFirst(),
    );
    return row && resultOf(row.result);
  }

  async history(family: string, limit: number, within?: FamilyScope): Promise<readonly Version[]> {
    const versions = await this.#patiently(() => {
      const all = this.#db
        .selectFrom("versions")
        .select(["content", "ref", "first_seen"])
        .where("family", "=", storable(family));
      const some = within
        ? all.where("provider", "=", within.provider).where("arch", "=", storable(within.arch))
        : all;
      // The day the provider names, else the day it was first seen.
      const day = sql`case when date <> '' then date else to_char(first_seen at time zone 'UTC', 'YYYY-MM-DD') end`;
      return some
        .orderBy(sql`${day} collate "C"`, "desc")
        .orderBy("first_seen", "desc")
        .orderBy(sql`name collate "C"`, "desc")
        .orderBy("content")
        .limit(limit)
        .execute();
    });
    const last = await this.#lastScans(versions.map(({ content }) => content));
    return versions.flatMap(({ content, ref, first_seen: firstSeen }) => {
      const image = imageOf(ref);
      const scan = last.get(content);
      return image ? [{ content, image, firstSeen, ...(scan ? { scan } : {}) }] : [];
    });
  }

  async #lastScans(contents: readonly string[]): Promise<Map<string, NonNullable<Version["scan"]>>> {
    const last = new Map<string, NonNullable<Version["scan"]>>();
    for (const some of pages(contents, KEYS_MAX)) {
      const rows = await this.#patiently(() =>
        this.#db
          .selectFrom("scans")
          .distinctOn("content")
          .select([
            "content",
            "verdict",
            "state",
            "os",
            "reason",
            "evidence",
            "again",
            "policy_digest",
            "engine",
            "at",
          ])
          .where("content", "in", some)
          .orderBy("content")
          .orderBy("at", "desc")
          .execute(),
      );
      for (const row of rows) {
        const { policy_digest: policyDigest, engine, at } = row;
        last.set(row.content, { ...knownOf(row), policyDigest, engine, at });
      }
    }
    return last;
  }

  async families(): Promise<
    readonly { readonly provider: string; readonly family: string; readonly versions: number }[]
  > {
    const rows = await this.#patiently(() =>
      this.#db
        .selectFrom("versions")
        .select(({ fn }) => ["provider", "family", fn.countAll().as("count")])
        .groupBy(["provider", "family"])
        .orderBy(sql`family collate "C"`)
        .orderBy("provider")
        .execute(),
    );
    return rows.map(({ provider, family, count }) => ({ provider, family, versions: Number(count) }));
  }

  async *export(): AsyncGenerator<string> {
    try {
      yield* exportRows(this.#db);
    } catch (error) {
      throw damaged(error, this.where);
    }
  }

  import(lines: AsyncIterable<string>): Promise<Imported> {
    return importRows(this.#db, lines);
  }

  async close(): Promise<void> {
    try {
      await this.#db.destroy();
    } finally {
      await this.#options.onClose?.();
    }
  }

  #patiently<T>(work: () => Promise<T>): Promise<T> {
    return patiently(this.where, work, this.#options.patienceMs).catch((error: unknown) => {
      throw damaged(error, this.where);
    });
  }
}

/** SQLSTATE XX001 and XX002: a page or an index that is not what was written. */
function damaged(error: unknown, where: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "XX001" && code !== "XX002") return error;
  const said = error instanceof Error ? error.message : "";
  const hint = where.startsWith("postgres ")
    ? "What a backup lacks is found out again by scanning"
    : `${salvageHint(where)}; to start over, move the folder away: what it knew is found out again by scanning`;
  return new ScanError("corrupt", `the ledger is damaged: ${said}. ${hint}`, { at: [where], cause: error });
}

function* pages<T>(rows: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

/** By key, each once: a statement may not write a row twice. */
function ordered<T>(rows: readonly T[], key: (row: T) => string): readonly T[] {
  return [...new Map(rows.map((row) => [key(row), row])).entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, row]) => row);
}

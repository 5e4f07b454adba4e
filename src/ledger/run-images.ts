import { type Kysely, type Selectable, sql } from "kysely";
import type { ImageRef } from "../model/image.ts";
import { imageKey } from "./content.ts";
import { type Entry, type RunImage, type Standing, WAITING } from "./ledger.ts";
import { SCHEMA } from "./migrate.ts";
import { imageOf, imageRow, resultOf, runImageRow, verdictOf } from "./rows.ts";
import type { ImageTable, RunImageTable, Tables } from "./tables.ts";

/** A page of results is a few megabytes. */
const RUN_IMAGES_PAGE = 200;

type Page = readonly (Pick<
  Selectable<RunImageTable>,
  "image" | "content" | "outcome" | "verdict" | "reason" | "evidence"
> &
  Pick<Selectable<ImageTable>, "provider" | "id" | "family"> & {
    readonly ref: string | null;
    readonly result: string | null;
    /** Evidence of the scan that `result` is of. */
    readonly scanned: string | null;
  })[];

/** The images of a run behind the one with the key `after`, with what was said of them. */
export function runImagesPage(db: Kysely<Tables>, run: string, after: string): Promise<Page> {
  return db
    .selectFrom("run_images")
    .innerJoin("runs", "runs.id", "run_images.run")
    .innerJoin("images", "images.image", "run_images.image")
    .leftJoin("versions", "versions.content", "run_images.content")
    .leftJoin("scans", (join) =>
      join
        .onRef("scans.content", "=", "run_images.content")
        .onRef("scans.policy_digest", "=", "runs.policy_digest")
        .onRef("scans.engine", "=", "runs.engine"),
    )
    .select([
      "run_images.image",
      "run_images.content",
      "run_images.outcome",
      "run_images.verdict",
      "run_images.reason",
      "run_images.evidence",
      "images.provider",
      "images.id",
      "images.family",
      "versions.ref",
      "scans.result",
      "scans.evidence as scanned",
    ])
    .where("run_images.run", "=", run)
    .where("run_images.image", ">", after)
    .orderBy("run_images.image")
    .limit(RUN_IMAGES_PAGE)
    .execute();
}

/** All pages, one at a time: memory does not grow with the run. */
export async function* pagedImages(pageAfter: (after: string) => Promise<Page>): AsyncGenerator<RunImage> {
  for (let after = ""; ; ) {
    const rows = await pageAfter(after);
    for (const row of rows) yield imageOfRow(row);
    const last = rows.at(-1);
    if (!last || rows.length < RUN_IMAGES_PAGE) return;
    after = last.image;
  }
}

function imageOfRow(row: Page[number]): RunImage {
  const { content, outcome, reason, evidence, scanned, provider, id, family } = row;
  const result = row.result === null ? undefined : resultOf(row.result);
  return {
    image: (row.ref === null ? undefined : imageOf(row.ref)) ?? { provider, id, name: id, family },
    content,
    outcome,
    verdict: verdictOf(row.verdict),
    reason,
    ...(result === undefined ? {} : { result }),
    ...(evidence !== "" && scanned !== null && evidence !== scanned ? { isOther: true } : {}),
  };
}

/** See `Ledger.told`. The limit keeps Postgres to a look or two for each content, however many runs it stood in. */
export async function toldIn(
  db: Kysely<Tables>,
  contents: readonly string[],
): Promise<readonly { readonly content: string }[]> {
  const { rows } = await sql<{ content: string }>`
    select wanted.content
    from json_array_elements_text(${JSON.stringify(contents)}::json) as wanted(content)
    cross join lateral (
      select 1 from ${sql.id(SCHEMA, "run_images")} one
      join ${sql.id(SCHEMA, "runs")} run on run.id = one.run
      where one.content = wanted.content and run.finished_at is not null
      limit 1
    ) found`.execute(db);
  return rows;
}

/** See `Ledger.lastContents`. Images that only ever had one content, most of them, cost one look each. */
export async function lastContentsIn(
  db: Kysely<Tables>,
  images: readonly string[],
): Promise<readonly { readonly image: string; readonly content: string }[]> {
  const { rows } = await sql<{ image: string; content: string }>`
    select wanted.image, last.content
    from json_array_elements_text(${JSON.stringify(images)}::json) as wanted(image)
    cross join lateral (
      select one.content from ${sql.id(SCHEMA, "run_images")} one
      join ${sql.id(SCHEMA, "runs")} run on run.id = one.run
      where one.image = wanted.image and one.outcome <> 'failed' and run.finished_at is not null
      order by run.finished_at desc, run.id desc
      limit 1
    ) last
    where exists (
      select 1 from ${sql.id(SCHEMA, "versions")} version where version.image = wanted.image offset 1
    )`.execute(db);
  return rows;
}

/** See `Ledger.expect`. */
export function expectImages(db: Kysely<Tables>, run: string, images: readonly ImageRef[]): Promise<void> {
  const now = new Date().toISOString();
  const entries = [...new Map(images.map((image) => [`${image.provider} ${image.id}`, image])).values()].map(
    (image): Entry => ({ image, outcome: "failed", verdict: "unreadable", reason: WAITING }),
  );
  // The same order everywhere: writers that meet wait for each other instead of standing in each other's way.
  const byImage = (a: { readonly image: string }, b: { readonly image: string }): number =>
    a.image < b.image ? -1 : 1;
  const rows = entries.map((entry) => imageRow(entry, now)).toSorted(byImage);
  const ends = entries.map((entry) => runImageRow(entry, run)).toSorted(byImage);
  return db.transaction().execute(async (tx) => {
    for (let at = 0; at < rows.length; at += RUN_IMAGES_PAGE) {
      await tx
        .insertInto("images")
        .values(rows.slice(at, at + RUN_IMAGES_PAGE))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await tx
        .insertInto("run_images")
        .values(ends.slice(at, at + RUN_IMAGES_PAGE))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
}

/** See `Ledger.forget`. */
export async function forgetFailure(db: Kysely<Tables>, run: string, image: ImageRef): Promise<void> {
  await db
    .deleteFrom("run_images")
    .where("run", "=", run)
    .where("image", "=", imageKey(image))
    .where("outcome", "=", "failed")
    .execute();
}

/** See `Ledger.standing`. */
export async function standingOf(db: Kysely<Tables>, run: string): Promise<Standing> {
  const rows = await db
    .selectFrom("run_images")
    .select(({ fn }) => [
      "verdict",
      "outcome",
      fn.countAll().as("count"),
      fn.countAll().filterWhere("reason", "=", WAITING).as("waiting"),
    ])
    .where("run", "=", run)
    .groupBy(["verdict", "outcome"])
    .execute();
  const verdicts = new Map<ReturnType<typeof verdictOf>, number>();
  let [waiting, failed] = [0, 0];
  for (const { verdict, outcome, ...counts } of rows) {
    const waits = outcome === "failed" ? Number(counts.waiting) : 0;
    const looked = Number(counts.count) - waits;
    waiting += waits;
    if (outcome === "failed") failed += looked;
    const word = verdictOf(verdict);
    if (looked > 0) verdicts.set(word, (verdicts.get(word) ?? 0) + looked);
  }
  return { verdicts, waiting, failed };
}

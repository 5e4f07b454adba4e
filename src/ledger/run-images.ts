import type { Kysely, Selectable } from "kysely";
import type { RunImage } from "./ledger.ts";
import { imageOf, resultOf, verdictOf } from "./rows.ts";
import type { ImageTable, RunImageTable, Tables } from "./tables.ts";

/** A page of results is a few megabytes. */
const RUN_IMAGES_PAGE = 200;

type Page = readonly (Pick<
  Selectable<RunImageTable>,
  "image" | "content" | "outcome" | "verdict" | "reason"
> &
  Pick<Selectable<ImageTable>, "provider" | "id" | "family"> & {
    readonly ref: string | null;
    readonly result: string | null;
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
      "images.provider",
      "images.id",
      "images.family",
      "versions.ref",
      "scans.result",
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
  const { content, outcome, reason, provider, id, family } = row;
  const result = row.result === null ? undefined : resultOf(row.result);
  return {
    image: (row.ref === null ? undefined : imageOf(row.ref)) ?? { provider, id, name: id, family },
    content,
    outcome,
    verdict: verdictOf(row.verdict),
    reason,
    ...(result === undefined ? {} : { result }),
  };
}

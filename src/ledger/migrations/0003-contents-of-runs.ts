import type { Kysely } from "kysely";

/** Finds the runs that a content stood in, without reading all of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("run_images_content").on("run_images").column("content").execute();
}

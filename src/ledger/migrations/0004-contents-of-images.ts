import type { Kysely } from "kysely";

/** Finds what an image had under its id, and in which runs, without reading all of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("versions_image").on("versions").column("image").execute();
  await db.schema.createIndex("run_images_image").on("run_images").column("image").execute();
}

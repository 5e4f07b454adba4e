import { type Kysely, sql } from "kysely";

/** What an image looked like in a run: a scan may be made anew, and then a run saw something else than stands here. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("run_images")
    .addColumn("evidence", "text", (column) => column.notNull().defaultTo(sql`''`))
    .execute();
}

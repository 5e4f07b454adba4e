import type { Kysely } from "kysely";

/** Scans that another try may see more than: what failed had to do with an option or a machine, not with the image. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("scans")
    .addColumn("again", "boolean", (column) => column.notNull().defaultTo(false))
    .execute();
}

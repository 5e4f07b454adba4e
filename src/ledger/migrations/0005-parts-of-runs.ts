import { type Kysely, sql } from "kysely";

/** Which part of the images a run looked at. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("runs")
    .addColumn("shard", "text", (column) => column.notNull().defaultTo(sql`''`))
    .execute();
}

import { type Kysely, sql } from "kysely";

/** What a digest of a policy stands for; which waivers a run leant on; where a run ran. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("policies")
    .addColumn("digest", "text", (column) => column.primaryKey())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("document", "text", (column) => column.notNull())
    .addColumn("first_seen", "timestamptz", (column) => column.notNull())
    .execute();
  await schema
    .createTable("waivers_used")
    .addColumn("run", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("content", "text", (column) => column.notNull())
    .addColumn("rule", "text", (column) => column.notNull())
    .addColumn("waiver", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("approved_by", "text", (column) => column.notNull())
    .addColumn("expires", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("waivers_used_key", ["run", "content", "rule", "waiver"])
    .execute();
  await schema
    .alterTable("runs")
    .addColumn("host", "text", (column) => column.notNull().defaultTo(sql`''`))
    .execute();
}

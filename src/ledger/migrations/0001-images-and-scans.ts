import type { Kysely } from "kysely";

/** Images, their versions, what was said of them, and the runs. Written once, never changed: later ones build on it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable("images")
    .addColumn("image", "text", (column) => column.primaryKey())
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("family", "text", (column) => column.notNull())
    .addColumn("arch", "text", (column) => column.notNull())
    .addColumn("first_seen", "timestamptz", (column) => column.notNull())
    .addColumn("last_seen", "timestamptz", (column) => column.notNull())
    .execute();
  await schema
    .createTable("versions")
    .addColumn("content", "text", (column) => column.primaryKey())
    .addColumn("image", "text", (column) => column.notNull().references("images.image").onDelete("cascade"))
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("family", "text", (column) => column.notNull())
    .addColumn("arch", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("date", "text", (column) => column.notNull())
    .addColumn("ref", "text", (column) => column.notNull())
    .addColumn("first_seen", "timestamptz", (column) => column.notNull())
    .execute();
  await schema.createIndex("versions_family").on("versions").columns(["family", "provider"]).execute();
  await schema
    .createTable("scans")
    .addColumn("content", "text", (column) =>
      column.notNull().references("versions.content").onDelete("cascade"),
    )
    .addColumn("policy_digest", "text", (column) => column.notNull())
    .addColumn("engine", "text", (column) => column.notNull())
    .addColumn("verdict", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("os", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("evidence", "text", (column) => column.notNull())
    .addColumn("result", "text", (column) => column.notNull())
    .addColumn("bytes", "bigint", (column) => column.notNull())
    .addColumn("run", "text", (column) => column.notNull())
    .addColumn("at", "timestamptz", (column) => column.notNull())
    .addPrimaryKeyConstraint("scans_key", ["content", "policy_digest", "engine"])
    .execute();
  await schema
    .createTable("runs")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("started_at", "timestamptz", (column) => column.notNull())
    .addColumn("finished_at", "timestamptz")
    .addColumn("engine", "text", (column) => column.notNull())
    .addColumn("policy_digest", "text", (column) => column.notNull())
    .addColumn("policy", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("enumerated", "integer", (column) => column.notNull())
    .addColumn("scanned", "integer", (column) => column.notNull())
    .addColumn("known", "integer", (column) => column.notNull())
    .addColumn("failed", "integer", (column) => column.notNull())
    .addColumn("exit_code", "integer")
    .execute();
  await schema
    .createTable("run_images")
    .addColumn("run", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("image", "text", (column) => column.notNull().references("images.image").onDelete("cascade"))
    .addColumn("content", "text", (column) => column.notNull())
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("verdict", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("run_images_key", ["run", "image"])
    .execute();
}

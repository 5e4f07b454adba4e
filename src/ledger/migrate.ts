import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { errorLine, ScanError } from "../errors.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import type { Tables } from "./tables.ts";

/** Everything lies in a schema of its own: a database may be shared with something else. */
export const SCHEMA = "sixray";

/** Brings the tables up to date, under Postgres' own lock: many may start at once. `to` is for tests. */
export async function migrate(db: Kysely<Tables>, where: string, to?: string): Promise<void> {
  const migrator = new Migrator({
    db: db.withSchema(SCHEMA),
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    migrationTableSchema: SCHEMA,
    migrationTableName: "migrations",
    migrationLockTableName: "migrations_lock",
  });
  const { error } = to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to);
  if (error === undefined) return;
  if (/previously executed migration .* is missing/.test(errorLine(error)))
    throw new ScanError(
      "usage",
      "the ledger was written by a newer sixray: use that one, or name another ledger with --state",
      { at: [where] },
    );
  throw error;
}

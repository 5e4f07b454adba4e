import type { PgBoss } from "pg-boss";

/** Now, by the clock that rows are dated with: those of the machines around it may differ. Whole milliseconds. */
export async function databaseTime(boss: PgBoss): Promise<Date> {
  const { rows } = await boss
    .getDb()
    .executeSql("select (extract(epoch from now()) * 1000)::float8 as now", []);
  return new Date(Math.floor(Number(rows[0]?.now)));
}

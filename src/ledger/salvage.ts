import { type Kysely, sql } from "kysely";
import { withSalvaged } from "./embedded.ts";
import { SCHEMA } from "./migrate.ts";
import type { Tables } from "./tables.ts";
import { columnsOf, headLine, rowLine, TABLES } from "./transfer.ts";

const BATCH = 100;

export interface Salvaged {
  readonly rows: number;
  /** Rows that are there and cannot be read; what lay on a page that is gone is not among them. */
  readonly unreadable: number;
  /** Tables that cannot be read at all. */
  readonly lost: readonly string[];
}

/** Writes what can still be read of a damaged folder, row by row where needed. The folder itself is not touched. */
export function salvage(path: string, write: (line: string) => Promise<void>): Promise<Salvaged> {
  return withSalvaged(path, async (db) => {
    await write(headLine());
    await sql`set enable_indexscan = off`.execute(db);
    await sql`set enable_indexonlyscan = off`.execute(db);
    await sql`set enable_bitmapscan = off`.execute(db);
    const total = { rows: 0, unreadable: 0 };
    const lost: string[] = [];
    for (const table of TABLES) {
      const places = await placesIn(db, table.name).catch(() => undefined);
      if (!places) {
        lost.push(table.name);
        continue;
      }
      const columns = await columnsIn(db, table);
      for (let at = 0; at < places.length; at += BATCH) {
        for (const line of await readable(db, table.name, columns, places.slice(at, at + BATCH))) {
          if (line === undefined) total.unreadable++;
          else {
            total.rows++;
            await write(line);
          }
        }
      }
    }
    return { ...total, lost };
  });
}

/** Where the rows lie. */
async function placesIn(db: Kysely<Tables>, name: string): Promise<readonly string[]> {
  const { rows } = await sql<{ at: string }>`select ctid::text as at from ${sql.id(SCHEMA, name)}`.execute(
    db,
  );
  return rows.map(({ at }) => at);
}

/** A folder that an older sixray wrote is not brought up to date here, and lacks what came since. */
async function columnsIn(db: Kysely<Tables>, table: (typeof TABLES)[number]): Promise<readonly string[]> {
  const all = columnsOf(table);
  try {
    const { rows } = await sql<{ name: string }>`
      select attname as name from pg_attribute
      where attrelid = ${`${SCHEMA}.${table.name}`}::regclass and attnum > 0 and not attisdropped`.execute(
      db,
    );
    const there = new Set(rows.map(({ name }) => name));
    return all.filter((column) => there.has(column));
  } catch {
    return all;
  }
}

async function readable(
  db: Kysely<Tables>,
  table: string,
  names: readonly string[],
  places: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const columns = sql.join(names.map((column) => sql.ref(column)));
  try {
    const { rows } = await sql<
      Readonly<Record<string, unknown>>
    >`select ${columns} from ${sql.id(SCHEMA, table)} where ctid in (${sql.join(places.map((at) => sql`${at}::tid`))})`.execute(
      db,
    );
    return rows.map((row) => rowLine(table, row));
  } catch {
    if (places.length === 1) return [undefined];
    const each: (string | undefined)[] = [];
    for (const at of places) each.push(...(await readable(db, table, names, [at])));
    return each;
  }
}

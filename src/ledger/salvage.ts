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
      for (let at = 0; at < places.length; at += BATCH) {
        for (const line of await readable(db, table, places.slice(at, at + BATCH))) {
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

async function readable(
  db: Kysely<Tables>,
  table: (typeof TABLES)[number],
  places: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const columns = sql.join(columnsOf(table).map((column) => sql.ref(column)));
  try {
    const { rows } = await sql<
      Readonly<Record<string, unknown>>
    >`select ${columns} from ${sql.id(SCHEMA, table.name)} where ctid in (${sql.join(places.map((at) => sql`${at}::tid`))})`.execute(
      db,
    );
    return rows.map((row) => rowLine(table.name, row));
  } catch {
    if (places.length === 1) return [undefined];
    const each: (string | undefined)[] = [];
    for (const at of places) each.push(...(await readable(db, table, [at])));
    return each;
  }
}

import { Kysely, PostgresDialect } from "kysely";
import { ScanError } from "../errors.ts";
import { load } from "./connect.ts";
import { migrate, SCHEMA } from "./migrate.ts";
import { patiently } from "./retry.ts";
import { socketsThatTire } from "./silence.ts";
import { Store } from "./store.ts";
import type { Tables } from "./tables.ts";

export interface PostgresOptions {
  /** Connections at a time. */
  readonly connections?: number;
  /** How long the database may be away. */
  readonly patienceMs?: number | undefined;
  /** How long it may say nothing while it is waited for. */
  readonly silenceMs?: number;
}

/** The ledger in a Postgres, for more than one machine. @throws usage, access, transient */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Store> {
  const where = named(url);
  const { default: pg } = await load("pg", import("pg"));
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 4,
    application_name: "sixray",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    stream: socketsThatTire(options.silenceMs),
  });
  // A connection that is cut off, in use or not: the next query on it says so.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await patiently(where, () => migrate(kysely, where), options.patienceMs);
  } catch (error) {
    await kysely.destroy().catch(() => undefined);
    throw refused(error, where);
  }
  return new Store(kysely.withSchema(SCHEMA), { where, patienceMs: options.patienceMs });
}

/** Host and database: what stands before the @ may be a secret. */
function named(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || !/^postgres(?:ql)?:$/.test(parsed.protocol))
    throw new ScanError("usage", "DATABASE_URL is no address of a Postgres: postgres://user@host/database");
  const host = parsed.host || parsed.searchParams.get("host") || "localhost";
  return `postgres ${host}${parsed.pathname}`;
}

/** SQLSTATE 28 (who are you), 3D000 (no such database), 42501 (may not). */
function refused(error: unknown, where: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!/^(?:28...|3D000|42501)$/.test(code)) return error;
  const said = error instanceof Error ? error.message : code;
  return new ScanError(
    "access",
    `the database says no: ${said} (a role needs CREATE once, for the schema sixray)`,
    {
      at: [where],
      cause: error,
    },
  );
}

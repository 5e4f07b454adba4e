import type { PGlite } from "@electric-sql/pglite";
import { load } from "./connect.ts";
import type { Ledger } from "./ledger.ts";

export interface OpenOptions {
  /** Folder of the embedded ledger. */
  readonly folder: string;
  /** Instead of the folder. From the environment, never from the command line: it holds a password. */
  readonly databaseUrl?: string | undefined;
  /** Make the embedded one when there is none. */
  readonly create?: boolean;
  /** Connections at a time, to a Postgres. */
  readonly connections?: number;
  /** How long a Postgres may be away, in milliseconds. */
  readonly patienceMs?: number | undefined;
}

/** What a ledger lies in, for what else may lie there. */
export type Database =
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "embedded"; readonly pglite: PGlite };

/** The ledger, brought up to date. @throws usage, access, corrupt, transient */
export async function openLedger(options: OpenOptions): Promise<Ledger> {
  return (await openWithDatabase(options)).ledger;
}

/** The same, and the database that it lies in. */
export async function openWithDatabase(
  options: OpenOptions,
): Promise<{ readonly ledger: Ledger; readonly database: Database }> {
  const { folder, databaseUrl: url, create = false, connections, patienceMs } = options;
  await load("kysely", import("kysely"));
  if (url !== undefined) {
    const { openPostgres } = await import("./postgres.ts");
    const ledger = await openPostgres(url, {
      ...(connections === undefined ? {} : { connections }),
      patienceMs,
    });
    return { ledger, database: { kind: "postgres", url } };
  }
  const embedded = await import("./embedded.ts");
  const { ledger, pglite } = await embedded.openWithDatabase(folder, { create });
  return { ledger, database: { kind: "embedded", pglite } };
}

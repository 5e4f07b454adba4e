import { ScanError } from "../errors.ts";
import { load } from "./connect.ts";
import type { Ledger } from "./ledger.ts";

export interface OpenOptions {
  /** Folder of an embedded ledger. Comes before `databaseUrl`. */
  readonly folder?: string | undefined;
  /** From the environment, never from the command line: it holds a password. */
  readonly databaseUrl?: string | undefined;
  /** Make the embedded one when there is none. */
  readonly create?: boolean;
  /** Connections at a time, to a Postgres. */
  readonly connections?: number;
  /** How long a Postgres may be away, in milliseconds. */
  readonly patienceMs?: number | undefined;
}

/** Where the embedded ledger lies unless told otherwise. */
export const DEFAULT_FOLDER = ".sixray/ledger";

/** The ledger, brought up to date. @throws usage, access, corrupt, transient */
export async function openLedger(options: OpenOptions): Promise<Ledger> {
  const { folder, databaseUrl, create = false, connections, patienceMs } = options;
  if (folder !== undefined && /^[a-z]+:\/\//i.test(folder))
    throw new ScanError("usage", "a ledger is a folder; the address of a Postgres goes into DATABASE_URL");
  await load("kysely", import("kysely"));
  if (folder === undefined && databaseUrl !== undefined && databaseUrl !== "") {
    const { openPostgres } = await import("./postgres.ts");
    return openPostgres(databaseUrl, { ...(connections === undefined ? {} : { connections }), patienceMs });
  }
  const { openEmbedded } = await import("./embedded.ts");
  return openEmbedded(folder ?? DEFAULT_FOLDER, { create });
}

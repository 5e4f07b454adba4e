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

/** The ledger, brought up to date. @throws usage, access, corrupt, transient */
export async function openLedger(options: OpenOptions): Promise<Ledger> {
  const { folder, databaseUrl, create = false, connections, patienceMs } = options;
  await load("kysely", import("kysely"));
  if (databaseUrl !== undefined) {
    const { openPostgres } = await import("./postgres.ts");
    return openPostgres(databaseUrl, { ...(connections === undefined ? {} : { connections }), patienceMs });
  }
  const { openEmbedded } = await import("./embedded.ts");
  return openEmbedded(folder, { create });
}

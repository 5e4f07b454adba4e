import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../ledger/ledger.ts";
import { type Database, type OpenOptions, openLedger, openWithDatabase } from "../ledger/open.ts";
import { stateFolder } from "./state.ts";

/** The embedded ledger's folder. */
export function ledgerFolder(state: string | undefined): string {
  return join(stateFolder(state), "ledger");
}

/** Whether there is one to open; of a database that is not here nobody can tell. */
export function hasLedger(state: string | undefined): boolean {
  const { databaseUrl, folder } = placeOf(state, {});
  return databaseUrl !== undefined || existsSync(folder);
}

/** A folder that was named comes before DATABASE_URL, that before the default folder. */
export function chooseLedger(
  state: string | undefined,
  options: { readonly create?: boolean } = {},
): Promise<Ledger> {
  return openLedger(placeOf(state, options));
}

/** The same, with the database that it lies in. */
export function chooseDatabase(
  state: string | undefined,
  options: Omit<OpenOptions, "folder" | "databaseUrl"> = {},
): Promise<{ readonly ledger: Ledger; readonly database: Database }> {
  return openWithDatabase(placeOf(state, options));
}

function placeOf(state: string | undefined, options: Partial<OpenOptions>): OpenOptions {
  const { DATABASE_URL, SIXRAY_STATE } = process.env;
  const named = state ?? SIXRAY_STATE;
  return {
    ...options,
    folder: ledgerFolder(state),
    ...(named === undefined && DATABASE_URL ? { databaseUrl: DATABASE_URL } : {}),
  };
}

import { join } from "node:path";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open.ts";
import { stateFolder } from "./state.ts";

/** The embedded ledger's folder. */
export function ledgerFolder(state: string | undefined): string {
  return join(stateFolder(state), "ledger");
}

/** A folder that was named comes before DATABASE_URL, that before the default folder. */
export function chooseLedger(
  state: string | undefined,
  options: { readonly create?: boolean } = {},
): Promise<Ledger> {
  const { DATABASE_URL, SIXRAY_STATE } = process.env;
  const named = state ?? SIXRAY_STATE;
  return openLedger({
    folder: ledgerFolder(state),
    ...options,
    ...(named === undefined && DATABASE_URL ? { databaseUrl: DATABASE_URL } : {}),
  });
}

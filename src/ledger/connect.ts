import { notInstalled } from "../errors.ts";

/** The database libraries are optional and load only when a ledger is opened. @throws usage, saying what to install */
export async function load<T>(name: string, loading: Promise<T>, who = "the ledger"): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    throw notInstalled(error, `${who} needs the package ${name}`, [name]);
  }
}

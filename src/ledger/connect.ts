import { ScanError } from "../errors.ts";

/** The database libraries are optional and load only when a ledger is opened. @throws usage, saying what to install */
export async function load<T>(name: string, loading: Promise<T>, who = "the ledger"): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    throw new ScanError("usage", `${who} needs the package ${name}: npm install ${name}`);
  }
}

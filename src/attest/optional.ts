import { ScanError } from "../errors.ts";

/** Loads what is installed only where attestations are made or checked. Rejects with `usage` where it is not. */
export async function optional<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const missing =
      error instanceof Error && "code" in error && /^(?:ERR_)?MODULE_NOT_FOUND$/.test(String(error.code));
    if (!missing) throw error;
    throw new ScanError("usage", `this needs the package ${name}: npm install ${name}`);
  }
}

import { open } from "node:fs/promises";
import { errorLine, ScanError } from "../errors.ts";

/** Nothing that a command takes in whole is larger. */
const BYTES_MAX = 1 << 28;

/** A whole file that the user named. Rejects with `usage`. */
export async function givenBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > BYTES_MAX) throw new ScanError("usage", `${path} is larger than 256 MiB`);
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ScanError) throw error;
    throw new ScanError("usage", `cannot read ${path}: ${errorLine(error)}`);
  }
}

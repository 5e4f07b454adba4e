import { open } from "node:fs/promises";
import { errorLine, ScanError } from "../errors.ts";

/** Nothing that a command takes in whole is larger. */
const BYTES_MAX = 1 << 28;

/** A whole file, or pipe, that the user named. Rejects with `usage`. */
export async function givenBytes(path: string, bytesMax: number = BYTES_MAX): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  try {
    const file = await open(path);
    try {
      // A pipe has no size that could be asked first.
      for await (const piece of file.createReadStream({ autoClose: false })) {
        if (!(piece instanceof Uint8Array)) throw new TypeError("a stream of bytes gave no bytes");
        total += piece.length;
        if (total > bytesMax) throw new ScanError("usage", `${path} is larger than ${bytesMax >> 20} MiB`);
        pieces.push(piece);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ScanError) throw error;
    throw new ScanError("usage", `cannot read ${path}: ${errorLine(error)}`);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { cannotOpen, READ_NOW, readExactly } from "../file-source.ts";

/** Enough for the headers of every disk format, and for footers. */
const END_BYTES = 64 << 10;

/**
 * What tells one content of a file from another: size, both times of change and a digest of both ends. Builds that can
 * be repeated set the first time to a fixed one, and images of one size have the same ends; the second (ctime, inode(7))
 * nobody can set. Undefined for a folder: only a scan tells what changed in it. @throws access
 */
export async function markFile(path: string): Promise<string | undefined> {
  const file = await open(path, READ_NOW).catch(async (error: unknown) => {
    throw await cannotOpen(error, path);
  });
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) return undefined;
    const size = Number(stats.size);
    const head = Math.min(END_BYTES, size);
    const tail = Math.min(END_BYTES, size - head);
    const hash = createHash("sha256");
    hash.update(await readExactly(file, 0, head, path));
    hash.update(await readExactly(file, size - tail, tail, path));
    return `${size} ${stats.mtimeNs} ${stats.ctimeNs} ${hash.digest("hex")}`;
  } finally {
    await file.close();
  }
}

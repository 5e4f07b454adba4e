import { limitReached } from "../../errors.ts";

/*
 * How directories are read, and what of them is too much, where the format itself sets no such bounds.
 */

/** Up to here a directory is read whole: rounds cost more than bytes. */
export const WHOLE_BYTES: number = 16 << 10;
/** Larger ones are listed in pieces of this size, a multiple of every block size. */
export const PIECE_BYTES: number = 1 << 20;
export const DIRECTORY_MAX_BYTES: number = 512 << 20;
const ENTRIES_MAX = 1_000_000;

/** The entries of all pieces of a directory. `label` and, where that does not say it, `inode` name it if they are too many. */
export async function allOf<Entry>(
  pieces: AsyncIterable<readonly Entry[]>,
  label: string,
  inode?: number,
): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for await (const entries of pieces) {
    for (const one of entries) all.push(one);
    checkCount(all.length, label, inode);
  }
  return all;
}

/** Rejects with `limit` where a directory has more entries than anyone's has. */
export function checkCount(count: number, label: string, inode?: number): void {
  if (count <= ENTRIES_MAX) return;
  const which = inode === undefined ? "" : ` (inode ${inode})`;
  throw limitReached(label, `directory of more than ${ENTRIES_MAX} names${which}`);
}

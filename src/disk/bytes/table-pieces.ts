import { corrupt } from "../../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { recent } from "./recent.ts";
import { View } from "./view.ts";

const PIECE_BYTES = 4096;
/** At most 4 MiB of pieces are kept. */
const PIECES_MAX = 1024;

/** One piece of a table: `view.base` is where it begins in the file. */
export interface TablePiece {
  readonly view: View;
  /** Where in the view the bytes that were asked for begin. */
  readonly at: number;
}

/**
 * Reads the tables of a file in pieces that lie on multiples of their size, 4 KiB, and remembers them: tables are large
 * and a scan needs few of their entries. An entry must not lie across a boundary: `offset` a multiple of `bytes`.
 * @throws corrupt when the entry is off its boundary, or outside the file
 */
export function tablePieces(
  source: ByteSource,
  label: string,
  pieceBytes: number = PIECE_BYTES,
): (offset: number, bytes: number, what: string) => Promise<TablePiece> {
  const pieces = recent<View>(PIECES_MAX);
  return async (offset, bytes, what) => {
    if (offset % bytes !== 0) throw corrupt(label, `${what} is not aligned to ${bytes} bytes`, offset);
    if (offset + bytes > source.size)
      throw corrupt(
        label,
        `${what} lies outside the file of ${source.size} bytes: is the file complete?`,
        offset,
      );
    const start = Math.floor(offset / pieceBytes) * pieceBytes;
    const view = await pieces(start, async () => {
      const length = Math.min(pieceBytes, source.size - start);
      return new View(await source.read(start, length), label, start);
    });
    return { view, at: offset - start };
  };
}

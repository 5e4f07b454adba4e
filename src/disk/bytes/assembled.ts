import { type ByteSource, checkRange } from "./byte-source.ts";

/** Bytes of a volume that lie somewhere else, in order and without gaps. */
export interface Extent {
  readonly start: number;
  readonly length: number;
  /** Taken in turn, `stripeBytes` from each; one part is read straight through; none: zeros. */
  readonly parts: readonly Part[];
  readonly stripeBytes: number;
}

export interface Part {
  readonly source: ByteSource;
  readonly offset: number;
}

/** A source put together from extents. Independent pieces are read side by side. */
export function assembled(extents: readonly Extent[], size: number, label: string): ByteSource {
  const source: ByteSource = {
    size,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      const pieces = [...piecesOf(extents, offset, length)];
      const [only] = pieces;
      if (only?.length === length) return only.source.read(only.offset, length, signal);
      const result = new Uint8Array(length);
      await Promise.all(
        pieces.map(async (piece) => {
          result.set(await piece.source.read(piece.offset, piece.length, signal), piece.at - offset);
        }),
      );
      return result;
    },
  };
  return source;
}

interface Piece extends Part {
  /** Where in the volume it belongs. */
  readonly at: number;
  readonly length: number;
}

function* piecesOf(extents: readonly Extent[], offset: number, length: number): Generator<Piece> {
  const end = offset + length;
  for (let index = indexAt(extents, offset); index < extents.length; index++) {
    const extent = extents[index];
    if (!extent || extent.start >= end) return;
    const to = Math.min(end, extent.start + extent.length);
    for (let at = Math.max(offset, extent.start); at < to; ) {
      const piece = pieceAt(extent, at, to);
      if (piece) yield piece;
      at += piece?.length ?? to - at;
    }
  }
}

function pieceAt(extent: Extent, at: number, to: number): Piece | undefined {
  const { parts, stripeBytes } = extent;
  const within = at - extent.start;
  const [only] = parts;
  if (!only) return undefined;
  if (parts.length === 1) return { source: only.source, offset: only.offset + within, at, length: to - at };
  const stripe = Math.floor(within / stripeBytes);
  const inStripe = within % stripeBytes;
  const part = parts[stripe % parts.length] ?? only;
  return {
    source: part.source,
    offset: part.offset + Math.floor(stripe / parts.length) * stripeBytes + inStripe,
    at,
    length: Math.min(stripeBytes - inStripe, to - at),
  };
}

/** The extent that holds `offset`. */
function indexAt(extents: readonly Extent[], offset: number): number {
  let low = 0;
  let high = extents.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((extents[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

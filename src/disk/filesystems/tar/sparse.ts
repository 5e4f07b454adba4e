import { corrupt, limitReached } from "../../../errors.ts";
import type { Placed } from "../../bytes/assembled.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { BLOCK, number } from "./header.ts";
import { type PaxRecord, paxNumber } from "./pax.ts";

// Source: GNU tar manual, "Storing Sparse Files": old GNU format and PAX formats 0.0, 0.1 and 1.0.

/** A stretch of data in a file that is zeros elsewhere. */
export interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

const PIECES_MAX = 1_000_000;
const MAP_READ_BYTES = 64 << 10;

/** The map in an old GNU header of type S: four pieces, more in blocks behind it. */
export async function oldGnuMap(
  header: View,
  source: ByteSource,
  at: number,
): Promise<{ readonly pieces: readonly SparsePiece[]; readonly realSize: number; readonly dataAt: number }> {
  const pieces = piecesIn(header, 386, 4);
  let next = at;
  for (let more = header.u8(482) !== 0; more; next += BLOCK) {
    const block = new View(await source.read(next, BLOCK), source.label, next);
    pieces.push(...piecesIn(block, 0, 21));
    checkCount(pieces, source.label);
    more = block.u8(504) !== 0;
  }
  return { pieces, realSize: number(header, 483, 12), dataAt: next };
}

function piecesIn(block: View, at: number, count: number): SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let index = 0; index < count; index++) {
    const field = at + index * 24;
    const length = number(block, field + 12, 12);
    if (block.u8(field) === 0 && length === 0) break;
    pieces.push({ offset: number(block, field, 12), length });
  }
  return pieces;
}

/** The map in PAX records: 0.0 repeats offset and length, 0.1 has one list. Undefined when there is none. */
export function paxMap(records: readonly PaxRecord[], label: string): readonly SparsePiece[] | undefined {
  const list = records.findLast(([keyword]) => keyword === "GNU.sparse.map")?.[1];
  if (list !== undefined) return pairs(list === "" ? [] : list.split(","), label);
  const numbers = records
    .filter(([keyword]) => keyword === "GNU.sparse.offset" || keyword === "GNU.sparse.numbytes")
    .map(([, value]) => value);
  return numbers.length > 0 ? pairs(numbers, label) : undefined;
}

/** PAX 1.0: the map stands before the data as decimal lines, padded to a block. */
export async function pax10Map(
  source: ByteSource,
  at: number,
  size: number,
): Promise<{ readonly pieces: readonly SparsePiece[]; readonly dataAt: number }> {
  const numbers: string[] = [];
  let wanted = 1;
  let line = "";
  for (let done = 0; done < size; done += MAP_READ_BYTES) {
    const bytes = await source.read(at + done, Math.min(MAP_READ_BYTES, size - done));
    for (const [index, byte] of bytes.entries()) {
      if (byte !== 0x0a) {
        line += String.fromCharCode(byte);
        if (line.length > 20) throw corrupt(source.label, "sparse map that is none", at + done + index);
        continue;
      }
      numbers.push(line);
      line = "";
      if (numbers.length === 1) wanted = 1 + paxNumber(numbers[0] ?? "", source.label) * 2;
      if (wanted > PIECES_MAX * 2) throw limitReached(source.label, "sparse file of too many pieces", at);
      if (numbers.length < wanted) continue;
      const mapBytes = done + index + 1;
      const dataAt = at + Math.ceil(mapBytes / BLOCK) * BLOCK;
      return { pieces: pairs(numbers.slice(1), source.label), dataAt };
    }
  }
  throw corrupt(source.label, "sparse map without an end", at);
}

function pairs(numbers: readonly string[], label: string): readonly SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let at = 0; at + 1 < numbers.length; at += 2)
    pieces.push({
      offset: paxNumber(numbers[at] ?? "", label),
      length: paxNumber(numbers[at + 1] ?? "", label),
    });
  checkCount(pieces, label);
  return pieces;
}

function checkCount(pieces: readonly SparsePiece[], label: string): void {
  if (pieces.length > PIECES_MAX) throw limitReached(label, "sparse file of too many pieces");
}

/**
 * A file of `size` bytes whose pieces lie one behind the other from `dataAt`, holes between them.
 * @throws corrupt when they overlap, or need more than the `packed` bytes there are
 */
export function sparseExtents(
  source: ByteSource,
  pieces: readonly SparsePiece[],
  { size, dataAt, packed }: { readonly size: number; readonly dataAt: number; readonly packed: number },
): readonly Placed[] {
  const extents: Placed[] = [];
  let end = 0;
  let used = 0;
  const hole = (to: number): void => {
    if (to > end) extents.push({ start: end, length: to - end, parts: [] });
  };
  for (const { offset, length } of pieces) {
    if (offset < end || offset + length > size || used + length > packed)
      throw corrupt(source.label, "sparse map that does not fit its file", dataAt);
    if (length === 0) continue;
    hole(offset);
    extents.push({ start: offset, length, parts: [{ source, offset: dataAt + used }] });
    used += length;
    end = offset + length;
  }
  hole(size);
  return extents;
}

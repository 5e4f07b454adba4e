import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { recent } from "../../bytes/recent.ts";
import { View } from "../../bytes/view.ts";
import type { Header } from "./header.ts";
import { clusterRuns, hostOffset } from "./l2-entry.ts";
import { joined, type Run } from "./runs.ts";

// Source: QEMU docs/interop/qcow2, section "Cluster mapping".

/** L1 is read, and remembered, in pieces of this size; pieces of L2 are no larger. */
const PIECE_BYTES = 4096;
const PIECE_MIN_BYTES = 512;
/** A piece of L2 maps this much of the disk, where its size allows: 1 KiB for clusters of 64 KiB. */
const PIECE_SPAN = 8 << 20;
/**
 * Pieces in one read. At the front of the disk the first partitions begin, each with its superblock, and the first
 * inodes and folders behind it. Measured on images of ext4, XFS and Btrfs: fewer pieces cost rounds, more bytes.
 */
const PIECES_AT_FRONT = 24;
const PIECES_AT_ONCE = 5;
/** At most 4 MiB of table pieces are kept. */
const PIECES_MAX = 1024;

/**
 * Guest offsets to host offsets through L1 and L2. The function it gives returns the runs that make up
 * `offset .. offset+length`, in order. A call reads the L1 pieces it needs side by side, then the L2 pieces:
 * two dependent rounds when nothing is known yet, none when everything is.
 * @param dataBytes size of what the host offsets point into: the image or its external data file
 */
export function clusterMap(
  source: ByteSource,
  header: Header,
  label: string,
  dataBytes: number,
): (offset: number, length: number) => Promise<Run[]> {
  const clusterBytes = 2 ** header.clusterBits;
  const entryBytes = header.extendedL2 ? 16 : 8;
  const pieceBytes = l2PieceBytes(clusterBytes, entryBytes);
  /** Bytes of the disk that one L2 table, and one piece of it, map. */
  const tableSpan = (clusterBytes / entryBytes) * clusterBytes;
  const pieceSpan = (pieceBytes / entryBytes) * clusterBytes;
  const l1Bytes = Math.ceil(header.sizeBytes / tableSpan) * 8;
  const pieces = recent<View>(PIECES_MAX);

  /** `onRead` is called when the piece has to be read, in the turn of its read. */
  function piece(offset: number, length: number, table: string, onRead?: () => void): Promise<View> {
    return pieces(offset, async () => {
      onRead?.();
      if (offset + length > source.size)
        throw corrupt(
          label,
          `${table} table lies outside the file of ${source.size} bytes: is the file complete?`,
          offset,
        );
      return new View(await source.read(offset, length), label, offset);
    });
  }

  /**
   * A file system's next looks are often just past this piece (superblock, inode table, folders, files): the
   * pieces after it, in the same read, save dependent rounds.
   */
  function ahead(at: number, tableEnd: number, pieces: number): void {
    const end = Math.min(tableEnd, source.size, at + pieces * pieceBytes);
    for (let next = at + pieceBytes; next + pieceBytes <= end; next += pieceBytes)
      piece(next, pieceBytes, "L2").catch(() => undefined);
  }

  /**
   * Asks for the front of the first L2 table where qemu-img puts it, in the cluster behind L1: when that is so, it is
   * there by the time that L1 tells, one round earlier. Otherwise one read was for nothing.
   */
  function guessFirstTable(): void {
    const guess = Math.ceil((header.l1Offset + l1Bytes) / clusterBytes) * clusterBytes;
    const bytes = Math.min(PIECES_AT_FRONT * pieceBytes, clusterBytes);
    if (guess + bytes <= source.size) source.read(guess, bytes).catch(() => undefined);
  }

  /** Offset of the L2 table with this index, 0 when there is none. */
  async function l2Offset(index: number): Promise<number> {
    const start = Math.floor((index * 8) / PIECE_BYTES) * PIECE_BYTES;
    const onRead = index === 0 ? guessFirstTable : undefined;
    const l1 = await piece(header.l1Offset + start, Math.min(PIECE_BYTES, l1Bytes - start), "L1", onRead);
    const at = index * 8 - start;
    const offset = hostOffset(l1.u32be(at), l1.u32be(at + 4));
    if (offset % clusterBytes !== 0)
      throw corrupt(label, `L2 table at ${offset} is not aligned to clusters`, l1.base + at);
    return offset;
  }

  async function runsOfPiece(table: number, start: number, end: number): Promise<Run[]> {
    const index = Math.floor((start % tableSpan) / pieceSpan);
    const at = table + index * pieceBytes;
    const pieces = start < pieceSpan ? PIECES_AT_FRONT : PIECES_AT_ONCE;
    const l2 = await piece(at, pieceBytes, "L2", () => ahead(at, table + clusterBytes, pieces));
    const runs: Run[] = [];
    for (const [at, stop] of split(start, end, clusterBytes)) {
      const entry = (Math.floor(at / clusterBytes) * entryBytes) % pieceBytes;
      const part = { l2, entry, within: at % clusterBytes, length: stop - at };
      runs.push(...clusterRuns(header, part, dataBytes));
    }
    return runs;
  }

  async function runsOfTable(start: number, end: number): Promise<Run[]> {
    const table = await l2Offset(Math.floor(start / tableSpan));
    if (table === 0) return [{ kind: "unallocated", length: end - start }];
    const parts = split(start, end, pieceSpan).map(([from, to]) => runsOfPiece(table, from, to));
    return (await Promise.all(parts)).flat();
  }

  return async (offset, length) => {
    const parts = split(offset, offset + length, tableSpan).map(([from, to]) => runsOfTable(from, to));
    return joined((await Promise.all(parts)).flat());
  };
}

/** A power of two, as clusters and entries are. */
function l2PieceBytes(clusterBytes: number, entryBytes: number): number {
  const bytes = (PIECE_SPAN / clusterBytes) * entryBytes;
  return Math.min(Math.max(bytes, PIECE_MIN_BYTES), PIECE_BYTES, clusterBytes);
}

/** Cuts `start .. end` at the multiples of `step`. */
function split(start: number, end: number, step: number): [start: number, end: number][] {
  const parts: [number, number][] = [];
  for (let at = start; at < end; ) {
    const stop = Math.min(end, at - (at % step) + step);
    parts.push([at, stop]);
    at = stop;
  }
  return parts;
}

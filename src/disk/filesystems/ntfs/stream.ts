import { limitReached, unsupported } from "../../../errors.ts";
import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";
import { lznt1 } from "../../bytes/codecs/lznt1.ts";
import { recent } from "../../bytes/recent.ts";
import type { BootSector } from "./boot-sector.ts";
import type { Run } from "./runs.ts";

/** What a stream of clusters is made of. */
export interface RunStream {
  readonly runs: readonly Run[];
  readonly sizeBytes: number;
  readonly initializedBytes: number;
}

const UNIT_MAX_BYTES = 1 << 20;
const UNITS_KEPT = 8;

/** The bytes of a stream; holes, and what was never initialized, read as zeros. */
export function runSource(
  disk: ByteSource,
  boot: Pick<BootSector, "clusterBytes">,
  stream: RunStream,
  label: string,
): ByteSource {
  const source: ByteSource = {
    size: stream.sizeBytes,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      const end = Math.min(offset + length, stream.initializedBytes);
      const pieces = piecesOf(stream.runs, boot.clusterBytes, offset, end);
      const [only] = pieces;
      if (pieces.length === 1 && only?.length === length) return disk.read(only.at, length, signal);
      const bytes = new Uint8Array(length);
      await Promise.all(
        pieces.map(async (piece) =>
          bytes.set(await disk.read(piece.at, piece.length, signal), piece.offset - offset),
        ),
      );
      return bytes;
    },
  };
  return source;
}

interface Piece {
  /** In the stream. */
  readonly offset: number;
  /** On the disk. */
  readonly at: number;
  readonly length: number;
}

function piecesOf(runs: readonly Run[], clusterBytes: number, offset: number, end: number): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let i = runIndex(runs, Math.floor(offset / clusterBytes)); i < runs.length; i++) {
    const run = runs[i];
    if (!run) break;
    const start = run.vcn * clusterBytes;
    if (start >= end) break;
    const from = Math.max(offset, start);
    const to = Math.min(end, start + run.length * clusterBytes);
    if (run.lcn !== undefined && from < to)
      pieces.push({ offset: from, at: run.lcn * clusterBytes + (from - start), length: to - from });
  }
  return pieces;
}

/** The last run that starts at or before `vcn`; runs are in order. */
function runIndex(runs: readonly Run[], vcn: number): number {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((runs[middle]?.vcn ?? 0) <= vcn) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The bytes of an LZNT1-compressed stream: units of 16 clusters, each stored plain (all clusters there), as a hole,
 * or compressed (fewer clusters than it unpacks to). Source: Linux-NTFS project documentation, "Compressed".
 */
export function compressedSource(
  disk: ByteSource,
  boot: Pick<BootSector, "clusterBytes">,
  stream: RunStream,
  unitBits: number,
  label: string,
): ByteSource {
  const { clusterBytes } = boot;
  const unitClusters = 2 ** unitBits;
  const unitBytes = unitClusters * clusterBytes;
  if (unitBits > 8 || unitBytes > UNIT_MAX_BYTES)
    throw unsupported(label, `compression units of ${unitBytes} bytes`);
  const last = stream.runs.at(-1);
  const clusters = last ? last.vcn + last.length : 0;
  if (stream.sizeBytes > clusters * clusterBytes)
    throw limitReached(label, `compressed stream of ${stream.sizeBytes} bytes has ${clusters} clusters`);
  const stored = runSource(
    disk,
    boot,
    { ...stream, sizeBytes: clusters * clusterBytes, initializedBytes: clusters * clusterBytes },
    label,
  );
  const kept = recent<Uint8Array>(UNITS_KEPT);
  const unit = async (index: number, signal: AbortSignal | undefined): Promise<Uint8Array> => {
    const start = index * unitBytes;
    const present = piecesOf(stream.runs, clusterBytes, start, start + unitBytes);
    const bytes = present.reduce((sum, { length }) => sum + length, 0);
    if (bytes === 0) return new Uint8Array(unitBytes);
    const packed = await stored.read(start, Math.min(bytes, stored.size - start), signal);
    return bytes === unitBytes ? packed : lznt1(packed, unitBytes, label);
  };
  const source: ByteSource = {
    size: stream.sizeBytes,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      const bytes = new Uint8Array(length);
      const end = Math.min(offset + length, stream.initializedBytes);
      const jobs: Promise<void>[] = [];
      for (let index = Math.floor(offset / unitBytes); index * unitBytes < end; index++) {
        const from = Math.max(offset, index * unitBytes);
        const to = Math.min(end, (index + 1) * unitBytes);
        jobs.push(
          kept(index, () => unit(index, undefined)).then((whole) =>
            bytes.set(whole.subarray(from - index * unitBytes, to - index * unitBytes), from - offset),
          ),
        );
      }
      await Promise.all(jobs);
      return bytes;
    },
  };
  return source;
}

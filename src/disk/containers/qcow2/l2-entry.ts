import { corrupt, type ScanError } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import type { Header } from "./header.ts";
import type { Run } from "./runs.ts";

// Source: QEMU docs/interop/qcow2, sections "L2 table entry", "Compressed Clusters Descriptor", "Extended L2
// Entries".

const COPIED = 0x80000000;
const COMPRESSED = 0x40000000;
const ZERO = 1;
const SUBCLUSTERS = 32;
const SECTOR_BYTES = 512;

/** A part of one guest cluster, and the L2 entry that says where it is. */
export interface ClusterPart {
  readonly l2: View;
  /** Offset of the entry in `l2`. */
  readonly entry: number;
  readonly within: number;
  readonly length: number;
}

/** The 56-bit host offset of an L1 or a plain L2 entry. Its low 9 bits are flags. */
export function hostOffset(high: number, low: number): number {
  return (high & 0x00ffffff) * 2 ** 32 + ((low & ~0x1ff) >>> 0);
}

/**
 * The runs of a part of a cluster.
 * @param dataBytes size of what the host offsets point into
 * @throws corrupt for offsets that are unaligned or outside, and for contradictory flags
 */
export function clusterRuns(header: Header, part: ClusterPart, dataBytes: number): Run[] {
  const { l2, entry, within, length } = part;
  const high = l2.u32be(entry);
  const low = l2.u32be(entry + 4);
  const place = l2.base + entry;
  if ((high & COMPRESSED) !== 0) {
    if (header.externalData) throw corrupt(l2.label, "compressed cluster in an external data file", place);
    const { offset, length: bytes } = compressedAt(high, low, header.clusterBits);
    if (offset >= dataBytes) throw outside(l2.label, offset, dataBytes, place);
    return [
      { kind: "compressed", length, within, at: { offset, length: Math.min(bytes, dataBytes - offset) } },
    ];
  }
  const offset = hostOffset(high, low);
  if (offset % 2 ** header.clusterBits !== 0)
    throw corrupt(l2.label, `cluster at ${offset} is not aligned to clusters`, place);
  // In an external data file, offset 0 is a cluster like any other when the "copied" bit says it is in use.
  const allocated = offset !== 0 || (header.externalData && (high & COPIED) !== 0);
  const start = allocated ? offset : undefined;
  const runs = header.extendedL2
    ? subclusterRuns(part, start, 2 ** header.clusterBits)
    : [plainRun(part, start, (low & ZERO) !== 0, header.version)];
  for (const run of runs) {
    if (run.kind === "stored" && run.offset + run.length > dataBytes)
      throw outside(l2.label, offset, dataBytes, place);
  }
  return runs;
}

function plainRun(part: ClusterPart, start: number | undefined, zero: boolean, version: number): Run {
  const { l2, entry, within, length } = part;
  if (zero && version < 3) throw corrupt(l2.label, "zero cluster in a version 2 image", l2.base + entry);
  if (zero) return { kind: "zero", length };
  if (start === undefined) return { kind: "unallocated", length };
  return { kind: "stored", length, offset: start + within };
}

function subclusterRuns(part: ClusterPart, start: number | undefined, clusterBytes: number): Run[] {
  const { l2, entry, within, length } = part;
  const zeros = l2.u32be(entry + 8);
  const stored = l2.u32be(entry + 12);
  if ((zeros & stored) !== 0 || (start === undefined && stored !== 0))
    throw corrupt(l2.label, "contradictory subcluster bitmap", l2.base + entry + 8);
  const bytes = clusterBytes / SUBCLUSTERS;
  const runs: Run[] = [];
  for (let at = within; at < within + length; ) {
    const index = Math.floor(at / bytes);
    const stop = Math.min(within + length, (index + 1) * bytes);
    const bit = 1 << index;
    if ((zeros & bit) !== 0) runs.push({ kind: "zero", length: stop - at });
    else if (start === undefined || (stored & bit) === 0)
      runs.push({ kind: "unallocated", length: stop - at });
    else runs.push({ kind: "stored", length: stop - at, offset: start + at });
    at = stop;
  }
  return runs;
}

/** The descriptor's offset field is `70 - clusterBits` bits wide; sectors beyond the first one follow it. */
function compressedAt(high: number, low: number, clusterBits: number): { offset: number; length: number } {
  const highBits = 70 - clusterBits - 32;
  const offset = (high & (2 ** highBits - 1)) * 2 ** 32 + low;
  const sectors = ((high & 0x3fffffff) >>> highBits) + 1;
  return { offset, length: sectors * SECTOR_BYTES - (offset % SECTOR_BYTES) };
}

function outside(label: string, offset: number, dataBytes: number, place: number): ScanError {
  return corrupt(
    label,
    `cluster at ${offset} lies outside the ${dataBytes} bytes there are: is the file complete?`,
    place,
  );
}

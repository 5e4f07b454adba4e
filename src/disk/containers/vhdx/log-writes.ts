import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";

const SECTOR = 4096;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a log writes over a file: sectors of data, and stretches of zeros of any length. Later writes win. */
export class LogWrites {
  readonly #sectors = new Map<number, Uint8Array>();
  readonly #zeros: Range[] = [];

  /** `offset` is a multiple of 4096, `bytes` 4096 long. */
  set(offset: number, bytes: Uint8Array): void {
    this.#sectors.set(offset / SECTOR, bytes);
  }

  zero(offset: number, length: number): void {
    const first = offset / SECTOR;
    const end = (offset + length) / SECTOR;
    if (end - first < this.#sectors.size)
      for (let sector = first; sector < end; sector++) this.#sectors.delete(sector);
    else
      for (const sector of this.#sectors.keys())
        if (sector >= first && sector < end) this.#sectors.delete(sector);
    if (length > 0) this.#zeros.push({ start: offset, end: offset + length });
  }

  /** `inner` with the writes over it, grown with zeros to `size`. */
  over(inner: ByteSource, size: number): ByteSource {
    const sectors = this.#sectors;
    const zeros = merged(this.#zeros);
    const source: ByteSource = {
      size,
      label: inner.label,
      async read(offset, length, signal) {
        signal?.throwIfAborted();
        checkRange(source, offset, length);
        const bytes = new Uint8Array(length);
        const have = Math.max(0, Math.min(length, inner.size - offset));
        if (have > 0) bytes.set(await inner.read(offset, have, signal));
        for (const { start, end } of overlapping(zeros, offset, offset + length))
          bytes.fill(0, Math.max(0, start - offset), Math.min(length, end - offset));
        const last = Math.floor((offset + length - 1) / SECTOR);
        for (let sector = Math.floor(offset / SECTOR); sector <= last; sector++) {
          const start = sector * SECTOR;
          const from = Math.max(offset, start);
          const to = Math.min(offset + length, start + SECTOR);
          const written = sectors.get(sector);
          if (written) bytes.set(written.subarray(from - start, to - start), from - offset);
        }
        return bytes;
      },
    };
    return source;
  }
}

function merged(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && range.start <= last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    else result.push(range);
  }
  return result;
}

/** Those of the disjoint, sorted `ranges` that reach into `start .. end`. */
function overlapping(ranges: readonly Range[], start: number, end: number): readonly Range[] {
  let low = 0;
  for (let high = ranges.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  const found: Range[] = [];
  for (let range = ranges[low]; range && range.start < end; range = ranges[++low]) found.push(range);
  return found;
}

import type { ByteSource } from "./byte-source.ts";
import { type Extent, mapped } from "./mapped.ts";

/** Bytes of a source that lie somewhere else. */
export interface Placed {
  readonly start: number;
  readonly length: number;
  /** Taken in turn, `stripeBytes` from each; one part is read straight through; none: zeros. */
  readonly parts: readonly Part[];
  readonly stripeBytes?: number;
}

export interface Part {
  readonly source: ByteSource;
  readonly offset: number;
}

/** A source put together from what is known beforehand: `placed` is in order and has no gaps. */
export function assembled(placed: readonly Placed[], size: number, label: string): ByteSource {
  return mapped(size, label, async (offset, length) => [...extentsOf(placed, offset, length)]);
}

function* extentsOf(placed: readonly Placed[], offset: number, length: number): Generator<Extent> {
  const end = offset + length;
  for (let index = indexAt(placed, offset), at = offset; at < end; index++) {
    const one = placed[index];
    // Behind the last one there are zeros.
    const to = Math.min(end, one ? one.start + one.length : end);
    while (at < to) {
      const extent: Extent = one ? extentAt(one, at, to) : { kind: "zeros", length: to - at };
      yield extent;
      at += extent.length;
    }
  }
}

function extentAt({ start, parts, stripeBytes }: Placed, at: number, to: number): Extent {
  const within = at - start;
  const length = to - at;
  const [only] = parts;
  if (!only) return { kind: "zeros", length };
  if (parts.length === 1 || stripeBytes === undefined)
    return { kind: "stored", length, source: only.source, offset: only.offset + within };
  const stripe = Math.floor(within / stripeBytes);
  const inStripe = within % stripeBytes;
  const part = parts[stripe % parts.length] ?? only;
  return {
    kind: "stored",
    length: Math.min(stripeBytes - inStripe, length),
    source: part.source,
    offset: part.offset + Math.floor(stripe / parts.length) * stripeBytes + inStripe,
  };
}

/** The one that holds `offset`. */
function indexAt(placed: readonly Placed[], offset: number): number {
  let low = 0;
  let high = placed.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((placed[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

import { limitReached } from "../../errors.ts";
import { type ByteSource, checkRange } from "./byte-source.ts";

/** One read larger than this is refused before there is memory for it: sizes are as untrusted as all else. */
const READ_MAX_BYTES = 2 ** 31;

/** Where `length` bytes of a mapped source come from. */
export type Extent =
  | { readonly kind: "zeros"; readonly length: number }
  | {
      readonly kind: "stored";
      readonly length: number;
      readonly source: ByteSource;
      readonly offset: number;
    }
  | {
      readonly kind: "made";
      readonly length: number;
      /** Exactly `length` bytes: decompressed, or put together from several places. */
      make(signal?: AbortSignal): Promise<Uint8Array>;
    };

/** Gives the extents that make up `offset .. offset+length`, in order. The range lies inside the source. */
export type Locate = (offset: number, length: number) => Promise<readonly Extent[]>;

/**
 * A disk whose bytes lie scattered in other sources. Extents of one read that continue each other become one
 * read below, and all reads below are issued together.
 */
export function mapped(size: number, label: string, locate: Locate): ByteSource {
  const source: ByteSource = {
    size,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      if (length === 0) return new Uint8Array(0);
      if (length > READ_MAX_BYTES) throw limitReached(label, `read of ${length} bytes at once`, offset);
      const extents = joined(await locate(offset, length));
      let at = 0;
      const parts = extents.map(async (extent) => {
        const start = at;
        at += extent.length;
        return { start, bytes: await bytesOf(extent, signal) };
      });
      const done = await Promise.all(parts);
      const [only] = done;
      if (done.length === 1 && only?.bytes?.length === length) return only.bytes;
      const result = new Uint8Array(length);
      for (const { start, bytes } of done) if (bytes) result.set(bytes, start);
      return result;
    },
  };
  return source;
}

async function bytesOf(extent: Extent, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  switch (extent.kind) {
    case "zeros":
      return undefined;
    case "stored":
      return extent.source.read(extent.offset, extent.length, signal);
    case "made":
      return extent.make(signal);
  }
}

function joined(extents: readonly Extent[]): Extent[] {
  const result: Extent[] = [];
  for (const extent of extents) {
    const last = result.at(-1);
    if (last && continues(last, extent))
      result[result.length - 1] = { ...last, length: last.length + extent.length };
    else result.push(extent);
  }
  return result;
}

function continues(last: Extent, next: Extent): boolean {
  if (last.kind === "zeros") return next.kind === "zeros";
  if (last.kind !== "stored" || next.kind !== "stored") return false;
  return last.source === next.source && last.offset + last.length === next.offset;
}

/** Locates a range block by block, side by side, for formats whose tables map blocks of one size. */
export async function byBlock(
  offset: number,
  length: number,
  blockBytes: number,
  locate: (block: number, within: number, length: number) => Promise<readonly Extent[]>,
): Promise<readonly Extent[]> {
  const parts: Promise<readonly Extent[]>[] = [];
  for (let at = offset; at < offset + length; ) {
    const block = Math.floor(at / blockBytes);
    const stop = Math.min(offset + length, (block + 1) * blockBytes);
    parts.push(locate(block, at - block * blockBytes, stop - at));
    at = stop;
  }
  return (await Promise.all(parts)).flat();
}

/** What shows through where a disk holds nothing: its parent, and zeros where there is none or it has ended. */
export function beneath(parent: ByteSource | undefined, offset: number, length: number): readonly Extent[] {
  const shown = parent ? Math.max(0, Math.min(length, parent.size - offset)) : 0;
  const extents: Extent[] = [];
  if (parent && shown > 0) extents.push({ kind: "stored", length: shown, source: parent, offset });
  if (shown < length) extents.push({ kind: "zeros", length: length - shown });
  return extents;
}

import { type ByteSource, checkRange } from "./byte-source.ts";

/**
 * A source some of whose blocks are replaced by others, by block number: what a replayed journal or log leaves.
 * Every block is `blockBytes` long.
 */
export function overlay(
  inner: ByteSource,
  blockBytes: number,
  blocks: ReadonlyMap<number, Uint8Array>,
): ByteSource {
  if (blocks.size === 0) return inner;
  const source: ByteSource = {
    size: inner.size,
    label: inner.label,
    async read(offset, length, signal) {
      checkRange(source, offset, length);
      const first = Math.floor(offset / blockBytes);
      const last = Math.floor((offset + Math.max(length, 1) - 1) / blockBytes);
      const replaced: number[] = [];
      for (let block = first; block <= last; block++) if (blocks.has(block)) replaced.push(block);
      const bytes = await inner.read(offset, length, signal);
      if (replaced.length === 0) return bytes;
      const mixed = bytes.slice();
      for (const block of replaced) {
        const start = block * blockBytes;
        const from = Math.max(offset, start);
        const to = Math.min(offset + length, start + blockBytes);
        const patch = blocks.get(block);
        if (patch) mixed.set(patch.subarray(from - start, to - start), from - offset);
      }
      return mixed;
    },
  };
  return source;
}

import type { ByteSource } from "./byte-source.ts";

/**
 * The bytes `offset .. offset+length` of a table whose neighbouring entries are likely to be wanted next. What is
 * read is the whole `grainBytes` around them, so that the cache below has the neighbours.
 */
export async function grain(
  source: ByteSource,
  offset: number,
  length: number,
  grainBytes: number,
): Promise<Uint8Array> {
  const start = Math.floor(offset / grainBytes) * grainBytes;
  const end = Math.ceil((offset + length) / grainBytes) * grainBytes;
  if (!Number.isSafeInteger(start) || start < 0 || end > source.size) return source.read(offset, length);
  const bytes = await source.read(start, end - start);
  return bytes.subarray(offset - start, offset - start + length);
}

import { abortable } from "../disk/bytes/abortable.ts";
import type { ByteSource } from "../disk/bytes/byte-source.ts";
import { cached } from "../disk/bytes/cached.ts";
import { coalesced } from "../disk/bytes/coalesced.ts";
import { type Cost, counted } from "../disk/bytes/counted.ts";
import { retrying } from "../disk/bytes/retrying.ts";
import type { Reading } from "../disk/target.ts";

/** What an image, and all its companions together, may keep in memory. */
export const CACHE_BYTES: number = 32 << 20;

/** The decorators under every image: nothing is read twice, and each set of reads is one counted round. */
export function readingStack(
  source: ByteSource,
  reading: Reading,
  { cost, requests }: { readonly cost: Cost; readonly requests?: (() => number) | undefined },
  signal: AbortSignal | undefined,
  cacheBytes: number = CACHE_BYTES,
): ByteSource {
  const { blockBytes, gapMaxBytes } = reading;
  const reached = retrying(signal ? abortable(source, signal) : source);
  const onGap = (offset: number, bytes: Uint8Array): void => cache.keep(offset, bytes);
  const cache = cached(coalesced(counted(reached, cost, requests), { gapMaxBytes, cost, onGap }), {
    blockBytes,
    maxBytes: cacheBytes,
  });
  return cache;
}

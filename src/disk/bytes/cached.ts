import { type ByteSource, checkRange } from "./byte-source.ts";

export interface CacheOptions {
  /** Reads below are whole blocks of this size: 4 KiB for files, 64 KiB for HTTP, 512 KiB for EBS. */
  readonly blockBytes?: number;
  /** Oldest blocks are dropped above this. Default 32 MiB. */
  readonly maxBytes?: number;
}

export interface Cache extends ByteSource {
  /** Takes bytes that were read below without being asked for: the whole blocks among them. */
  keep(offset: number, bytes: Uint8Array): void;
}

/**
 * Keeps blocks that were read. A block in flight is shared, a failed one is forgotten. A caller's abort ends
 * only that caller's wait when others share the block: the fetch itself carries no caller's signal.
 */
export function cached(inner: ByteSource, options: CacheOptions = {}): Cache {
  const blockBytes = options.blockBytes ?? 4096;
  const blocksMax = Math.max(4, Math.floor((options.maxBytes ?? 32 << 20) / blockBytes));
  const blocks = new Map<number, Promise<Uint8Array>>();

  function fetchRun(first: number, last: number): void {
    const start = first * blockBytes;
    const end = Math.min((last + 1) * blockBytes, inner.size);
    const run = inner.read(start, end - start);
    for (let block = first; block <= last; block++) {
      const at = block * blockBytes - start;
      const promise = run.then((bytes) => bytes.subarray(at, Math.min(at + blockBytes, bytes.length)));
      promise.catch(() => {
        if (blocks.get(block) === promise) blocks.delete(block);
      });
      blocks.set(block, promise);
    }
  }

  function want(first: number, last: number): Promise<Uint8Array>[] {
    let missing: number | undefined;
    for (let block = first; block <= last + 1; block++) {
      const known = block > last || blocks.has(block);
      if (!known) missing ??= block;
      else if (missing !== undefined) {
        fetchRun(missing, block - 1);
        missing = undefined;
      }
    }
    const wanted: Promise<Uint8Array>[] = [];
    for (let block = first; block <= last; block++) {
      const promise = blocks.get(block);
      if (promise) wanted.push(promise);
    }
    for (const oldest of blocks.keys()) {
      if (blocks.size <= blocksMax) break;
      blocks.delete(oldest);
    }
    return wanted;
  }

  const source: Cache = {
    size: inner.size,
    label: inner.label,
    keep(offset, bytes) {
      const end = offset + bytes.length;
      for (let block = Math.ceil(offset / blockBytes); (block + 1) * blockBytes <= end; block++) {
        if (blocks.size >= blocksMax) return;
        const at = block * blockBytes - offset;
        if (!blocks.has(block)) blocks.set(block, Promise.resolve(bytes.subarray(at, at + blockBytes)));
      }
    },
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      if (length === 0) return new Uint8Array(0);
      const first = Math.floor(offset / blockBytes);
      const parts = await abortable(
        Promise.all(want(first, Math.floor((offset + length - 1) / blockBytes))),
        signal,
      );
      const skip = offset - first * blockBytes;
      const [only] = parts;
      if (parts.length === 1 && only) return only.subarray(skip, skip + length);
      const joined = new Uint8Array(length);
      let at = -skip;
      for (const part of parts) {
        const from = Math.max(0, -at);
        const piece = part.subarray(from, Math.min(part.length, length - at));
        joined.set(piece, at + from);
        at += part.length;
      }
      return joined;
    },
  };
  return source;
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

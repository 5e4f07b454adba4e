import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";

const WINDOW_BYTES = 256 << 10;

/**
 * For reading headers from front to end: small reads are answered from one window, which moves on to wherever the
 * next read is. What lies between (the data of large members) is never fetched.
 */
export function windowed(inner: ByteSource): ByteSource {
  let start = 0;
  let window: Uint8Array = new Uint8Array();
  const source: ByteSource = {
    size: inner.size,
    label: inner.label,
    async read(offset, length, signal) {
      checkRange(source, offset, length);
      if (length > WINDOW_BYTES) return inner.read(offset, length, signal);
      if (offset < start || offset + length > start + window.length) {
        start = offset;
        window = await inner.read(offset, Math.min(WINDOW_BYTES, inner.size - offset), signal);
      }
      return window.subarray(offset - start, offset - start + length);
    },
  };
  return source;
}

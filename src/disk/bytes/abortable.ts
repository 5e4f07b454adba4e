import type { ByteSource } from "./byte-source.ts";

/** Ends every read once `signal` is aborted, whoever asks: how Ctrl-C reaches a scan under way. */
export function abortable(inner: ByteSource, signal: AbortSignal): ByteSource {
  return {
    size: inner.size,
    label: inner.label,
    async read(offset, length) {
      signal.throwIfAborted();
      return inner.read(offset, length, signal);
    },
  };
}

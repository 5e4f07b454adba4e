import { ScanError } from "../../errors.ts";
import type { ByteSource } from "./byte-source.ts";

export interface RetryOptions {
  /** Attempts in all. Default 4. */
  readonly attemptsMax?: number;
  /** Waits before attempt n (from 1), in milliseconds. The default backs off from 100 ms, doubling. */
  readonly delayMs?: (attempt: number) => number;
}

/** Tries a read again when it failed with `transient`; every other error passes at once. */
export function retrying(inner: ByteSource, options: RetryOptions = {}): ByteSource {
  const attemptsMax = options.attemptsMax ?? 4;
  const delayMs = options.delayMs ?? ((attempt: number): number => 100 * 2 ** (attempt - 1));
  return {
    size: inner.size,
    label: inner.label,
    async read(offset, length, signal) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await inner.read(offset, length, signal);
        } catch (error) {
          if (!(error instanceof ScanError) || error.code !== "transient" || attempt >= attemptsMax)
            throw error;
          await wait(delayMs(attempt), signal);
        }
      }
    },
  };
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

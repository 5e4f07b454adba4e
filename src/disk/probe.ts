import type { ByteSource } from "./bytes/byte-source.ts";

/** Probes run side by side, so that they share one round; the first in the list's order wins. */
export async function firstThatProbes<T extends { probe(source: ByteSource): Promise<boolean> }>(
  formats: readonly T[],
  source: ByteSource,
): Promise<T | undefined> {
  const answers = await Promise.all(formats.map((format) => format.probe(source)));
  return formats.find((_, index) => answers[index]);
}

/** Asks for the front of a source now: the cache below shares it with whoever asks later in this turn. */
export function prefetch(source: ByteSource, bytes: number): void {
  source.read(0, Math.min(bytes, source.size)).catch(() => undefined);
}

/** The same of its end. */
export function prefetchEnd(source: ByteSource, bytes: number): void {
  const length = Math.min(bytes, source.size);
  source.read(source.size - length, length).catch(() => undefined);
}

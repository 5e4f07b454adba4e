import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { isReadError } from "../../src/errors.ts";

/** A small deterministic generator (xorshift32): the same seed gives the same mutants everywhere. */
export function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const EDGES = [0x00, 0xff, 0x7f, 0x80, 0x01, 0xfe];

/** A copy of `original` with 1 to 8 hostile changes; `hot` are ranges (metadata) that are hit most often. */
export function mutant(
  original: Uint8Array,
  next: () => number,
  hot: readonly (readonly [start: number, end: number])[] = [],
): Uint8Array {
  const bytes = new Uint8Array(original); // a copy; slice of a Buffer is none
  const changes = 1 + Math.floor(next() * 8);
  for (let i = 0; i < changes; i++) {
    const range = hot.length > 0 && next() < 0.8 ? hot[Math.floor(next() * hot.length)] : undefined;
    const [start, end] = range ?? [0, bytes.length];
    const at = start + Math.floor(next() * Math.max(1, end - start));
    const width = [1, 2, 4, 8][Math.floor(next() * 4)] ?? 1;
    const edge = next() < 0.5 ? EDGES[Math.floor(next() * EDGES.length)] : undefined;
    for (let j = at; j < Math.min(at + width, bytes.length); j++) bytes[j] = edge ?? Math.floor(next() * 256);
  }
  return next() < 0.05 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes;
}

export interface MutationCount {
  readonly mutants: number;
  readonly accepted: number;
  readonly refused: number;
}

/**
 * Runs `read` on `count` mutants. Anything but a result or a ScanError, more than `readsMax` reads, or more
 * than `secondsMax` for one mutant fails with the seed's index.
 */
export async function tryMutants(
  original: Uint8Array,
  read: (source: ByteSource) => Promise<void>,
  options: {
    count: number;
    seed?: number;
    hot?: readonly (readonly [number, number])[];
    readsMax?: number;
    secondsMax?: number;
  },
): Promise<MutationCount> {
  const next = random(options.seed ?? 0x5eed);
  const readsMax = options.readsMax ?? 20_000;
  let accepted = 0;
  let refused = 0;
  for (let i = 0; i < options.count; i++) {
    const inner = memorySource(mutant(original, next, options.hot), `mutant ${i}`);
    let reads = 0;
    const source: ByteSource = {
      size: inner.size,
      label: inner.label,
      read(offset, length, signal) {
        if (++reads > readsMax) throw new Error(`mutant ${i}: more than ${readsMax} reads`);
        return inner.read(offset, length, signal);
      },
    };
    const begun = performance.now();
    try {
      await read(source);
      accepted++;
    } catch (error) {
      if (!isReadError(error)) throw new Error(`mutant ${i}: uncaught ${String(error)}`, { cause: error });
      refused++;
    }
    const seconds = (performance.now() - begun) / 1000;
    if (seconds > (options.secondsMax ?? 10)) throw new Error(`mutant ${i}: took ${seconds.toFixed(1)} s`);
  }
  return { mutants: options.count, accepted, refused };
}

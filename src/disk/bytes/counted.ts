import type { ByteSource } from "./byte-source.ts";

/** What reading cost. `rounds` are sets of reads that did not depend on each other. */
export interface Cost {
  reads: number;
  bytes: number;
  rounds: number;
  /** Where reading takes requests: how many were sent, those for other things than reads among them. */
  requests?: number;
}

/** Counts what passes through to `inner`. Put it directly around the file, URL or block service. */
export function counted(inner: ByteSource, cost: Cost, requests?: () => number): ByteSource {
  return {
    size: inner.size,
    label: inner.label,
    async read(offset, length, signal) {
      cost.reads += 1;
      cost.bytes += length;
      try {
        return await inner.read(offset, length, signal);
      } finally {
        if (requests) cost.requests = requests();
      }
    },
  };
}

export function newCost(): Cost {
  return { reads: 0, bytes: 0, rounds: 0 };
}

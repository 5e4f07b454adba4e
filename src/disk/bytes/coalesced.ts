import { type ByteSource, checkRange } from "./byte-source.ts";
import type { Cost } from "./counted.ts";

export interface CoalesceOptions {
  /** Two reads at most this many bytes apart become one. Default 0: touching. */
  readonly gapMaxBytes?: number;
  /** Told of the gaps that were read with the rest. */
  readonly onGap?: (offset: number, bytes: Uint8Array) => void;
  /** No merged read grows past this. Default 1 MiB. */
  readonly readMaxBytes?: number;
  /** Where each flush adds one round. */
  readonly cost?: Cost;
}

interface Waiting {
  readonly offset: number;
  readonly length: number;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the reads that are asked for before the event loop turns, merges neighbours, issues them together
 * and answers all of them together. Work that proceeds in parallel above therefore moves in lockstep: one
 * flush is one dependent round trip, and read counts are the same on every run.
 */
export function coalesced(inner: ByteSource, options: CoalesceOptions = {}): ByteSource {
  const gapMax = options.gapMaxBytes ?? 0;
  const readMax = options.readMaxBytes ?? 1 << 20;
  let waiting: Waiting[] = [];
  let signals = new Set<AbortSignal>();
  let busy = false;

  async function flush(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.toSorted((a, b) => a.offset - b.offset);
      const [signal] = signals.size === 1 ? signals : [];
      waiting = [];
      signals = new Set();
      if (options.cost) options.cost.rounds += 1;
      const settled = await Promise.all(
        merge(batch, gapMax, readMax).map((group) => readGroup(inner, group, signal, options.onGap)),
      );
      for (const answer of settled.flat()) answer();
      await turn();
    }
    busy = false;
  }

  const source: ByteSource = {
    size: inner.size,
    label: inner.label,
    read(offset, length, signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        checkRange(source, offset, length);
        waiting.push({ offset, length, resolve, reject });
        if (signal) signals.add(signal);
        if (!busy) {
          busy = true;
          turn().then(flush).catch(reject);
        }
      });
    },
  };
  return source;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Group {
  readonly start: number;
  end: number;
  readonly members: Waiting[];
}

function merge(sorted: readonly Waiting[], gapMax: number, readMax: number): Group[] {
  const groups: Group[] = [];
  for (const one of sorted) {
    const last = groups.at(-1);
    const end = one.offset + one.length;
    if (last && one.offset <= last.end + gapMax && Math.max(end, last.end) - last.start <= readMax) {
      last.end = Math.max(last.end, end);
      last.members.push(one);
    } else {
      groups.push({ start: one.offset, end, members: [one] });
    }
  }
  return groups;
}

/** Answers to hand out once the whole batch is in: a failed group fails its own members only. */
async function readGroup(
  inner: ByteSource,
  group: Group,
  signal: AbortSignal | undefined,
  onGap: CoalesceOptions["onGap"],
): Promise<(() => void)[]> {
  try {
    const bytes = await inner.read(group.start, group.end - group.start, signal);
    if (onGap) tellGaps(group, bytes, onGap);
    return group.members.map((one) => () => {
      const at = one.offset - group.start;
      one.resolve(bytes.subarray(at, at + one.length));
    });
  } catch (error) {
    return group.members.map((one) => () => one.reject(error));
  }
}

/** The members lie in order of their offsets. */
function tellGaps(group: Group, bytes: Uint8Array, onGap: (offset: number, bytes: Uint8Array) => void): void {
  let end = group.start;
  for (const { offset, length } of group.members) {
    if (offset > end) onGap(end, bytes.subarray(end - group.start, offset - group.start));
    end = Math.max(end, offset + length);
  }
}

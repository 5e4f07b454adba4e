import { type ByteSource, checkRange } from "../../../src/disk/bytes/byte-source.ts";
import { limitReached } from "../../../src/errors.ts";
import type { Ranges } from "./message.ts";

/** The grain of what is kept and asked for: what the worker aligns to. */
const BLOCK = 4096;
/** Held in memory, and brought through the serial port: both are bounded. */
export const ASKED_MAX_BYTES: number = 128 << 20;
/** Of one answer; the worker keeps to the same. */
export const ANSWER_MAX_BYTES: number = 16 << 20;
/** Asked for around what is missing: where one structure lies the next often does. */
const AROUND = 32 << 10;

export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Gets ranges of the disk. Rejects with a ScanError when it cannot. */
export type Ask = (ranges: readonly Range[]) => Promise<Ranges>;

/**
 * A disk of which only asked-for blocks are here. What is missing is asked for: all reads of one turn in one go, for
 * a question and its answer take seconds. Nothing that was not fetched ever reads as zeros.
 */
export class AskedDisk implements ByteSource {
  readonly size: number;
  readonly label: string;
  readonly #ask: Ask;
  readonly #blocks = new Map<number, Uint8Array>();
  #wanted = new Set<number>();
  #round: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(first: Ranges, label: string, ask: Ask) {
    this.size = first.diskBytes;
    this.label = label;
    this.#ask = ask;
    this.#keep(first);
  }

  get heldBytes(): number {
    return this.#blocks.size * BLOCK;
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    checkRange(this, offset, length);
    if (length === 0) return new Uint8Array(0);
    const first = Math.floor(offset / BLOCK);
    const last = Math.floor((offset + length - 1) / BLOCK);
    const missing: number[] = [];
    for (let block = first; block <= last; block++) if (!this.#blocks.has(block)) missing.push(block);
    if (missing.length > 0) await this.#fetch(missing);
    signal?.throwIfAborted();
    const result = new Uint8Array(length);
    for (let block = first; block <= last; block++) {
      const bytes = this.#blocks.get(block);
      if (!bytes) throw limitReached(this.label, "not fetched by the worker", block * BLOCK);
      const from = Math.max(0, offset - block * BLOCK);
      const to = Math.min(bytes.length, offset + length - block * BLOCK);
      result.set(bytes.subarray(from, to), block * BLOCK + from - offset);
    }
    return result;
  }

  #fetch(blocks: readonly number[]): Promise<void> {
    if ((this.#blocks.size + this.#wanted.size + blocks.length) * BLOCK > ASKED_MAX_BYTES)
      throw limitReached(
        this.label,
        `not fetched: the worker sends at most ${ASKED_MAX_BYTES >> 20} MiB of one image over its serial port`,
      );
    for (const block of blocks) this.#wanted.add(block);
    this.#round ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const wanted = this.#wanted;
      this.#wanted = new Set();
      this.#round = undefined;
      const asked = this.#last.catch(() => undefined).then(() => this.#askFor(wanted));
      this.#last = asked;
      return asked;
    });
    return this.#round;
  }

  async #askFor(wanted: ReadonlySet<number>): Promise<void> {
    const missing = [...wanted].filter((block) => !this.#blocks.has(block));
    const around = new Set(missing);
    const more = AROUND / BLOCK;
    for (const block of missing) {
      // The whole aligned window, as far as it is not here and the answer does not grow too large.
      const start = block - (block % more);
      for (let near = start; near < start + more && around.size * BLOCK < ANSWER_MAX_BYTES / 2; near++)
        if (!this.#blocks.has(near) && near * BLOCK < this.size) around.add(near);
    }
    const blocks = [...around].toSorted((a, b) => a - b);
    const perAnswer = ANSWER_MAX_BYTES / BLOCK;
    for (let at = 0; at < blocks.length; at += perAnswer)
      this.#keep(await this.#ask(rangesOf(blocks.slice(at, at + perAnswer), this.size)));
  }

  #keep({ pieces }: Ranges): void {
    for (const { offset, bytes } of pieces) {
      for (let at = (BLOCK - (offset % BLOCK)) % BLOCK; at < bytes.length; at += BLOCK) {
        const isWhole = at + BLOCK <= bytes.length || offset + bytes.length === this.size;
        if (isWhole) this.#blocks.set((offset + at) / BLOCK, bytes.subarray(at, at + BLOCK));
      }
    }
  }
}

function rangesOf(blocks: readonly number[], size: number): readonly Range[] {
  const ranges: { offset: number; length: number }[] = [];
  for (const block of blocks) {
    const last = ranges.at(-1);
    if (last && last.offset + last.length === block * BLOCK) last.length += BLOCK;
    else ranges.push({ offset: block * BLOCK, length: BLOCK });
  }
  return ranges.map(({ offset, length }) => ({ offset, length: Math.min(length, size - offset) }));
}

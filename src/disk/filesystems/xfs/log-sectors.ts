import { corrupt, limitReached } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { overlay } from "../../bytes/overlay.ts";
import { BASIC_BLOCK_BYTES } from "./log-record.ts";

const LOADED_MAX_BYTES = 64 << 20;

/** A run of whole sectors. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** The sectors of a volume that a replay looks at and changes. */
export class Sectors {
  readonly #source: ByteSource;
  readonly #loaded = new Map<number, Uint8Array>();
  readonly #changed = new Map<number, Uint8Array>();

  private constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Reads everything that the replay will look at, in one round. */
  static async load(source: ByteSource, ranges: readonly Range[]): Promise<Sectors> {
    const sectors = new Sectors(source);
    const distinct = new Map(ranges.map((range) => [`${range.offset} ${range.length}`, range]));
    let bytes = 0;
    for (const range of distinct.values()) {
      sectors.#check(range);
      bytes += range.length;
    }
    if (bytes > LOADED_MAX_BYTES)
      throw limitReached(source.label, `log: ${bytes} bytes of the volume to change`);
    await Promise.all(
      [...distinct.values()].map(async ({ offset, length }) => {
        const read = await source.read(offset, length);
        for (let at = 0; at < length; at += BASIC_BLOCK_BYTES)
          sectors.#loaded.set((offset + at) / BASIC_BLOCK_BYTES, read.subarray(at, at + BASIC_BLOCK_BYTES));
      }),
    );
    return sectors;
  }

  /** How many sectors the replay has changed. */
  get count(): number {
    return this.#changed.size;
  }

  /** Whether the replay has written the first sector of what lies at `offset`. */
  wrote(offset: number): boolean {
    return this.#changed.has(offset / BASIC_BLOCK_BYTES);
  }

  /** A copy of sectors that were loaded or written, as they now are. */
  read({ offset, length }: Range): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += BASIC_BLOCK_BYTES) {
      const number = (offset + at) / BASIC_BLOCK_BYTES;
      const sector = this.#changed.get(number) ?? this.#loaded.get(number);
      if (!sector) throw new Error(`sector ${number} was not loaded`);
      bytes.set(sector, at);
    }
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#check({ offset, length: bytes.length });
    for (let at = 0; at < bytes.length; at += BASIC_BLOCK_BYTES)
      this.#changed.set((offset + at) / BASIC_BLOCK_BYTES, bytes.slice(at, at + BASIC_BLOCK_BYTES));
    if (this.#changed.size * BASIC_BLOCK_BYTES > LOADED_MAX_BYTES)
      throw limitReached(this.#source.label, `log: more than ${LOADED_MAX_BYTES} bytes changed`);
  }

  asSource(): ByteSource {
    return overlay(this.#source, BASIC_BLOCK_BYTES, this.#changed);
  }

  #check({ offset, length }: Range): void {
    const whole = offset % BASIC_BLOCK_BYTES === 0 && length % BASIC_BLOCK_BYTES === 0;
    if (!Number.isSafeInteger(offset) || offset < 0 || !whole || offset + length > this.#source.size)
      throw corrupt(this.#source.label, `log: changes ${length} bytes where the volume has none`, offset);
  }
}

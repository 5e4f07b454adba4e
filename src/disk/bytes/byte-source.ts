import { corrupt } from "../../errors.ts";

/**
 * Random-access bytes: a file, a disk, a partition, a file inside a file system. Everything between an
 * image and a configuration file is one of these; caching, counting and slicing are decorators around one.
 */
export interface ByteSource {
  /** Total size in bytes, a safe integer. */
  readonly size: number;
  /** What this is, for error messages: `x.qcow2 > qcow2 > gpt#1`. */
  readonly label: string;
  /**
   * Exactly `length` bytes from `offset`, or a rejection. A range outside `0..size` rejects with
   * `corrupt`: offsets come from untrusted structures. The result may be a view into a shared cache:
   * callers must not write to it. It is a plain Uint8Array, never a Buffer: `slice` of a Buffer does not copy.
   */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Rejects a range that does not lie inside the source. Every implementation calls this first. */
export function checkRange(source: ByteSource, offset: number, length: number): void {
  if (
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(length) ||
    offset < 0 ||
    length < 0 ||
    offset + length > source.size
  ) {
    throw corrupt(source.label, `read of ${length} bytes lies outside its ${source.size} bytes`, offset);
  }
}

/** Bytes held in memory. */
export function memorySource(held: Uint8Array, label: string): ByteSource {
  const bytes = new Uint8Array(held.buffer, held.byteOffset, held.byteLength);
  const source: ByteSource = {
    size: bytes.byteLength,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
  return source;
}

import { fstatSync, openSync, readSync } from "node:fs";
import { type ByteSource, checkRange, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { ScanError } from "../../src/errors.ts";

/** A source whose every read fails `times` times with `transient` before it works. */
export function failing(bytes: Uint8Array, times: number): ByteSource {
  const inner = memorySource(bytes, "failing");
  let left = times;
  return {
    size: inner.size,
    label: inner.label,
    async read(offset, length, signal) {
      if (left-- > 0) throw new ScanError("transient", "connection reset");
      return inner.read(offset, length, signal);
    },
  };
}

/** Every byte tells its own offset. */
export function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
}

/** A file as a source, read as it is needed; it stays open as long as the process runs. */
export function imageFile(path: string): ByteSource {
  const file = openSync(path, "r");
  const source: ByteSource = {
    size: fstatSync(file).size,
    label: "image",
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      const bytes = new Uint8Array(length);
      readSync(file, bytes, 0, length, offset);
      return bytes;
    },
  };
  return source;
}

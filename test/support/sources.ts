import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
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

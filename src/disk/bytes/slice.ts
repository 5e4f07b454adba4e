import { corrupt } from "../../errors.ts";
import { type ByteSource, checkRange } from "./byte-source.ts";

/** The bytes `start .. start+size` of `parent` as a source of their own, under the name `label`. */
export function slice(parent: ByteSource, start: number, size: number, label: string): ByteSource {
  if (
    !Number.isSafeInteger(start) ||
    !Number.isSafeInteger(size) ||
    start < 0 ||
    size < 0 ||
    start + size > parent.size
  ) {
    throw corrupt(label, `${size} bytes at ${start} lie outside the ${parent.size} bytes of ${parent.label}`);
  }
  const source: ByteSource = {
    size,
    label,
    async read(offset, length, signal) {
      checkRange(source, offset, length);
      return parent.read(start + offset, length, signal);
    },
  };
  return source;
}

import { openSync, readSync, statSync } from "node:fs";
import { type ByteSource, checkRange } from "../../src/disk/bytes/byte-source.ts";

/** A file of this machine, read as asked: for images that are too large to hold in memory. */
export function fileSource(path: string): ByteSource {
  const fd = openSync(path, "r");
  const source: ByteSource = {
    size: statSync(path).size,
    label: path,
    async read(offset, length) {
      checkRange(source, offset, length);
      const bytes = new Uint8Array(length);
      readSync(fd, bytes, 0, length, offset);
      return bytes;
    },
  };
  return source;
}

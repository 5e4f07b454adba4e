import { corrupt, unsupported } from "../../../errors.ts";
import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";
import { recent } from "../../bytes/recent.ts";
import { View } from "../../bytes/view.ts";

interface Algorithm {
  readonly chunkBytes: number;
  readonly codec: "xpress" | "lzx";
}

/** FILE_PROVIDER_EXTERNAL_INFO's Algorithm. Source: wofapi.h, FILE_PROVIDER_COMPRESSION_*. */
const ALGORITHMS: readonly Algorithm[] = [
  { chunkBytes: 4096, codec: "xpress" },
  { chunkBytes: 32768, codec: "lzx" },
  { chunkBytes: 8192, codec: "xpress" },
  { chunkBytes: 16384, codec: "xpress" },
];
const CHUNKS_KEPT = 64;

/**
 * A file that Windows' system compression packed: a table of where each chunk but the first starts, then the
 * chunks; one that did not shrink is stored plain. Sources: [MS-XCA]; the layout of WIM resources as wimlib
 * documents it, which WofCompressedData shares.
 */
export function packedSource(stored: ByteSource, sizeBytes: number, algorithm: number): ByteSource {
  const method = ALGORITHMS[algorithm];
  const { label } = stored;
  if (!method) throw unsupported(label, `WOF compression algorithm ${algorithm}`);
  const { chunkBytes, codec } = method;
  const chunksCount = Math.ceil(sizeBytes / chunkBytes);
  const wide = sizeBytes > 0xffffffff ? 8 : 4;
  const tableBytes = Math.max(0, chunksCount - 1) * wide;
  if (tableBytes > stored.size) throw corrupt(label, `chunk table of ${tableBytes} bytes in ${stored.size}`);
  const kept = recent<Uint8Array>(CHUNKS_KEPT);

  const chunk = async (index: number): Promise<Uint8Array> => {
    // Entries index-1 and index: where this one starts, where the next does.
    const from = Math.max(0, (index - 1) * wide);
    const to = Math.min(tableBytes, (index + 1) * wide);
    const table = new View(await stored.read(from, to - from), label, from);
    const entry = (i: number): number =>
      wide === 8 ? table.u64le(i * wide - from) : table.u32le(i * wide - from);
    const start = index === 0 ? 0 : entry(index - 1);
    const end = index === chunksCount - 1 ? stored.size - tableBytes : entry(index);
    const size = Math.min(chunkBytes, sizeBytes - index * chunkBytes);
    if (end <= start || end - start > size)
      throw corrupt(label, `chunk ${index} from ${start} to ${end}`, from);
    const bytes = await stored.read(tableBytes + start, end - start);
    if (bytes.length === size) return bytes;
    const name = `${label} > chunk ${index}`;
    if (codec === "lzx") return (await import("../../bytes/codecs/lzx.ts")).lzx(bytes, size, name);
    return (await import("../../bytes/codecs/xpress-huffman.ts")).xpressHuffman(bytes, size, name);
  };

  const source: ByteSource = {
    size: sizeBytes,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      const bytes = new Uint8Array(length);
      const jobs: Promise<void>[] = [];
      for (let index = Math.floor(offset / chunkBytes); index * chunkBytes < offset + length; index++) {
        const start = index * chunkBytes;
        const from = Math.max(offset, start);
        const to = Math.min(offset + length, start + chunkBytes);
        jobs.push(
          kept(index, () => chunk(index)).then((whole) =>
            bytes.set(whole.subarray(from - start, to - start), from - offset),
          ),
        );
      }
      await Promise.all(jobs);
      return bytes;
    },
  };
  return source;
}

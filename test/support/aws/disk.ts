import { open } from "node:fs/promises";
import type { ByteSource } from "../../../src/disk/bytes/byte-source.ts";

export const BLOCK_BYTES: number = 512 << 10;
const CHUNK_BLOCKS = 16;

/** The disk of a snapshot, as EBS keeps it: only blocks that were written. */
export interface FakeDisk {
  readonly volumeGib: number;
  /** Indices of the blocks that hold something, ascending. */
  written(): Promise<readonly number[]>;
  /** A block, padded with zeros to its full size. */
  block(index: number): Promise<Uint8Array>;
}

/** Any bytes as a disk; all-zero blocks count as never written. */
export function diskOf(source: ByteSource): FakeDisk {
  const blocks = Math.ceil(source.size / BLOCK_BYTES);
  let known: Promise<readonly number[]> | undefined;
  const read = async (from: number, count: number): Promise<Uint8Array> => {
    const start = from * BLOCK_BYTES;
    return source.read(start, Math.min(count * BLOCK_BYTES, source.size - start));
  };
  const look = async (): Promise<readonly number[]> => {
    const found: number[] = [];
    for (let from = 0; from < blocks; from += CHUNK_BLOCKS) {
      const bytes = await read(from, CHUNK_BLOCKS);
      for (let at = 0; at * BLOCK_BYTES < bytes.length; at++) {
        const block = bytes.subarray(at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES);
        if (!isZero(block)) found.push(from + at);
      }
    }
    return found;
  };
  return {
    volumeGib: Math.max(1, Math.ceil(source.size / 2 ** 30)),
    written: () => {
      known ??= look();
      return known;
    },
    async block(index) {
      const bytes = await read(index, 1);
      if (bytes.length === BLOCK_BYTES) return bytes;
      const padded = new Uint8Array(BLOCK_BYTES);
      padded.set(bytes);
      return padded;
    },
  };
}

/** A raw image file. */
export async function diskFile(path: string): Promise<FakeDisk & { close(): Promise<void> }> {
  const handle = await open(path);
  const { size } = await handle.stat();
  const disk = diskOf({
    size,
    label: path,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      await handle.read(bytes, 0, length, offset);
      return bytes;
    },
  });
  return { ...disk, close: () => handle.close() };
}

const ZEROS = Buffer.alloc(BLOCK_BYTES);

function isZero(bytes: Uint8Array): boolean {
  return ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}

import { spawnSync } from "node:child_process";
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

/** A raw image file; what was written is what its file system says. Source: lseek(2), SEEK_DATA. */
export async function diskFile(path: string): Promise<FakeDisk & { close(): Promise<void> }> {
  const handle = await open(path);
  const { size } = await handle.stat();
  const source: ByteSource = {
    size,
    label: path,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      await handle.read(bytes, 0, length, offset);
      return bytes;
    },
  };
  const disk = diskOf(source);
  const known = dataBlocks(path);
  return { ...disk, written: async () => known ?? disk.written(), close: () => handle.close() };
}

const SEEK = `
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
at, block, found = 0, int(sys.argv[2]), []
while True:
    try: start = os.lseek(fd, at, os.SEEK_DATA)
    except OSError: break
    at = os.lseek(fd, start, os.SEEK_HOLE)
    found.extend(range(start // block, -(-at // block)))
print(*sorted(set(found)))
`;

/** Undefined where there is no Python to ask: then every byte is looked at. */
function dataBlocks(path: string): readonly number[] | undefined {
  const asked = spawnSync("python3", ["-c", SEEK, path, String(BLOCK_BYTES)], { maxBuffer: 1 << 26 });
  if (asked.status !== 0) return undefined;
  return asked.stdout.toString().trim().split(" ").filter(Boolean).map(Number);
}

const ZEROS = Buffer.alloc(BLOCK_BYTES);

function isZero(bytes: Uint8Array): boolean {
  return ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}

import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, rmdir, statfs, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScanError } from "../../src/errors.ts";
import { handleSource, type OpenFile } from "../file-source.ts";

export interface SpoolOptions {
  readonly label: string;
  /** Most that the file may grow to, holes included. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Told how much there is so far, and undefined at the end, however it ends. */
  readonly onProgress?: ((bytes: number | undefined) => void) | undefined;
}

/** 64 GiB: more than any base image, less than a crafted archive of zeros could keep us busy with. */
export const SPOOL_MAX_BYTES: number = 64 * 2 ** 30;

/** Zeros of this many bytes, so aligned, become a hole. */
const HOLE_BYTES = 4096;
const PROGRESS_BYTES = 64 << 20;
/** Left free on the disk that temporary files are on. */
const RESERVE_BYTES = 256 << 20;
const ZEROS = Buffer.alloc(HOLE_BYTES);

/**
 * Writes a stream to a temporary file for random access, zeros as holes. The file has no name from the start: it is
 * gone when it is closed, however the process ends.
 * @throws limit when it grows too large or the disk is nearly full
 */
export async function spool(stream: AsyncIterable<Uint8Array>, options: SpoolOptions): Promise<OpenFile> {
  const file = await unnamedFile(options.label);
  try {
    const size = await fill(file, stream, options);
    return { source: handleSource(file, size, options.label), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  } finally {
    options.onProgress?.(undefined);
  }
}

async function unnamedFile(label: string): Promise<FileHandle> {
  try {
    const folder = await mkdtemp(join(tmpdir(), "sixray-"));
    const path = join(folder, "spool");
    try {
      const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600);
      await unlink(path);
      return file;
    } finally {
      await rmdir(folder);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ScanError("access", `no temporary file to unpack into (set TMPDIR): ${why}`, {
      at: [label],
      cause: error,
    });
  }
}

async function fill(
  file: FileHandle,
  stream: AsyncIterable<Uint8Array>,
  options: SpoolOptions,
): Promise<number> {
  const { label, maxBytes, signal, onProgress } = options;
  const { bavail, bsize } = await statfs(tmpdir());
  const roomBytes = Math.max(0, bavail * bsize - RESERVE_BYTES);
  let size = 0;
  let written = 0;
  let told = 0;
  for await (const piece of stream) {
    signal?.throwIfAborted();
    if (size + piece.length > maxBytes)
      throw new ScanError("limit", `unpacks to more than ${maxBytes} bytes: allow more with --max-spool`, {
        at: [label],
        again: true,
      });
    for (const [from, to] of stretches(piece, size)) {
      written += to - from;
      if (written > roomBytes)
        throw new ScanError(
          "limit",
          `unpacks to more than the ${roomBytes} bytes free in ${tmpdir()} (set TMPDIR)`,
          { at: [label], again: true },
        );
      await writeAll(file, piece.subarray(from, to), size + from, label);
    }
    size += piece.length;
    if (size - told < PROGRESS_BYTES) continue;
    told = size;
    onProgress?.(size);
  }
  await file.truncate(size);
  return size;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number, label: string): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ScanError("access", `cannot unpack into ${tmpdir()} (set TMPDIR): ${why}`, {
      at: [label],
      cause: error,
    });
  }
}

/** The parts of a piece that are worth writing; `start` is the piece's place in the file. */
function* stretches(piece: Uint8Array, start: number): Generator<readonly [from: number, to: number]> {
  let from = 0;
  let to = 0;
  for (let at = 0; at < piece.length; ) {
    const end = Math.min(piece.length, at + HOLE_BYTES - ((start + at) % HOLE_BYTES));
    const zero = ZEROS.compare(piece, at, end, 0, end - at) === 0;
    if (!zero) {
      if (to !== at) {
        if (to > from) yield [from, to];
        from = at;
      }
      to = end;
    }
    at = end;
  }
  if (to > from) yield [from, to];
}

import { type FileHandle, open } from "node:fs/promises";
import { type ByteSource, checkRange } from "../../src/disk/bytes/byte-source.ts";
import { ScanError } from "../../src/errors.ts";

export interface OpenFile {
  readonly source: ByteSource;
  close(): Promise<void>;
}

/** A regular file as a source. Rejects with `access`, in words that say what to do. */
export async function openFile(path: string, label: string): Promise<OpenFile> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    throw cannotOpen(error, label);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      throw new ScanError("access", "is neither a regular file nor a folder", { at: [label] });
    return { source: handleSource(file, stats.size, label), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

export function handleSource(file: FileHandle, size: number, label: string): ByteSource {
  const source: ByteSource = {
    size,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      return readExactly(file, offset, length, label);
    },
  };
  return source;
}

/** `length` bytes from `offset`; a file that shrank meanwhile is an `access` error. */
export async function readExactly(
  file: FileHandle,
  offset: number,
  length: number,
  label: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0)
      throw new ScanError("access", "the file became shorter while it was read", {
        at: [label, `offset ${offset + done}`],
      });
    done += bytesRead;
  }
  return bytes;
}

export function cannotOpen(error: unknown, label: string): ScanError {
  const code = codeOf(error);
  const message =
    code === "ENOENT"
      ? "no such file: check the path (globs are expanded by sixray when quoted)"
      : code === "EACCES" || code === "EPERM"
        ? "permission denied: sixray needs to read the file, nothing more"
        : `cannot be opened: ${code ?? String(error)}`;
  return new ScanError("access", message, { at: [label], cause: error });
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

// With callbacks: fs/promises would load streams and more, which a run that reads one file has no use for.
import { close, constants, fstat, open, read, readlink, type Stats, stat } from "node:fs";
import { type ByteSource, checkRange } from "../src/disk/bytes/byte-source.ts";
import { quoteName } from "../src/disk/bytes/names.ts";
import { ScanError } from "../src/errors.ts";

export interface OpenFile {
  readonly source: ByteSource;
  close(): Promise<void>;
}

/** What reads a file at a place of its choice: a `FileHandle` does. */
interface Readable {
  read(
    into: Uint8Array,
    at: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** A pipe without a writer would otherwise be waited for. Means nothing to files and disks. */
export const READ_NOW: number = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A regular file or a block device as a source. Rejects with `access`, in words that say what to do. */
export async function openFile(path: string, label: string): Promise<OpenFile> {
  let descriptor: number;
  try {
    descriptor = await told<number>((done) => open(path, READ_NOW, done));
  } catch (error) {
    throw await cannotOpen(error, path, label);
  }
  const shut = (): Promise<void> =>
    told<void>((done) => close(descriptor, (error) => done(error, undefined)));
  try {
    const stats = await told<Stats>((done) => fstat(descriptor, done));
    const size = stats.isFile() ? stats.size : await sizeOfDevice(stats, label);
    const file: Readable = {
      read: (into, at, length, position) =>
        told((done) =>
          read(descriptor, into, at, length, position, (error, bytesRead) => done(error, { bytesRead })),
        ),
    };
    return { source: handleSource(file, size, label), close: shut };
  } catch (error) {
    await shut();
    throw error;
  }
}

/** @throws access for what is no disk: a pipe, a socket, a terminal, a folder. */
async function sizeOfDevice(stats: Stats, label: string): Promise<number> {
  refuseOthers(stats, label);
  return (await import("./block-device.ts")).blockDeviceBytes(stats.rdev, label);
}

/** @throws access for what is not read by random access: pipes, sockets, terminals. */
export function refuseOthers(stats: Stats, label: string): void {
  if (stats.isFile() || stats.isBlockDevice()) return;
  const kind = stats.isFIFO()
    ? "a pipe"
    : stats.isSocket()
      ? "a socket"
      : stats.isDirectory()
        ? "a folder"
        : "a device that is no disk";
  const message = `is ${kind}: name an image file, a disk device or a folder that holds a root file system`;
  throw new ScanError("access", message, { at: [label] });
}

/** What stands at `path`, links followed. */
export function statOf(path: string): Promise<Stats> {
  return told((done) => stat(path, done));
}

function told<T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });
}

export function handleSource(file: Readable, size: number, label: string): ByteSource {
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
  file: Readable,
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

/** Why what stands at `path` cannot be opened, in words that say what to do. */
export async function cannotOpen(error: unknown, path: string, label: string = path): Promise<ScanError> {
  return new ScanError("access", await whyNot(codeOf(error) ?? String(error), path), {
    at: [label],
    cause: error,
  });
}

async function whyNot(code: string, path: string): Promise<string> {
  switch (code) {
    case "ENOENT": {
      const to = await told<string>((done) => readlink(path, done)).catch(() => undefined);
      return to === undefined
        ? "no such file: check the path (globs are expanded by sixray when quoted)"
        : `the link leads nowhere: to ${quoteName(to)}, which is not there`;
    }
    case "ENOTDIR":
      return "a file stands where the path needs a folder: check the path (a file's has no / at its end)";
    case "ELOOP":
      return "the link leads in a circle: name the file itself";
    default:
      return code === "EACCES" || code === "EPERM"
        ? "permission denied: sixray needs to read the file, nothing more"
        : `cannot be opened: ${code}`;
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

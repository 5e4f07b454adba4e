import { constants, type Dirent, type Stats } from "node:fs";
import { lstat, open, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { type ByteSource, checkRange } from "../../src/disk/bytes/byte-source.ts";
import { decodeName, encodeName } from "../../src/disk/bytes/names.ts";
import type { DirEntry, FileSystem, FsNode, NodeType } from "../../src/disk/filesystems/driver.ts";
import { corrupt, ScanError } from "../../src/errors.ts";
import { codeOf, readExactly } from "../file-source.ts";

/**
 * A root file system that lies in a folder of this machine. Nodes never follow a link: `Tree` does that, with
 * the folder as its root, so that a link to `/etc` means the folder's own `etc`.
 */
export function folderFileSystem(folder: string): FileSystem {
  return {
    type: "folder",
    label: "",
    uuid: "",
    features: [],
    notes: [],
    caseSensitive: true,
    root: () => nodeAt(Buffer.from(folder), folder),
  };
}

async function nodeAt(path: Buffer, label: string): Promise<FsNode> {
  return new FolderNode(path, label, await lstat(path));
}

class FolderNode implements FsNode {
  readonly id: string;
  readonly type: NodeType;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly #path: Buffer;
  readonly #label: string;

  constructor(path: Buffer, label: string, stats: Stats) {
    this.id = `${stats.dev}:${stats.ino}`;
    this.type = typeOf(stats);
    this.sizeBytes = stats.size;
    this.mode = stats.mode & 0o7777;
    this.uid = stats.uid;
    this.#path = path;
    this.#label = label;
  }

  async lookup(name: string): Promise<FsNode | undefined> {
    this.#expect("directory");
    const path = childPath(this.#path, name);
    try {
      return await nodeAt(path, join(this.#label, name));
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENAMETOOLONG") return undefined;
      throw this.#access(error);
    }
  }

  async list(): Promise<readonly DirEntry[]> {
    this.#expect("directory");
    try {
      const entries = await readdir(this.#path, { withFileTypes: true, encoding: "buffer" });
      return entries.map((entry) => {
        const name = decodeName(entry.name);
        return {
          name,
          type: typeOf(entry),
          open: () => nodeAt(childPath(this.#path, name), join(this.#label, name)),
        };
      });
    } catch (error) {
      throw this.#access(error);
    }
  }

  async readLink(): Promise<string> {
    this.#expect("symlink");
    try {
      return decodeName(await readlink(this.#path, { encoding: "buffer" }));
    } catch (error) {
      throw this.#access(error);
    }
  }

  /** Opened for each read and closed again: a tree holds thousands of files, a process few descriptors. */
  async content(): Promise<ByteSource> {
    this.#expect("file");
    const source: ByteSource = {
      size: this.sizeBytes,
      label: this.#label,
      read: async (offset, length, signal) => {
        signal?.throwIfAborted();
        checkRange(source, offset, length);
        const file = await open(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error) => {
          throw this.#access(error);
        });
        try {
          return await readExactly(file, offset, length, this.#label);
        } finally {
          await file.close();
        }
      },
    };
    return source;
  }

  #expect(type: NodeType): void {
    if (this.type !== type) throw corrupt(this.#label, `is a ${this.type}, not a ${type}`);
  }

  #access(error: unknown): ScanError {
    if (error instanceof ScanError) return error;
    const code = codeOf(error) ?? String(error);
    const message =
      code === "EACCES" || code === "EPERM"
        ? "permission denied: sixray needs to read this folder and all in it, nothing more"
        : `cannot be read: ${code}`;
    return new ScanError("access", message, { at: [this.#label], cause: error });
  }
}

function childPath(folder: Buffer, name: string): Buffer {
  return Buffer.concat([folder, Buffer.from("/"), encodeName(name)]);
}

function typeOf(entry: Stats | Dirent<Buffer>): NodeType {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  if (entry.isSymbolicLink()) return "symlink";
  if (entry.isCharacterDevice()) return "char";
  if (entry.isBlockDevice()) return "block";
  return entry.isFIFO() ? "fifo" : "socket";
}

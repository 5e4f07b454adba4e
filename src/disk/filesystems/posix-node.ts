import { corrupt } from "../../errors.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import { decodeName } from "../bytes/names.ts";
import type { DirEntry, FsNode, NodeType } from "./driver.ts";

const LINK_MAX_BYTES = 65536;

/** What every inode of a POSIX file system says. */
export interface PosixInode {
  readonly number: number | bigint;
  readonly type: NodeType;
  readonly sizeBytes: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
}

/** A node over an inode: what is asked of it must fit its type. A format says where its bytes and names lie. */
export abstract class PosixNode<I extends PosixInode> implements FsNode {
  protected readonly inode: I;
  readonly #label: string;

  constructor(inode: I, label: string) {
    this.inode = inode;
    this.#label = label;
  }

  get id(): string {
    return String(this.inode.number);
  }
  get type(): NodeType {
    return this.inode.type;
  }
  get sizeBytes(): number {
    return this.inode.sizeBytes;
  }
  get mode(): number {
    return this.inode.mode;
  }
  get uid(): number {
    return this.inode.uid;
  }

  async lookup(name: string): Promise<FsNode | undefined> {
    this.#expect("directory");
    return this.find(name);
  }

  async list(): Promise<readonly DirEntry[]> {
    this.#expect("directory");
    return this.entries();
  }

  async readLink(): Promise<string> {
    this.#expect("symlink");
    if (this.sizeBytes > LINK_MAX_BYTES) throw this.wrong(`link of ${this.sizeBytes} bytes`);
    return decodeName(await this.target());
  }

  async content(): Promise<ByteSource> {
    this.#expect("file");
    return this.bytes();
  }

  /** Of a directory. */
  protected abstract find(name: string): Promise<FsNode | undefined>;
  /** Of a directory. */
  protected abstract entries(): Promise<readonly DirEntry[]>;
  /** Of a file; of a link, where its target lies like one. */
  protected abstract bytes(): ByteSource;

  /** Of a link. */
  protected target(): Promise<Uint8Array> {
    const bytes = this.bytes();
    return bytes.read(0, bytes.size);
  }

  protected wrong(what: string): Error {
    return corrupt(this.#label, `inode ${this.id}: ${what}`);
  }

  #expect(type: NodeType): void {
    if (this.type !== type) throw this.wrong(`is a ${this.type}, not a ${type}`);
  }
}

const TYPES: ReadonlyMap<number, NodeType> = new Map([
  [0x1000, "fifo"],
  [0x2000, "char"],
  [0x4000, "directory"],
  [0x6000, "block"],
  [0x8000, "file"],
  [0xa000, "symlink"],
  [0xc000, "socket"],
]);

/** The type in an inode's mode, as stat(2) has it; undefined where there is none. */
export function typeOf(mode: number): NodeType | undefined {
  return TYPES.get(mode & 0xf000);
}

const ENTRY_TYPES: readonly (NodeType | undefined)[] = [
  undefined,
  "file",
  "directory",
  "char",
  "block",
  "fifo",
  "socket",
  "symlink",
];

/** The type that a directory entry records, as ext, XFS, Btrfs and EROFS number them; undefined where it does not. */
export function entryTypeOf(code: number): NodeType | undefined {
  return ENTRY_TYPES[code];
}

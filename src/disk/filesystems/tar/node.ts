import { corrupt } from "../../../errors.ts";
import { assembled, type Placed } from "../../bytes/assembled.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { DirEntry, FsNode, NodeType } from "../driver.ts";

/** What a node is made from. */
export interface NodeFacts {
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly sizeBytes: number;
  readonly linkPath: string;
  readonly extents: readonly Placed[];
}

/** A file or folder of an unpacked archive. Folders are filled while the archive is read, then left alone. */
export class TarNode implements FsNode {
  readonly id: string;
  readonly type: NodeType;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly children: Map<string, TarNode> | undefined;
  readonly linkPath: string;
  readonly #extents: readonly Placed[];
  readonly #label: string;

  constructor(id: number, label: string, facts: NodeFacts, children?: Map<string, TarNode>) {
    this.id = `${id}`;
    this.type = facts.type;
    this.sizeBytes = facts.sizeBytes;
    this.mode = facts.mode;
    this.uid = facts.uid;
    this.linkPath = facts.linkPath;
    this.#extents = facts.extents;
    this.#label = label;
    this.children = facts.type === "directory" ? (children ?? new Map()) : undefined;
  }

  async lookup(name: string): Promise<TarNode | undefined> {
    return this.#folder().get(name);
  }

  async list(): Promise<readonly DirEntry[]> {
    return [...this.#folder()].map(([name, node]) => ({ name, type: node.type, open: async () => node }));
  }

  async readLink(): Promise<string> {
    if (this.type !== "symlink") throw this.#wrong("symlink");
    return this.linkPath;
  }

  async content(): Promise<ByteSource> {
    if (this.type !== "file") throw this.#wrong("file");
    return assembled(this.#extents, this.sizeBytes, this.#label);
  }

  #folder(): Map<string, TarNode> {
    if (!this.children) throw this.#wrong("directory");
    return this.children;
  }

  #wrong(type: NodeType): Error {
    return corrupt(this.#label, `is a ${this.type}, not a ${type}`);
  }
}

import { corrupt, isReadError } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { recent } from "../../bytes/recent.ts";
import { View } from "../../bytes/view.ts";
import { type Chunk, ChunkMap, parseChunk, systemChunks } from "./chunks.ts";
import { ITEM, type Key, OBJECT } from "./keys.ts";
import { loggedKey } from "./log-tree.ts";
import { scan } from "./search.ts";
import type { Superblock } from "./superblock.ts";
import { type NodeRef, TreeNode } from "./tree-node.ts";

/** Parsed nodes that are kept: 8 MiB of them. */
const NODES_MAX_BYTES = 8 << 20;

/** The root of a tree, and which tree it is. */
export interface TreeRoot extends NodeRef {
  readonly id: bigint;
}

/** An opened file system: logical addresses, verified tree nodes. */
export class BtrfsVolume {
  readonly source: ByteSource;
  readonly superblock: Superblock;
  readonly #system = new ChunkMap();
  readonly #chunks = new ChunkMap();
  readonly #nodes: ReturnType<typeof recent<TreeNode>>;
  readonly #damaged = new Set<number>();
  #logged: ReadonlySet<string> | "unknown" = new Set();
  #readLogged = false;

  constructor(source: ByteSource, superblock: Superblock) {
    this.source = source;
    this.superblock = superblock;
    this.#nodes = recent(Math.max(16, NODES_MAX_BYTES / superblock.nodeBytes));
    for (const chunk of systemChunks(superblock)) this.#system.add(chunk);
  }

  get label(): string {
    return this.source.label;
  }

  /** What reading found out: damaged copies that had a good one beside them. */
  get notes(): readonly string[] {
    const count = this.#damaged.size;
    return count === 0 ? [] : [`damaged: of ${count} blocks only the other copy could be read`];
  }

  /** What the log that was not replayed is about; "unknown" when it cannot be read. */
  setLogged(inodes: ReadonlySet<string> | "unknown"): void {
    this.#logged = inodes;
  }

  /** To be told of every inode that an answer rests on. */
  touch(tree: bigint, inode: bigint): void {
    if (this.#logged === "unknown" || this.#logged.has(loggedKey(tree, inode))) this.#readLogged = true;
  }

  /** Whether something was read that the log may have newer. */
  get readLogged(): boolean {
    return this.#readLogged;
  }

  /** Why no kernel mounts it: the device is shorter than the file system says. */
  get cutOff(): string | undefined {
    const { bytes } = this.superblock.device;
    if (bytes <= this.source.size) return undefined;
    return `cut off: ${bytes} bytes of file system in a volume of ${this.source.size} bytes`;
  }

  get rootTree(): TreeRoot {
    const { rootTree, generation } = this.superblock;
    return { ...rootTree, generation, id: OBJECT.rootTree };
  }

  /** A node of the tree that `tree` names, through the copies of its chunk. */
  async node(ref: NodeRef, tree: bigint): Promise<TreeNode> {
    const { nodeBytes, sectorBytes } = this.superblock;
    const { bytenr } = ref;
    if (bytenr % sectorBytes !== 0) throw corrupt(this.label, `Btrfs node at ${bytenr}, which is no sector`);
    const node = await this.#nodes(bytenr, async () => {
      const chunk = tree === OBJECT.chunkTree ? this.#systemChunk(bytenr) : await this.chunk(bytenr);
      return this.copies(chunk, bytenr, nodeBytes, (view) => {
        const read = new TreeNode(view, bytenr, this.superblock);
        read.expect(ref);
        return read;
      });
    });
    // The cache goes by place; two parents may still disagree about what lies there.
    node.expect(ref);
    return node;
  }

  /** Reads `length` bytes at a logical address through each copy in turn, until `use` accepts one. */
  async copies<T>(
    chunk: Chunk,
    logical: number,
    length: number,
    use: (view: View) => T | Promise<T>,
  ): Promise<T> {
    if (chunk.error) throw chunk.error;
    if (logical + length > chunk.start + chunk.length)
      throw corrupt(this.label, `${length} bytes at logical address ${logical} leave their chunk`);
    let firstError: unknown;
    for (const [copy, start] of chunk.copies.entries()) {
      try {
        const at = start + (logical - chunk.start);
        const answer = await use(new View(await this.source.read(at, length), this.label, at));
        if (copy > 0) this.#damaged.add(logical);
        return answer;
      } catch (error) {
        if (!isReadError(error) || error.code !== "corrupt") throw error;
        firstError ??= error;
      }
    }
    throw firstError ?? corrupt(this.label, `Btrfs chunk ${chunk.start} has no copies`);
  }

  /** The chunk of a logical address: reads the chunk tree's path to it. */
  async chunk(logical: number): Promise<Chunk> {
    const known = this.#chunks.find(logical);
    if (known) return known;
    const { chunkTree } = this.superblock;
    const key: Key = { objectid: OBJECT.firstChunk, type: ITEM.chunk, offset: BigInt(logical) };
    await scan(
      this,
      { ...chunkTree, id: OBJECT.chunkTree },
      { from: key, to: key, orBefore: true },
      (item) => {
        const { objectid, type, offset } = item.key;
        if (objectid !== OBJECT.firstChunk || type !== ITEM.chunk) return;
        if (offset > Number.MAX_SAFE_INTEGER) throw corrupt(this.label, `Btrfs chunk ${offset}`);
        this.#chunks.add(parseChunk(item.data, Number(offset), this.superblock));
      },
    );
    const found = this.#chunks.find(logical);
    if (!found) throw corrupt(this.label, `logical address ${logical} lies in no chunk`);
    return found;
  }

  /**
   * Asks for the root tree where mkfs.btrfs puts it, right behind the system chunk: when that is so, it is there by
   * the time that the chunk tree tells, one round earlier. Otherwise one read was for nothing.
   */
  guessRootTree(): void {
    const [system] = systemChunks(this.superblock);
    const { rootTree, nodeBytes } = this.superblock;
    if (!system || system.copies.length === 0) return;
    const guess = rootTree.bytenr - system.start + Math.max(...system.copies);
    if (guess >= 0 && guess + nodeBytes <= this.source.size)
      this.source.read(guess, nodeBytes).catch(() => undefined);
  }

  #systemChunk(logical: number): Chunk {
    const chunk = this.#system.find(logical);
    if (!chunk) throw corrupt(this.label, `chunk tree at ${logical} lies in no system chunk`);
    return chunk;
  }
}

import { limitReached } from "../../../errors.ts";
import type { FileSystem, NodeType } from "../driver.ts";
import { splitPath } from "../path.ts";
import type { TarEntry } from "./archive.ts";
import { type NodeFacts, TarNode } from "./node.ts";

// Source for layers: OCI Image Format Specification 1.1, "Image Layer Filesystem Changeset".

const NODES_MAX = 500_000;
const LINKS_MAX = 40;
const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

const TYPES: Readonly<Record<string, NodeType>> = {
  "0": "file",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  "7": "file",
  D: "directory",
  S: "file",
};
const FOLDER: NodeFacts = { type: "directory", mode: 0o755, uid: 0, sizeBytes: 0, linkPath: "", extents: [] };

/** Puts the members of archives, one layer over the other, together as a tree in memory. */
export class TreeBuilder {
  readonly #label: string;
  readonly #root: TarNode;
  readonly #ignored = new Map<string, number>();
  #nodes = 0;

  constructor(label: string) {
    this.#label = label;
    this.#root = this.#node(FOLDER, "/");
  }

  /** A member of the archive that is being unpacked; a later one of the same name replaces it. @throws limit */
  add(entry: TarEntry): void {
    const ignored = this.#add(entry);
    if (ignored !== undefined) this.#ignored.set(ignored, (this.#ignored.get(ignored) ?? 0) + 1);
  }

  /** Returns why a member is left out. */
  #add(entry: TarEntry): string | undefined {
    const parts = splitPath(entry.path);
    if (parts.includes("..")) return "whose path has ..";
    const name = parts.at(-1);
    if (name === undefined) return undefined;
    const folder = this.#folderFor(parts.slice(0, -1));
    if (!folder?.children) return "below something that is no folder";
    if (entry.type === "1") {
      const target = this.#find(splitPath(entry.linkPath));
      if (!target || target.children) return "that are hard links to nothing";
      folder.children.set(name, target);
      return undefined;
    }
    const type = TYPES[entry.type];
    if (type === undefined) return `of type ${JSON.stringify(entry.type)}`;
    const facts = { ...entry, type, sizeBytes: type === "file" ? entry.size : 0 };
    const before = folder.children.get(name);
    folder.children.set(name, this.#node(facts, entry.path, before?.children));
    return undefined;
  }

  /** Takes away what a layer says is no longer there; `entries` are all of that layer. */
  remove(entries: readonly TarEntry[]): void {
    for (const { path } of entries) {
      const parts = splitPath(path);
      const name = parts.at(-1) ?? "";
      if (!name.startsWith(WHITEOUT) || parts.includes("..")) continue;
      const folder = this.#find(parts.slice(0, -1), true);
      if (name === OPAQUE) folder?.children?.clear();
      else folder?.children?.delete(name.slice(WHITEOUT.length));
    }
  }

  fileSystem(type: string, notes: readonly string[] = []): FileSystem {
    const ignored = [...this.#ignored].map(([what, count]) => `${count} members ${what} were left out`);
    return {
      type,
      label: "",
      uuid: "",
      features: [],
      notes: [...notes, ...ignored],
      caseSensitive: true,
      root: () => Promise.resolve(this.#root),
    };
  }

  #node(facts: NodeFacts, path: string, children?: Map<string, TarNode>): TarNode {
    if (++this.#nodes > NODES_MAX)
      throw limitReached(this.#label, `more than ${NODES_MAX} files and folders`);
    return new TarNode(this.#nodes, `${this.#label} > ${path}`, facts, children);
  }

  /** The folder at a path, links on the way followed inside the tree, made where it is missing. */
  #folderFor(parts: readonly string[]): TarNode | undefined {
    return this.#walk(parts, (folder, name) => {
      const made = this.#node(FOLDER, name);
      folder.children?.set(name, made);
      return made;
    });
  }

  /** What stands at a path; a link in its last part is followed only when `followLast`. */
  #find(parts: readonly string[], followLast = false): TarNode | undefined {
    if (followLast || parts.length === 0) return this.#walk(parts, () => undefined);
    return this.#walk(parts.slice(0, -1), () => undefined)?.children?.get(parts.at(-1) ?? "");
  }

  #walk(
    parts: readonly string[],
    missing: (folder: TarNode, name: string) => TarNode | undefined,
  ): TarNode | undefined {
    // Where we are, from the root: `..` in a link's target goes back, at most to the root.
    const trail: TarNode[] = [this.#root];
    const pending = parts.toReversed();
    for (let links = 0; pending.length > 0; ) {
      const name = pending.pop() ?? "";
      const here = trail.at(-1);
      if (name === "..") {
        if (trail.length > 1) trail.pop();
        continue;
      }
      if (!here?.children) return undefined;
      const next = here.children.get(name) ?? missing(here, name);
      if (!next) return undefined;
      if (next.type !== "symlink") {
        trail.push(next);
        continue;
      }
      if (++links > LINKS_MAX) return undefined;
      if (next.linkPath.startsWith("/")) trail.length = 1;
      pending.push(...splitPath(next.linkPath).toReversed());
    }
    return trail.at(-1);
  }
}

/** True for the members that only say what is gone. */
export function isWhiteout({ path }: TarEntry): boolean {
  return (splitPath(path).at(-1) ?? "").startsWith(WHITEOUT);
}

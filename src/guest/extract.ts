import { decodeName } from "../disk/bytes/names.ts";
import type { DirEntry, FsNode, NodeType } from "../disk/filesystems/driver.ts";
import { joinPath } from "../disk/filesystems/path.ts";
import type { Located, Recorder, Tree } from "../disk/filesystems/tree.ts";
import { isReadError } from "../errors.ts";
import { type Observations, observe } from "../model/observations.ts";
import type { Asks, Snapshot, SnapshotEntry, SnapshotNodeType, Want } from "../model/snapshot.ts";

/** Read of one file when a want says nothing else. */
const FILE_MAX_BYTES = 1 << 20;
/**
 * First head of a file that is read `until` something, and how it grows: the configuration of a kernel for clouds tells
 * of IPv6 within 32 KiB, that of one for all machines a little later.
 */
const HEAD_BYTES = 32 << 10;
const HEAD_GROWTH = 1.5;
const TOTAL_MAX_BYTES = 64 << 20;
/** A chain of files that name further files ends here. */
const FOLLOW_ROUNDS_MAX = 8;
const WANTS_MAX = 5000;

type Found = Extract<Located, { state: "found" }>;

/**
 * Fetches what was asked for, all at once: everything wanted is walked in parallel, so that the byte source
 * below can answer each level of the tree in one round. Then asks what else is wanted now, until nothing is.
 */
export async function extract(tree: Tree, asks: readonly Asks[]): Promise<Snapshot> {
  const extraction = new Extraction(tree, asks);
  await extraction.fetch(asks.flatMap((one) => one.wants));
  for (let round = 0; round < FOLLOW_ROUNDS_MAX; round++) {
    const seen = observe(extraction.snapshot);
    const more = asks.flatMap((one) => one.follow?.(seen) ?? []);
    if (!(await extraction.fetch(more))) break;
  }
  return extraction.snapshot;
}

class Extraction {
  readonly #tree: Tree;
  readonly #entries = new Map<string, SnapshotEntry>();
  readonly #asked = new Set<string>();
  readonly #recorder: Recorder;
  readonly #asks: readonly Asks[];
  readonly #early: Promise<unknown>[] = [];
  #isLooking = false;
  #snapshot: Snapshot | undefined;
  #bytesLeft = TOTAL_MAX_BYTES;

  constructor(tree: Tree, asks: readonly Asks[]) {
    this.#tree = tree;
    this.#asks = asks.filter(({ early }) => early !== undefined);
    this.#recorder = {
      link: (path, target, locator) => this.#put({ kind: "symlink", path, target, locator }),
      directory: (path, entries, locator) => this.#putDirectory(path, entries, locator),
    };
  }

  /** The same object until something new is known, so that what was made of it can be kept. */
  get snapshot(): Snapshot {
    this.#snapshot ??= { entries: this.#entries };
    return this.#snapshot;
  }

  /** Resolves to false when there was nothing new to fetch. */
  async fetch(wants: readonly Want[]): Promise<boolean> {
    const isNew = await this.#fetchNew(wants);
    while (this.#early.length > 0) await Promise.all(this.#early.splice(0));
    return isNew;
  }

  async #fetchNew(wants: readonly Want[]): Promise<boolean> {
    const fresh = wants.filter((want) => {
      const key = JSON.stringify([want.path, want.what, want.maxBytes, want.until]);
      if (this.#asked.has(key) || this.#asked.size >= WANTS_MAX) return false;
      this.#asked.add(key);
      return true;
    });
    await Promise.all(fresh.map((want) => this.#fetchOne(want)));
    return fresh.length > 0;
  }

  /** Once all answers of a round are taken in, and before the byte source starts the next one. */
  async #lookEarly(): Promise<void> {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    this.#isLooking = false;
    const seen = observe(this.snapshot);
    const wants = this.#asks.flatMap((one) => one.early?.(seen) ?? []);
    await this.#fetchNew(wants);
  }

  async #fetchOne(want: Want): Promise<void> {
    const matches = await this.#tree.glob(want.path, this.#recorder);
    await Promise.all(matches.map((match) => this.#take(match, want)));
  }

  async #take(located: Located, want: Want): Promise<void> {
    switch (located.state) {
      case "absent":
        this.#put({ kind: "absent", path: located.path, locator: located.locator });
        return;
      case "unreadable":
        this.#putUnreadable(located, located.error);
        return;
      case "found":
        break;
    }
    const { node } = located;
    try {
      if (node.type === "symlink") {
        await this.#takeLink(located, want);
      } else if (node.type === "directory") {
        this.#putDirectory(located.path, await this.#tree.listAt(located), located.locator);
        if (want.what === "names") await this.#takeNames(located);
        if (want.what === "list") await this.#takeTypes(located);
      } else if (node.type === "file" && (want.what ?? "content") === "content") {
        await this.#takeContent(located, want);
      } else {
        this.#putSeen(located);
      }
    } catch (error) {
      this.#putUnreadable(located, error);
    }
  }

  async #takeLink(located: Found, want: Want): Promise<void> {
    const target = await located.node.readLink();
    this.#put({ kind: "symlink", path: located.path, target, locator: located.locator });
    // A names-only look at a folder ends at its links; a file asked for by name is followed to what it is.
    if (want.what === "names") return;
    // A folder's listing is wanted behind a link, too.
    const end = await this.#tree.resolve(located.path, { recorder: this.#recorder });
    if (end.state !== "found" || end.node.type === "file") await this.#take(end, want);
    else if (end.node.type !== "directory") this.#putSeen(end);
    else this.#putDirectory(end.path, await this.#tree.listAt(end), end.locator);
  }

  /** Types of a folder's names as far as the folder itself records them. */
  async #takeTypes(located: Found): Promise<void> {
    for (const { name, type } of await this.#tree.listAt(located)) {
      const path = joinPath(located.path, name);
      if (type !== undefined)
        this.#put({ kind: "seen", path, locator: this.#tree.locator(path), type: seenType(type) });
    }
  }

  /** Types of a folder's names, and the targets of its links; no content. */
  async #takeNames(located: Found): Promise<void> {
    const entries = await this.#tree.listAt(located);
    await Promise.all(
      entries.map(async ({ name, type }) => {
        const path = joinPath(located.path, name);
        const locator = this.#tree.locator(path);
        if (type !== undefined && type !== "symlink") {
          this.#put({ kind: "seen", path, locator, type: seenType(type) });
          return;
        }
        const child = await this.#tree.resolve(path, { followLast: false });
        if (child.state === "found" && child.node.type !== "symlink") this.#putSeen(child);
        else await this.#take(child, { path, what: "names" });
      }),
    );
  }

  async #takeContent(located: Found, want: Want): Promise<void> {
    const { node, path, locator } = located;
    const known = this.#entries.get(path);
    const limit = Math.min(want.maxBytes ?? FILE_MAX_BYTES, node.sizeBytes);
    if (known?.kind === "file" && (!known.truncated || known.bytes.length >= limit)) return;
    if (limit > this.#bytesLeft) {
      this.#put({ kind: "unreadable", path, locator, reason: `limit: more than ${TOTAL_MAX_BYTES} bytes` });
      return;
    }
    this.#bytesLeft -= limit;
    const bytes = await readUntil(node, limit, want.until);
    this.#put({
      kind: "file",
      path,
      locator,
      bytes,
      sizeBytes: node.sizeBytes,
      truncated: bytes.length < node.sizeBytes,
      ...ownership(node),
    });
  }

  #putSeen(located: Found): void {
    const { node, path, locator } = located;
    const type = seenType(node.type);
    this.#put({ kind: "seen", path, locator, type, sizeBytes: node.sizeBytes, ...ownership(node) });
  }

  #putDirectory(path: string, entries: readonly DirEntry[], locator: string): void {
    this.#put({ kind: "directory", path, locator, names: entries.map((entry) => entry.name) });
  }

  #putUnreadable(located: Located, error: unknown): void {
    if (!isReadError(error)) throw error;
    this.#put({ kind: "unreadable", path: located.path, locator: located.locator, reason: error.line });
  }

  /** More knowledge replaces less: a listing or a file's bytes are never lost to a mere sighting. */
  #put(entry: SnapshotEntry): void {
    const known = this.#entries.get(entry.path);
    if (known !== undefined && entry.kind === "seen") return;
    this.#entries.set(entry.path, entry);
    this.#snapshot = undefined;
    if (this.#asks.length === 0 || this.#isLooking) return;
    this.#isLooking = true;
    const look = this.#lookEarly();
    look.catch(() => undefined); // whoever waits for it is told
    this.#early.push(look);
  }
}

async function readUntil(node: FsNode, limit: number, until: Want["until"]): Promise<Uint8Array> {
  const content = await node.content();
  if (until === undefined) return content.read(0, limit);
  let bytes: Uint8Array = new Uint8Array();
  for (let head = HEAD_BYTES; bytes.length < limit; head *= HEAD_GROWTH) {
    const rest = await content.read(bytes.length, Math.min(head, limit) - bytes.length);
    bytes = Buffer.concat([bytes, rest]);
    if (holds(bytes, until)) break;
  }
  return bytes;
}

/** True when each group has a whole line that begins with one of its prefixes. */
function holds(bytes: Uint8Array, groups: readonly (readonly string[])[]): boolean {
  const text = `\n${Buffer.from(bytes).toString("latin1")}`;
  return groups.every((prefixes) =>
    prefixes.some((prefix) => {
      const at = text.indexOf(`\n${prefix}`);
      return at >= 0 && text.indexOf("\n", at + 1) >= 0;
    }),
  );
}

function seenType(type: NodeType): SnapshotNodeType {
  return type === "file" || type === "directory" || type === "symlink" ? type : "other";
}

function ownership(node: FsNode): { mode?: number; uid?: number } {
  return {
    ...(node.mode === undefined ? {} : { mode: node.mode }),
    ...(node.uid === undefined ? {} : { uid: node.uid }),
  };
}

/** A snapshot's file as text, or undefined when it was not found. UTF-8; bytes that are not stay apart. */
export function textOf(observations: Observations, path: string): string | undefined {
  const file = observations.file(path);
  return file.state === "found" ? decodeName(file.value.bytes) : undefined;
}

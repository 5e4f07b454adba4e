import type { Evidence } from "./locator.ts";
import type { Snapshot, SnapshotEntry } from "./snapshot.ts";

/** Found, absent, or could not look: three different answers, and the third is never a pass. */
export type Observation<T> =
  | { readonly state: "found"; readonly value: T; readonly locator: string }
  | { readonly state: "absent"; readonly locator: string }
  | { readonly state: "unreadable"; readonly reason: string; readonly locator: string };

export interface ObservedFile {
  /** The path that was asked for. */
  readonly path: string;
  /** Where the content really lies once every link is followed. */
  readonly realPath: string;
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
  readonly mode?: number;
  readonly uid?: number;
  /** For a file that a program writes at boot: where what it says comes from. */
  readonly origin?: Evidence;
}

/** One name of a directory, links not followed. */
export interface ObservedName {
  readonly name: string;
  readonly type: "file" | "directory" | "symlink" | "other" | "unknown";
  /** A symlink's target as stored. */
  readonly target?: string;
  /** A file's, where it was looked at. */
  readonly sizeBytes?: number;
}

/** What a layer may ask of a snapshot. Synchronous and pure; links stay inside the machine's root. */
export interface Observations {
  /** The file at `path`, every link followed. A directory or device there is `unreadable`. */
  file(path: string): Observation<ObservedFile>;
  /** The names in the directory at `path`, sorted by byte value of their UTF-8. */
  list(path: string): Observation<readonly ObservedName[]>;
  /** What stands at `path` itself; a last link is not followed. `target` for links. */
  entry(path: string): Observation<ObservedName>;
  /** `path` with every link followed, or undefined when it dangles, loops, or cannot be told. */
  realPath(path: string): string | undefined;
}

const LINKS_MAX = 40; // Linux: MAXSYMLINKS

/** What a snapshot holds now: one that grows is another one. */
export function observe(snapshot: Snapshot): Observations {
  const known = observed.get(snapshot);
  if (known) return known;
  const observations = new SnapshotObservations(snapshot);
  observed.set(snapshot, observations);
  return observations;
}

/** The last round of an extraction sees what the evaluation sees. */
const observed = new WeakMap<Snapshot, Observations>();

type Resolved =
  | { readonly state: "entry"; readonly path: string; readonly entry: SnapshotEntry }
  | { readonly state: "absent"; readonly path: string; readonly locator: string }
  | {
      readonly state: "unreadable";
      readonly path: string;
      readonly reason: string;
      readonly locator: string;
    };

class SnapshotObservations implements Observations {
  readonly #entries: ReadonlyMap<string, SnapshotEntry>;
  // Every layer asks for the same paths again and again.
  readonly #resolved = new Map<string, Resolved>();
  readonly #lists = new Map<string, Observation<readonly ObservedName[]>>();

  constructor(snapshot: Snapshot) {
    this.#entries = snapshot.entries;
  }

  file(path: string): Observation<ObservedFile> {
    const found = this.#resolve(path, true);
    if (found.state !== "entry") return found;
    const { entry } = found;
    switch (entry.kind) {
      case "file":
        return {
          state: "found",
          locator: entry.locator,
          value: {
            path,
            realPath: found.path,
            bytes: entry.bytes,
            truncated: entry.truncated,
            ...(entry.mode === undefined ? {} : { mode: entry.mode }),
            ...(entry.uid === undefined ? {} : { uid: entry.uid }),
          },
        };
      case "directory":
        return { state: "unreadable", reason: "is a directory", locator: entry.locator };
      case "seen":
        return {
          state: "unreadable",
          reason: entry.type === "file" ? "content was not extracted" : `is a ${entry.type}`,
          locator: entry.locator,
        };
      case "symlink":
      case "absent":
      case "unreadable":
        return { state: "unreadable", reason: "cannot be resolved", locator: entry.locator };
    }
  }

  list(path: string): Observation<readonly ObservedName[]> {
    const known = this.#lists.get(path);
    if (known) return known;
    const listed = this.#list(path);
    this.#lists.set(path, listed);
    return listed;
  }

  #list(path: string): Observation<readonly ObservedName[]> {
    const found = this.#resolve(path, true);
    if (found.state !== "entry") return found;
    const { entry } = found;
    if (entry.kind !== "directory") {
      return entry.kind === "seen" && entry.type === "directory"
        ? { state: "unreadable", reason: "directory was not listed", locator: entry.locator }
        : { state: "unreadable", reason: "is not a directory", locator: entry.locator };
    }
    const base = found.path === "/" ? "" : found.path;
    const value = sorted(entry.names).map((name) => this.#name(`${base}/${name}`, name));
    return { state: "found", value, locator: entry.locator };
  }

  entry(path: string): Observation<ObservedName> {
    const found = this.#resolve(path, false);
    if (found.state !== "entry") return found;
    const name = path.slice(path.lastIndexOf("/") + 1);
    return { state: "found", value: this.#name(found.path, name), locator: found.entry.locator };
  }

  realPath(path: string): string | undefined {
    const found = this.#resolve(path, true);
    return found.state === "entry" ? found.path : undefined;
  }

  #name(path: string, name: string): ObservedName {
    const entry = this.#entries.get(path);
    switch (entry?.kind) {
      case "file":
        return { name, type: "file", sizeBytes: entry.sizeBytes };
      case "directory":
        return { name, type: "directory" };
      case "symlink":
        return { name, type: "symlink", target: entry.target };
      case "seen":
        return {
          name,
          type: entry.type,
          ...(entry.sizeBytes === undefined ? {} : { sizeBytes: entry.sizeBytes }),
        };
      case "absent":
      case "unreadable":
      case undefined:
        return { name, type: "unknown" };
    }
  }

  #resolve(path: string, followLast: boolean): Resolved {
    // Entries stand at their real path: no link leads to this one.
    const direct = this.#entries.get(path);
    if (direct?.kind === "file" || direct?.kind === "directory")
      return { state: "entry", path, entry: direct };
    const key = followLast ? path : `${path}\0`;
    const known = this.#resolved.get(key);
    if (known) return known;
    const resolved = this.#walk(path, followLast);
    this.#resolved.set(key, resolved);
    return resolved;
  }

  #walk(path: string, followLast: boolean): Resolved {
    let pending = split(path);
    let current = "";
    let links = 0;
    while (pending.length > 0) {
      const [name = "", ...rest] = pending;
      if (name === "..") {
        current = current.slice(0, Math.max(0, current.lastIndexOf("/")));
        pending = rest;
        continue;
      }
      const next = `${current}/${name}`;
      const entry = this.#entries.get(next);
      if (entry === undefined) {
        const parent = this.#entries.get(current === "" ? "/" : current);
        if (parent?.kind === "directory" && !parent.names.includes(name)) {
          return {
            state: "absent",
            path: next,
            locator: `${parent.locator}${parent.locator.endsWith("/") ? "" : "/"}${name}`,
          };
        }
        if (rest.length === 0)
          return { state: "unreadable", path: next, reason: "was not extracted", locator: path };
        current = next;
        pending = rest;
        continue;
      }
      if (entry.kind === "absent") return { state: "absent", path: next, locator: entry.locator };
      if (entry.kind === "unreadable")
        return { state: "unreadable", path: next, reason: entry.reason, locator: entry.locator };
      if (entry.kind === "symlink" && (rest.length > 0 || followLast)) {
        if (++links > LINKS_MAX)
          return {
            state: "unreadable",
            path: next,
            reason: "too many levels of symbolic links",
            locator: entry.locator,
          };
        if (entry.target.startsWith("/")) current = "";
        pending = [...split(entry.target), ...rest];
        continue;
      }
      if (entry.kind === "seen" && entry.type === "symlink" && (rest.length > 0 || followLast)) {
        return { state: "unreadable", path: next, reason: "link was not read", locator: entry.locator };
      }
      if (
        rest.length > 0 &&
        (entry.kind === "file" || (entry.kind === "seen" && entry.type !== "directory"))
      ) {
        return { state: "absent", path: next, locator: entry.locator };
      }
      current = next;
      pending = rest;
      if (rest.length === 0) return { state: "entry", path: next, entry };
    }
    const entry = this.#entries.get(current === "" ? "/" : current);
    return entry === undefined
      ? { state: "unreadable", path: current, reason: "was not extracted", locator: path }
      : { state: "entry", path: current === "" ? "/" : current, entry };
  }
}

/** The names of one folder are the same list as long as the snapshot lives. */
const inOrder = new WeakMap<readonly string[], readonly string[]>();

function sorted(names: readonly string[]): readonly string[] {
  const known = inOrder.get(names);
  if (known) return known;
  const found = names.toSorted(compareBytes);
  inOrder.set(names, found);
  return found;
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** Order of file names as programs sort them with strcmp: by the bytes of their UTF-8. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 sorts like UTF-8 as long as there are no surrogates.
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : 1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const SURROGATE = /[\ud800-\udfff]/;

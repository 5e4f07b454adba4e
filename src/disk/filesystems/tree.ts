import { corrupt, isReadError, limitReached, ScanError } from "../../errors.ts";
import type { ByteSource } from "../bytes/byte-source.ts";
import type { DirEntry, FileSystem, FsNode } from "./driver.ts";
import { globMatcher, isPattern, joinPath, parentPath, splitPath } from "./path.ts";

/** A file system at its place in the machine's tree. */
export interface Mount {
  /** Absolute path without a trailing slash, `/` for the root. */
  readonly path: string;
  /** `image > qcow2 > gpt#1 > ext4`. */
  readonly locator: string;
  /** The file system, or why what belongs here cannot be read. */
  readonly fs: FileSystem | ScanError;
}

/** Where a path leads. `path` is the real path: every link on the way followed. */
export type Located =
  | { readonly state: "found"; readonly path: string; readonly locator: string; readonly node: FsNode }
  | { readonly state: "absent"; readonly path: string; readonly locator: string }
  | {
      readonly state: "unreadable";
      readonly path: string;
      readonly locator: string;
      readonly error: ScanError;
    };

/** Told of everything a walk comes across, so that the walk can be repeated without the disk. */
export interface Recorder {
  link(path: string, target: string, locator: string): void;
  directory(path: string, entries: readonly DirEntry[], locator: string): void;
}

export interface ResolveOptions {
  /** Follow a link in the last component. Default true. */
  readonly followLast?: boolean;
  readonly recorder?: Recorder | undefined;
}

const LINKS_MAX = 40; // Linux: MAXSYMLINKS
const COMPONENTS_MAX = 512;
const NAMES_MAX = 1_000_000;
const MATCHES_MAX = 10_000;
/** Folders that a pattern lists at once, and names in all that it lists: many may hold the same large one. */
const LISTED_AT_ONCE = 16;
const LISTED_NAMES_MAX = 200_000;

/**
 * Paths over one or several file systems: the only place that knows `.`, `..`, symbolic links, globs and
 * their limits. Absolute links start at the tree's own root, so nothing ever leaves it. Nodes and listings
 * are kept by real path: a component is looked up once however many paths share it.
 */
export class Tree {
  readonly mounts: readonly Mount[];
  readonly #mountAt: ReadonlyMap<string, Mount>;
  readonly #nodes = new Map<string, Promise<Located>>();
  readonly #listings = new Map<string, Promise<readonly DirEntry[]>>();

  constructor(mounts: readonly Mount[]) {
    this.mounts = mounts;
    this.#mountAt = new Map(mounts.map((mount) => [mount.path, mount]));
  }

  /** `image > gpt#1 > ext4 > /etc/fstab`. */
  locator(path: string): string {
    return `${this.mountOf(path).locator} > ${path}`;
  }

  /** The mount whose file system holds `path` (a real path). */
  mountOf(path: string): Mount {
    for (let at = path; ; at = parentPath(at)) {
      const mount = this.#mountAt.get(at);
      if (mount) return mount;
      if (at === "/") throw new Error("a tree needs a file system at /");
    }
  }

  /** Follows `path` to what it names. Never rejects for what the image holds. */
  async resolve(path: string, options: ResolveOptions = {}): Promise<Located> {
    const followLast = options.followLast ?? true;
    let pending = splitPath(path);
    let here = await this.#root();
    let links = 0;
    while (pending.length > 0 && here.state === "found") {
      if (pending.length > COMPONENTS_MAX) return tooMuch(here.path, here.locator, "path is too long");
      const [name = "", ...rest] = pending;
      pending = rest;
      if (name === "..") {
        here = await this.#known(parentPath(here.path));
        continue;
      }
      const next: Located = await this.#child(here, name);
      if (next.state !== "found" || next.node.type !== "symlink" || (rest.length === 0 && !followLast)) {
        here = next;
        continue;
      }
      if (++links > LINKS_MAX) return tooMuch(next.path, next.locator, "too many levels of symbolic links");
      let target: string;
      try {
        target = await next.node.readLink();
      } catch (error) {
        return unreadable(next.path, next.locator, error);
      }
      options.recorder?.link(next.path, target, next.locator);
      if (target === "") return { state: "absent", path: next.path, locator: next.locator };
      if (target.startsWith("/")) here = await this.#root();
      pending = [...splitPath(target), ...rest];
    }
    return here;
  }

  /** Every entry of the directory at `path`, links in `path` followed; rejects when it is none. */
  async list(path: string): Promise<readonly DirEntry[]> {
    return this.listAt(expectFound(await this.resolve(path), path));
  }

  /** Every entry of a directory already located. */
  listAt(located: Found): Promise<readonly DirEntry[]> {
    const known = this.#listings.get(located.path);
    if (known) return known;
    const listing = this.#list(located);
    this.#listings.set(located.path, listing);
    listing.catch(() => undefined);
    return listing;
  }

  /** Lists a folder for whoever asks next; resolves to the reason when that fails. */
  async tryList(located: Found): Promise<Located | undefined> {
    try {
      await this.listAt(located);
      return undefined;
    } catch (error) {
      return unreadable(located.path, located.locator, error);
    }
  }

  /** The bytes of the file at `path`, links followed; rejects with `usage` when there is none. */
  async open(path: string): Promise<ByteSource> {
    const located = expectFound(await this.resolve(path), path);
    if (located.node.type !== "file")
      throw new ScanError("usage", `${path} is a ${located.node.type}, not a file`);
    return located.node.content();
  }

  /**
   * Every path that matches `pattern` (`*` and `?` within one component; a leading dot only by a dot). The
   * last component is not followed when it is a link. Directories that a pattern had to list are told to the
   * recorder; what cannot be read on the way is among the results.
   */
  async glob(pattern: string, recorder?: Recorder): Promise<readonly Located[]> {
    const parts = splitPath(pattern);
    const first = parts.findIndex(isPattern);
    if (first === -1) return [await this.resolve(pattern, { followLast: false, recorder })];
    const base = await this.resolve(`/${parts.slice(0, first).join("/")}`, { recorder });
    return this.#expand(base, parts.slice(first), recorder, { names: 0 });
  }

  async #expand(
    base: Located,
    parts: readonly string[],
    recorder: Recorder | undefined,
    listed: { names: number },
  ): Promise<readonly Located[]> {
    const [part = "", ...rest] = parts;
    if (base.state !== "found") return [base];
    if (base.node.type !== "directory")
      return [{ state: "absent", path: joinPath(base.path, part), locator: base.locator }];
    if (!isPattern(part)) {
      const path = `${base.path}/${part}`;
      const child = await this.resolve(path, { followLast: rest.length > 0, recorder });
      return rest.length === 0 || child.state !== "found"
        ? [child]
        : this.#expand(child, rest, recorder, listed);
    }
    const tooMany = `its pattern lists more than ${LISTED_NAMES_MAX} names`;
    if (listed.names > LISTED_NAMES_MAX) return [tooMuch(base.path, base.locator, tooMany)];
    let entries: readonly DirEntry[];
    try {
      entries = await this.listAt(base);
    } catch (error) {
      return [unreadable(base.path, base.locator, error)];
    }
    listed.names += entries.length;
    recorder?.directory(base.path, entries, base.locator);
    const matches = globMatcher(part, this.#caseSensitive(base.path));
    const matching = entries.filter((entry) => matches(entry.name));
    if (matching.length > MATCHES_MAX)
      return [tooMuch(base.path, base.locator, `more than ${MATCHES_MAX} names match ${part}`)];
    const expanded = async (entry: DirEntry): Promise<readonly Located[]> => {
      const child = await this.childAt(base, entry);
      if (rest.length === 0) return [child];
      const real = await this.resolve(child.path, { recorder });
      return real.state === "found" && real.node.type !== "directory"
        ? []
        : this.#expand(real, rest, recorder, listed);
    };
    const atOnce = rest.length === 0 ? matching.length : LISTED_AT_ONCE;
    const found: (readonly Located[])[] = [];
    for (let from = 0; from < matching.length; from += atOnce) {
      const some = await Promise.all(matching.slice(from, from + atOnce).map(expanded));
      found.push(some.flat());
    }
    return found.flat();
  }

  #caseSensitive(path: string): boolean {
    const { fs } = this.mountOf(path);
    return fs instanceof ScanError || fs.caseSensitive;
  }

  #root(): Promise<Located> {
    return this.#remember("/", () => this.#mounted(this.mountOf("/")));
  }

  /** A real path that was walked before. */
  #known(path: string): Promise<Located> {
    return this.#nodes.get(path) ?? this.resolve(path);
  }

  /** What an entry of a listed folder is; a link is not followed. Nothing is looked up by name again. */
  childAt(parent: Found, entry: DirEntry): Promise<Located> {
    return this.#child(parent, entry.name, entry);
  }

  #child(parent: Found, name: string, entry?: DirEntry): Promise<Located> {
    const path = joinPath(parent.path, name);
    const locator = `${this.mountOf(parent.path).locator} > ${path}`;
    if (parent.node.type !== "directory") return Promise.resolve({ state: "absent", path, locator });
    return this.#remember(path, async () => {
      const mount = this.#mountAt.get(path);
      if (mount) return this.#mounted(mount);
      try {
        const node = entry ? await entry.open() : await parent.node.lookup(name);
        return node ? { state: "found", path, locator, node } : { state: "absent", path, locator };
      } catch (error) {
        return unreadable(path, locator, error);
      }
    });
  }

  async #mounted(mount: Mount): Promise<Located> {
    const locator = `${mount.locator} > ${mount.path}`;
    if (mount.fs instanceof ScanError)
      return { state: "unreadable", path: mount.path, locator, error: mount.fs };
    try {
      const node = await mount.fs.root();
      if (node.type !== "directory")
        return {
          state: "unreadable",
          path: mount.path,
          locator,
          error: corrupt(locator, `root is a ${node.type}`),
        };
      return { state: "found", path: mount.path, locator, node };
    } catch (error) {
      return unreadable(mount.path, locator, error);
    }
  }

  #remember(path: string, look: () => Promise<Located>): Promise<Located> {
    const known = this.#nodes.get(path);
    if (known) return known;
    const looked = look();
    this.#nodes.set(path, looked);
    // Aborts and bugs reject; they are not the path's answer.
    looked.catch(() => this.#nodes.delete(path));
    return looked;
  }

  async #list(directory: Found): Promise<readonly DirEntry[]> {
    if (directory.node.type !== "directory")
      throw new ScanError("usage", `${directory.path} is a ${directory.node.type}, not a directory`);
    const entries = await directory.node.list();
    if (entries.length > NAMES_MAX)
      throw limitReached(directory.locator, `directory of more than ${NAMES_MAX} names`);
    const odd = entries.find(
      ({ name }) => name === "" || name === "." || name === ".." || /[/\0]/.test(name),
    );
    if (odd)
      throw corrupt(directory.locator, `directory has the impossible name ${JSON.stringify(odd.name)}`);
    return entries;
  }
}

type Found = Extract<Located, { state: "found" }>;

function tooMuch(path: string, locator: string, what: string): Located {
  return { state: "unreadable", path, locator, error: limitReached(locator, what) };
}

function unreadable(path: string, locator: string, error: unknown): Located {
  if (!isReadError(error)) throw error;
  return { state: "unreadable", path, locator, error };
}

/** The located node, or the error that tells a person why there is none. */
function expectFound(located: Located, asked: string): Found {
  if (located.state === "found") return located;
  if (located.state === "unreadable") throw located.error.within(located.locator);
  const at = located.path === asked ? "" : ` (${located.path} is missing)`;
  throw new ScanError("usage", `no such file or directory: ${asked}${at}`);
}

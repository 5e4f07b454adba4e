import {
  compareBytes,
  type Observation,
  type Observations,
  type ObservedFile,
  type ObservedName,
} from "../model/observations.ts";
import type { GeneratedFile } from "./manager.ts";

/** The machine's files with those that a program wrote at boot on top. */
export function overlay(base: Observations, files: readonly GeneratedFile[]): Observations {
  if (files.length === 0) return base;
  const over = new Overlay(base, files);
  bases.set(over, beneath(base));
  return over;
}

/** The machine's own files, without those that programs write at boot. */
export function beneath(observations: Observations): Observations {
  return bases.get(observations) ?? observations;
}

const bases = new WeakMap<Observations, Observations>();

/** Observations that know what was asked of them. */
export interface TracedObservations extends Observations {
  /** Whether anything was asked that one of the paths has to do with: itself, or a folder above it. */
  asked(paths: readonly string[]): boolean;
}

export function traced(base: Observations): TracedObservations {
  const questions = new Set<string>();
  const note = (path: string): string => {
    questions.add(path);
    return path;
  };
  const seen: TracedObservations = {
    file: (path) => base.file(note(path)),
    list: (path) => base.list(note(path)),
    entry: (path) => base.entry(note(path)),
    realPath: (path) => base.realPath(note(path)),
    asked: (paths) => paths.some((path) => above(path).some((one) => questions.has(one))),
  };
  bases.set(seen, beneath(base));
  return seen;
}

/** Of `/a/b/c`: itself, `/a/b`, `/a`. */
function above(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

class Overlay implements Observations {
  readonly #base: Observations;
  readonly #files: ReadonlyMap<string, GeneratedFile>;

  constructor(base: Observations, files: readonly GeneratedFile[]) {
    this.#base = base;
    this.#files = new Map(files.map((file) => [file.path, file]));
  }

  file(path: string): Observation<ObservedFile> {
    const file = this.#files.get(path);
    if (!file) return this.#base.file(path);
    const { text, origin, mode = 0o600 } = file;
    const bytes = new TextEncoder().encode(text);
    const value = { path, realPath: path, bytes, truncated: false, mode, uid: 0, origin };
    return { state: "found", value, locator: origin.locator };
  }

  list(path: string): Observation<readonly ObservedName[]> {
    const base = this.#base.list(path);
    const added = [...this.#files.keys()]
      .filter((one) => one.startsWith(`${path}/`))
      .map((one): ObservedName => {
        const [name = "", ...below] = one.slice(path.length + 1).split("/");
        return { name, type: below.length > 0 ? "directory" : "file" };
      });
    if (added.length === 0) return base;
    const known = base.state === "found" ? base.value : [];
    const names = new Map([...known, ...added].map((one) => [one.name, one]));
    const value = [...names.values()].toSorted((a, b) => compareBytes(a.name, b.name));
    return { state: "found", value, locator: base.locator };
  }

  entry(path: string): Observation<ObservedName> {
    const file = this.#files.get(path);
    if (!file) return this.#base.entry(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    return { state: "found", value: { name, type: "file" }, locator: file.origin.locator };
  }

  realPath(path: string): string | undefined {
    return this.#files.has(path) ? path : this.#base.realPath(path);
  }
}

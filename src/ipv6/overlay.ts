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
  return files.length === 0 ? base : new Overlay(base, files);
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

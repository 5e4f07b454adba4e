import { decodeName } from "../../disk/bytes/names.ts";
import type { Evidence } from "../../model/locator.ts";
import type { Observation, Observations, ObservedFile } from "../../model/observations.ts";
import type { Want } from "../../model/snapshot.ts";

const NAMES_MAX = 1000;
/** The GRUB interpreter marks unknown values with these. */
const PRIVATE_USE = /[\u{F0000}-\u{FFFFF}]/gu;

/** A text file, line by line. Carriage returns are kept: each format has its own opinion of them. */
export class TextFile {
  readonly path: string;
  readonly locator: string;
  readonly text: string;
  readonly lines: readonly string[];

  constructor(path: string, locator: string, text: string) {
    this.path = path;
    this.locator = locator;
    this.text = text;
    this.lines = text.split("\n");
  }

  /** `line` is 1-based. */
  evidence(line: number): Evidence {
    const text = this.lines[line - 1];
    return text === undefined ? { locator: this.locator } : { locator: this.locator, line, text };
  }
}

export type Content<T> =
  | { readonly state: "found"; readonly value: T; readonly locator: string }
  | { readonly state: "absent" }
  | { readonly state: "unreadable"; readonly reason: string };

/**
 * The snapshot as the loaders see it. Whatever they ask for that is not there yet becomes a want, so that
 * `follow` is nothing but a trial run of `read`. A want for what really cannot be read does no harm: the
 * extractor asks once.
 */
export class BootFiles {
  readonly #observations: Observations;
  readonly #wants = new Map<string, Want>();

  constructor(observations: Observations) {
    this.#observations = observations;
  }

  get wants(): readonly Want[] {
    return [...this.#wants.values()];
  }

  bytes(path: string, maxBytes?: number): Content<ObservedFile> {
    const seen = this.#observations.file(path);
    if (seen.state !== "found")
      return this.#missing(seen, maxBytes === undefined ? { path } : { path, maxBytes });
    if (maxBytes !== undefined && seen.value.truncated && seen.value.bytes.length < maxBytes)
      this.#want({ path, maxBytes });
    return { state: "found", value: seen.value, locator: seen.locator };
  }

  text(path: string): Content<TextFile> {
    const seen = this.bytes(path);
    if (seen.state !== "found") return seen;
    if (seen.value.truncated) {
      this.#want({ path });
      return { state: "unreadable", reason: `${path} is too long` };
    }
    const text = decodeName(seen.value.bytes).replace(PRIVATE_USE, "\uFFFD");
    return { state: "found", value: new TextFile(path, seen.locator, text), locator: seen.locator };
  }

  /** The first of `paths` that exists. As long as none is found all are asked for together. */
  firstText(paths: readonly string[]): Content<TextFile> {
    let first: Content<TextFile> = { state: "absent" };
    for (const path of paths) {
      const look = this.text(path);
      if (first.state === "absent") first = look;
      if (look.state === "found") break;
    }
    return first;
  }

  /**
   * Names in `folder` that end in `extension`, hidden ones left out. `below` asks for that file in each
   * sub-folder instead (`EFI/<name>/grub.cfg`) and gives the sub-folders' names.
   */
  names(
    folder: string,
    ask: { extension: string; maxBytes?: number } | { below: string },
  ): Content<readonly string[]> {
    const pattern = "below" in ask ? `*/${ask.below}` : `*${ask.extension}`;
    const maxBytes = "below" in ask ? undefined : ask.maxBytes;
    const path = `${folder}/${pattern}`;
    const seen = this.#observations.list(folder);
    if (seen.state !== "found")
      return this.#missing(seen, maxBytes === undefined ? { path } : { path, maxBytes });
    // A folder may have been listed for somebody else: its files are still to be had.
    this.#want(maxBytes === undefined ? { path } : { path, maxBytes });
    const extension = "below" in ask ? "" : ask.extension;
    const names = seen.value
      .filter(
        ({ name, type }) =>
          !name.startsWith(".") && name.toLowerCase().endsWith(extension) && type !== "other",
      )
      .map(({ name }) => name);
    if (names.length > NAMES_MAX)
      return { state: "unreadable", reason: `${folder} has more than ${NAMES_MAX} entries` };
    return { state: "found", value: names, locator: seen.locator };
  }

  /** What is at `path`, content not needed. */
  kind(path: string): "file" | "directory" | "absent" | "unknown" {
    const seen = this.#observations.entry(path);
    if (seen.state === "absent") return "absent";
    if (seen.state === "found" && seen.value.type === "directory") return "directory";
    if (seen.state === "found" && seen.value.type !== "unknown") return "file";
    this.#want({ path, what: "names" });
    return "unknown";
  }

  /** Where the link at `path` points, as stored; undefined when it is no link. */
  linkTarget(path: string): string | undefined {
    const seen = this.#observations.entry(path);
    if (seen.state === "unreadable") this.#want({ path, what: "names" });
    return seen.state === "found" ? seen.value.target : undefined;
  }

  #missing(seen: Exclude<Observation<unknown>, { state: "found" }>, want: Want): Content<never> {
    if (seen.state === "absent") return { state: "absent" };
    this.#want(want);
    return { state: "unreadable", reason: `${want.path}: ${seen.reason}` };
  }

  #want(want: Want): void {
    this.#wants.set(JSON.stringify([want.path, want.what, want.maxBytes]), want);
  }
}

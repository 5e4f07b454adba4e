import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";

/** A YAML value with the line it starts on; scalars stay as they are written: each program has its own words. */
export type Yaml =
  | { readonly kind: "scalar"; readonly line: number; readonly text: string; readonly quoted: boolean }
  | { readonly kind: "list"; readonly line: number; readonly items: readonly Yaml[] }
  | { readonly kind: "map"; readonly line: number; readonly entries: readonly YamlEntry[] };

export interface YamlEntry {
  readonly key: string;
  /** Of the key. */
  readonly line: number;
  readonly value: Yaml;
}

const DEPTH_MAX = 64;
/** Far more than people write by hand; the parser's time grows faster than the text. */
const TEXT_MAX = 64 << 10;
/** Each alias is looked for among all anchors before it. */
const ALIASES_MAX = 200;

/**
 * The first document of a file, or undefined when it is none; `error` when it is no YAML. Keys that come twice
 * stay. Aliases share what they name, so that a bomb of them stays small.
 */
export function parseYaml(text: string): { readonly root?: Yaml; readonly error?: string } {
  if (text.length > TEXT_MAX) return { error: `longer than ${TEXT_MAX} characters` };
  if ((text.match(/[\s[,{]\*\w/g)?.length ?? 0) > ALIASES_MAX)
    return { error: `more than ${ALIASES_MAX} aliases` };
  const lines = new LineCounter();
  const options = { schema: "failsafe", uniqueKeys: false, lineCounter: lines, logLevel: "silent" } as const;
  const documents = parseAllDocuments(text, options);
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (!document) return {};
  const [error] = document.errors;
  if (error) return { error: error.message.split("\n")[0] ?? "no YAML" };
  if (document.contents === null) return {};
  const root = new Reader(document, lines).read(document.contents, 0);
  return root ? { root } : { error: "nested too deeply" };
}

class Reader {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #known = new Map<unknown, Yaml>();

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(node: unknown, depth: number): Yaml | undefined {
    if (depth > DEPTH_MAX) return undefined;
    const known = this.#known.get(node);
    if (known) return known;
    const found = this.#read(node, depth);
    if (found) this.#known.set(node, found);
    return found;
  }

  #read(node: unknown, depth: number): Yaml | undefined {
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      return target === undefined ? undefined : this.read(target, depth + 1);
    }
    const line = this.#lineOf(node);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item, depth + 1));
      return { kind: "list", line, items: items.filter((item) => item !== undefined) };
    }
    if (isMap(node)) {
      const entries = node.items.flatMap(({ key, value }): YamlEntry[] => {
        const name = this.read(key, depth + 1);
        const read = value === null ? scalar("", name?.line ?? line) : this.read(value, depth + 1);
        return name?.kind === "scalar" && read ? [{ key: name.text, line: name.line, value: read }] : [];
      });
      return { kind: "map", line, entries };
    }
    if (isScalar(node)) {
      const quoted = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE";
      return { kind: "scalar", line, text: plain(node.value), quoted };
    }
    return scalar("", line);
  }

  #lineOf(node: unknown): number {
    const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
    return range ? this.#lines.linePos(range[0]).line : 1;
  }
}

function scalar(text: string, line: number): Yaml {
  return { kind: "scalar", line, text, quoted: false };
}

/** The last entry of that name in a map. */
export function entry(map: Yaml | undefined, key: string): YamlEntry | undefined {
  return map?.kind === "map" ? map.entries.findLast((one) => one.key === key) : undefined;
}

export function child(map: Yaml | undefined, ...path: readonly string[]): Yaml | undefined {
  return path.reduce<Yaml | undefined>((at, key) => entry(at, key)?.value, map);
}

export function scalarOf(value: Yaml | undefined): string | undefined {
  return value?.kind === "scalar" ? value.text : undefined;
}

/** The scalars of a list; a lone scalar counts as a list of one. */
export function scalarsOf(value: Yaml | undefined): readonly string[] {
  if (value?.kind === "list") return value.items.flatMap((item) => scalarOf(item) ?? []);
  const one = scalarOf(value);
  return one === undefined || one === "" ? [] : [one];
}

function plain(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? `${value}`
    : "";
}

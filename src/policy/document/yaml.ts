import {
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import type { z } from "zod";
import { nearest } from "./nearest.ts";

/** What is wrong in a file, and where. */
export interface Problem {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  readonly message: string;
}

export type Parsed<T> =
  | { readonly value: T; readonly at: Locate }
  | { readonly problems: readonly Problem[] };

type Path = readonly PropertyKey[];
/** Where the value at `path` stands; with `key`, where that key of it stands. */
export type Locate = (path: Path, key?: string) => Pick<Problem, "line" | "column">;

/** A policy is small; what is larger is a mistake or an attack. */
const BYTES_MAX = 1 << 20;
const ALIASES_MAX = 50;
const NESTING_MAX = 100;
const PROBLEMS_MAX = 100;

/**
 * One YAML 1.2 document with the shape of `schema`. Duplicate keys, unknown keys, tags that are not of the core
 * schema, other versions of YAML and documents that grow by aliases are refused; every problem has its line and column.
 */
export function parseYaml<T>(text: string, file: string, schema: z.ZodType<T>): Parsed<T> {
  const at = (line: number, column: number, message: string): Problem => ({ file, line, column, message });
  if (text.length > BYTES_MAX) return { problems: [at(1, 1, "the file is larger than 1 MiB")] };
  const deep = tooDeep(text);
  if (deep !== undefined) return { problems: [at(deep, 1, `nested more than ${NESTING_MAX} deep`)] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // The library's own check compares each key with all others.
    uniqueKeys: false,
    logLevel: "error",
  });
  const place = (offset: number, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return at(Math.max(1, line), Math.max(1, col), message);
  };
  const broken = [
    ...(document.directives?.yaml.version === "1.2" ? [] : [at(1, 1, "YAML 1.2 is wanted, and no other")]),
    ...[...document.errors, ...document.warnings].map(({ pos, message }) => place(pos[0], message)),
    ...wrongKeys(document).map(({ offset, message }) => place(offset, message)),
  ];
  if (broken.length > 0) return { problems: broken.slice(0, PROBLEMS_MAX) };
  const locate: Locate = (path, key) => locateIn(document, lines, path, key);
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    return { problems: [at(1, 1, error instanceof Error ? error.message : "the file cannot be read")] };
  }
  const checked = schema.safeParse(plain, { reportInput: true });
  if (checked.success) return { value: checked.data, at: locate };
  const told = checked.error.issues.slice(0, PROBLEMS_MAX).flatMap((issue) => tell(issue, schema));
  // What was misspelt is not missing as well.
  const misspelt = new Set(told.filter(({ key }) => key !== undefined).map(({ path }) => dotted(path)));
  return {
    problems: told
      .filter(({ path, key, isCustom }) => key !== undefined || !isCustom || !misspelt.has(dotted(path)))
      .slice(0, PROBLEMS_MAX)
      .map(({ path, key, message }) => ({ file, ...locate(path, key), message }))
      .toSorted(byPlace),
  };
}

/** Keys by which something would be dropped without a word: one of two, or one that objects keep for themselves. */
function wrongKeys(document: Document): readonly { readonly offset: number; readonly message: string }[] {
  const found: { offset: number; message: string }[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        const offset = startOf(key) ?? 0;
        if (!isScalar(key)) {
          found.push({ offset, message: "a key is to be a word" });
          continue;
        }
        const name = String(key.value);
        if (name === "__proto__") found.push({ offset, message: `nothing can be called ${name}` });
        if (seen.has(name)) found.push({ offset, message: `the key ${name} stands here twice` });
        seen.add(name);
      }
    },
  });
  return found;
}

/** As they stand in the file. */
export function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}

/** The line where brackets or indentation go deeper than anybody means to; the parser would recurse as deep. */
function tooDeep(text: string): number | undefined {
  let open = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const lead = /^[ ]*((?:[-?:] +)*)/.exec(line);
    const dashes = (lead?.[1] ?? "").replaceAll(" ", "").length;
    for (const character of line) {
      if (character === "[" || character === "{") open++;
      else if ((character === "]" || character === "}") && open > 0) open--;
      if (open > NESTING_MAX) return index + 1;
    }
    if (dashes > NESTING_MAX || (lead?.[0].length ?? 0) > NESTING_MAX * 8) return index + 1;
  }
  return undefined;
}

function locateIn(
  document: Document,
  lines: LineCounter,
  path: Path,
  key?: string,
): Pick<Problem, "line" | "column"> {
  let node: unknown = document.contents;
  let start: number | undefined = startOf(node);
  for (const step of key === undefined ? path : [...path, key]) {
    if (isMap(node)) {
      const pair = node.items.find(
        (one) => isPair(one) && isScalar(one.key) && String(one.key.value) === String(step),
      );
      if (!pair) break;
      start = startOf(pair.key) ?? start;
      node = pair.value;
      if (key === undefined || step !== key) start = startOf(node) ?? start;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      start = startOf(node) ?? start;
    } else break;
  }
  const { line, col } = lines.linePos(start ?? 0);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function isNode(node: unknown): node is Node {
  return typeof node === "object" && node !== null && "range" in node;
}

interface Told {
  readonly path: Path;
  readonly key?: string;
  readonly message: string;
  readonly isCustom?: boolean;
}

/** zod's issues in words that say what to do. */
function tell(issue: z.core.$ZodIssue, schema: z.ZodType): readonly Told[] {
  const { path } = issue;
  const name = path.length === 0 ? "the file" : dotted(path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, PROBLEMS_MAX).map((key) => ({
        path,
        key,
        message: `unknown key ${key}${suggest(key, keysAt(schema, path))}`,
      }));
    case "invalid_value": {
      const values = issue.values.map(String);
      return [
        {
          path,
          message: `${name}: ${told(issue.input)} is not one of ${values.join(", ")}${suggest(String(issue.input), values)}`,
        },
      ];
    }
    case "invalid_type":
      return [
        {
          path,
          message:
            issue.input === undefined
              ? `${name} is missing`
              : `${name} must be ${article(issue.expected)}, not ${told(issue.input)}`,
        },
      ];
    case "too_small":
      return [{ path, message: `${name} is empty` }];
    case "custom":
      return [{ path, message: issue.message, isCustom: true }];
    case "too_big":
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
      return [{ path, message: `${name}: ${issue.message}` }];
  }
}

function article(type: string): string {
  const words: Readonly<Record<string, string>> = {
    object: "a map",
    record: "a map",
    array: "a list",
    string: "text",
  };
  return words[type] ?? type;
}

function told(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value !== null && typeof value === "object") return "a map";
  return JSON.stringify(value)?.slice(0, 80) ?? "nothing";
}

function dotted(path: Path): string {
  return path
    .map((step, i) => (typeof step === "number" ? `[${step}]` : `${i === 0 ? "" : "."}${String(step)}`))
    .join("");
}

function suggest(word: string, known: readonly string[]): string {
  const found = nearest(word, known);
  return found === undefined
    ? known.length > 0
      ? `; there are: ${known.join(", ")}`
      : ""
    : `; did you mean ${found}?`;
}

/** The keys that a map in the document may have, from the schema's own shape. */
function keysAt(schema: unknown, path: Path): readonly string[] {
  let at: unknown = schema;
  for (const step of path) at = child(unwrap(at), step);
  const shape = property(property(unwrap(at), "def"), "shape");
  return typeof shape === "object" && shape !== null ? Object.keys(shape) : [];
}

function child(schema: unknown, step: PropertyKey): unknown {
  const definition = property(schema, "def");
  const shape = property(definition, "shape");
  if (shape !== undefined) return property(shape, step);
  return property(definition, "element") ?? property(definition, "valueType");
}

function unwrap(schema: unknown): unknown {
  let at = schema;
  for (
    let inner = property(property(at, "def"), "innerType");
    inner !== undefined;
    inner = property(property(at, "def"), "innerType")
  )
    at = inner;
  return at;
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

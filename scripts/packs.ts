/**
 * Puts the chunks that esbuild splits a program into, ES modules, together in packs: scripts that bin/compiled.js runs
 * with code that V8 compiled before. A pack is a list of functions, one for each chunk; chunks name others as
 * `pack/place in it`. Whether a chunk stands in one pack or another matters to speed only.
 */
import type { Metafile } from "esbuild";

/** What a chunk is called in `import`: a file beside it. */
const NAME = String.raw`"\./([\w.-]+\.js)"`;
const IMPORT = new RegExp(String.raw`^import(?:\{([^}]*)\}from)?${NAME};`);
const DYNAMIC_IMPORT = new RegExp(String.raw`\bimport\(${NAME}\)`, "g");
const EXPORT = /export(?:\{([^}]*)\}|\s+default ([\w$]+\(\)));\s*(?:\/\*.*\*\/\s*)?$/;
/** esbuild's view of a CommonJS module as an ES module copies its properties, which would load what is lazy. */
const TO_ESM = /\b__toESM=\((\w+),(\w+),(\w+)\)=>\(/;
/** What must be gone from the text of a function. esbuild writes nothing else. */
const MODULE_SYNTAX = /(?:^|[;}\n])(?:import[\s{"*]|export[\s{*])|\bimport\(["'`]/;

/** What the runner passes to the function of a chunk: esbuild makes no names like the first three. */
export const PARAMETERS = "$use,$load,$namespace,require,ownUrl";

/** Files of the program; `outputs` of an esbuild metafile, by file name. */
type Outputs = ReadonlyMap<string, Metafile["outputs"][string]>;

/** What each pack holds: its chunks, in order. */
export type Packs = ReadonlyMap<string, readonly string[]>;

/**
 * @param first for each pack of its own the source files whose chunks it holds, with all that they import and that is in
 *   no pack before it
 * @param nameOf the pack of every other chunk, from the largest source file in it
 */
export function packsOf(
  { outputs: files }: Metafile,
  first: ReadonlyMap<string, readonly string[]>,
  nameOf: (source: string) => string,
): Packs {
  const outputs = byName(files);
  const packs = new Map<string, string[]>();
  const placed = new Set<string>();
  const place = (chunk: string, pack: string): void => {
    placed.add(chunk);
    packs.set(pack, [...(packs.get(pack) ?? []), chunk]);
  };
  for (const [pack, entries] of first)
    for (const entry of entries)
      for (const chunk of importedBy(chunkOf(entry, outputs), outputs))
        if (!placed.has(chunk)) place(chunk, pack);
  for (const [chunk, { inputs }] of outputs) if (!placed.has(chunk)) place(chunk, nameOf(largest(inputs)));
  return packs;
}

/** The text of a pack. Throws for a chunk whose text is not as expected. */
export function textOf(pack: string, packs: Packs, chunks: ReadonlyMap<string, string>): string {
  const places = new Map(
    [...packs].flatMap(([name, held]) => held.map((chunk, at) => [chunk, `${name}/${at}`] as const)),
  );
  const functions = (packs.get(pack) ?? []).map((chunk) =>
    functionOf(chunk, chunks.get(chunk) ?? "", places),
  );
  return `[${functions.join(",\n")}]`;
}

function largest(inputs: Metafile["outputs"][string]["inputs"]): string {
  const [first] = Object.entries(inputs).toSorted(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
  return first?.[0] ?? "";
}

/** Where the chunk of an entry point stands. */
export function placeOf(entry: string, { outputs }: Metafile, packs: Packs): string {
  const chunk = chunkOf(entry, byName(outputs));
  for (const [name, held] of packs) if (held.includes(chunk)) return `${name}/${held.indexOf(chunk)}`;
  throw new Error(`${entry} is in no pack`);
}

function byName(outputs: Metafile["outputs"]): Outputs {
  return new Map(
    Object.entries(outputs)
      .filter(([path]) => path.endsWith(".js"))
      .map(([path, output]) => [fileName(path), output]),
  );
}

function chunkOf(entry: string, outputs: Outputs): string {
  for (const [chunk, { entryPoint }] of outputs) if (entryPoint === entry) return chunk;
  throw new Error(`${entry} is not imported by import()`);
}

/** A chunk after all that it imports, which is in no circle: chunks hold what the same entries need. */
function importedBy(chunk: string, outputs: Outputs, seen = new Set<string>()): Set<string> {
  for (const { path, kind } of outputs.get(chunk)?.imports ?? [])
    if (kind === "import-statement" && !seen.has(fileName(path))) importedBy(fileName(path), outputs, seen);
  return seen.add(chunk);
}

/**
 * An ES module as a function that returns its exports. These are taken when it has run, and by importers when they
 * start, so that nothing may be assigned to them later.
 */
function functionOf(chunk: string, text: string, places: ReadonlyMap<string, string>): string {
  const at = (name: string): string => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`${chunk} imports ${name}, which is in no pack`);
    return JSON.stringify(place);
  };
  let body = text;
  let head = "";
  for (let found = IMPORT.exec(body); found; found = IMPORT.exec(body)) {
    const [whole, names, from = ""] = found;
    head +=
      names === undefined ? `$use(${at(from)});` : `const{${properties(names, "in")}}=$use(${at(from)});`;
    body = body.slice(whole.length);
  }
  let result = "";
  const exported = EXPORT.exec(body);
  if (exported) {
    const [, names, commonJs] = exported;
    body = body.slice(0, exported.index);
    if (names !== undefined) checkConstant(chunk, names, body);
    result =
      commonJs === undefined ? `return{${properties(names ?? "", "out")}}` : `return $namespace(${commonJs})`;
  }
  body = body.replace(TO_ESM, "__toESM=($1,$2,$3)=>$1?.$lazy?$1:(");
  body = body.replaceAll(DYNAMIC_IMPORT, (_, name: string) => `$load(${at(name)})`);
  const left = MODULE_SYNTAX.exec(body);
  if (left) throw new Error(`${chunk}: what is ${JSON.stringify(body.slice(left.index, left.index + 60))}?`);
  return `function(${PARAMETERS}){"use strict";${head}${body}${result}}`;
}

/** `a,b as c` of an import or export as the properties of an object. */
function properties(names: string, direction: "in" | "out"): string {
  return names
    .split(",")
    .filter((one) => one !== "")
    .map((one) => {
      const [inner = "", outer] = one.trim().split(" as ");
      if (outer === undefined) return inner;
      return direction === "in" ? `${inner}:${outer}` : `${outer}:${inner}`;
    })
    .join(",");
}

function checkConstant(chunk: string, names: string, body: string): void {
  for (const one of names.split(",")) {
    const [name = ""] = one.trim().split(" as ");
    const escaped = name.replaceAll("$", String.raw`\$`);
    const assigned = new RegExp(
      String.raw`(?<![\w$.])${escaped}(?![\w$])\s*(?:=(?![=>])|\+\+|--|(?:[-+*/%&|^]|\?\?|\|\||&&|\*\*|<<|>>>?)=(?!=))|(?:\+\+|--)${escaped}(?![\w$])`,
      "g",
    );
    const count = [...body.matchAll(assigned)].length;
    if (count > 1) throw new Error(`${chunk}: ${name} is exported, and assigned to ${count} times`);
  }
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Source folders of the command that load when something of them is used for the first time. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Plugin } from "esbuild";
import { getters } from "./lazy.ts";

/** How a chunk asks for what stands for a folder, and what its entry point is called. */
const FOLDER = "folder:";

/** What a lazy module exports. Others than these forms are refused. */
const EXPORT = /^export (?:async )?(?:function\*? ?|class |const )(\w+)/gm;
const OTHER_EXPORT = /^export (?:default|\*|\{|let|var|enum)/m;

export interface LazyFolders {
  /** To be built with what imports the folders. */
  readonly entryPoints: Readonly<Record<string, string>>;
  readonly plugin: Plugin;
}

/**
 * What is outside of such a folder, and its front files, import the rest of it through getters.
 * @param folders paths, with the names of their front files: what is used whether the folder is or not
 */
export function lazyFolders(folders: ReadonlyMap<string, readonly string[]>): LazyFolders {
  const lazyFolderOf = (file: string): string | undefined => {
    const folder = dirname(file);
    const front = folders.get(folder);
    return front && !front.some((name) => file === join(folder, `${name}.ts`)) ? folder : undefined;
  };
  const plugin: Plugin = {
    name: "lazy-folders",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${FOLDER}`) }, ({ path, kind }) =>
        kind === "entry-point" ? { path, namespace: "folder" } : { path, external: true },
      );
      onLoad({ filter: /.*/, namespace: "folder" }, ({ path }) => {
        const folder = path.slice(FOLDER.length);
        const contents = modulesIn(folder, folders.get(folder))
          .map((name) => `export * as ${idOf(name)} from "./${name}";`)
          .join("\n");
        return { contents, resolveDir: folder, loader: "ts" };
      });
      onResolve({ filter: /^\.\.?\// }, ({ path, importer, resolveDir, kind, namespace }) => {
        const file = relative(".", join(resolveDir, path));
        const folder = lazyFolderOf(file);
        if (folder === undefined || namespace !== "file" || kind !== "import-statement") return undefined;
        return lazyFolderOf(relative(".", importer)) === folder
          ? undefined
          : { path: file, namespace: "lazy-source" };
      });
      onLoad({ filter: /.*/, namespace: "lazy-source" }, ({ path }) => ({
        contents: getters(namesIn(path), `require("${FOLDER}${dirname(path)}").${idOf(path)}`),
        resolveDir: ".",
      }));
    },
  };
  return {
    entryPoints: Object.fromEntries(
      [...folders.keys()].map((folder) => [folder.replaceAll("/", "-"), `${FOLDER}${folder}`]),
    ),
    plugin,
  };
}

/** Replaces, in the text of a chunk, what asks for a folder. */
export function resolveFolders(text: string, place: (entryPoint: string) => string): string {
  return text.replaceAll(new RegExp(`__require\\("(${FOLDER}[^"]+)"\\)`, "g"), (_, path: string) =>
    place(`folder:${path}`),
  );
}

function modulesIn(folder: string, front: readonly string[] = []): readonly string[] {
  const wanted = front.flatMap((name) => {
    const text = readFileSync(join(folder, `${name}.ts`), "utf8");
    return [...text.matchAll(/ from "\.\/([\w-]+\.ts)";/g)].map(([, path = ""]) => path);
  });
  return readdirSync(folder)
    .toSorted()
    .filter((name) => wanted.includes(name) && !front.includes(name.replace(/\.ts$/, "")));
}

function namesIn(path: string): readonly string[] {
  const text = readFileSync(path, "utf8");
  const other = OTHER_EXPORT.exec(text);
  if (other) throw new Error(`${path}: "${other[0]}" is not known to lazy folders`);
  return [...text.matchAll(EXPORT)].map(([, name = ""]) => name);
}

function idOf(path: string): string {
  return `of_${path.slice(path.lastIndexOf("/") + 1).replace(/\W/g, "_")}`;
}

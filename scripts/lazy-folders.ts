/** Source folders of the command that load when something of them is used for the first time. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Plugin } from "esbuild";
import { LAZY } from "./lazy.ts";

/** What the entry point of a folder is called, and its namespace. */
const FOLDER = "folder:";

export interface LazyFolders {
  /** To be built with what imports the folders. */
  readonly entryPoints: Readonly<Record<string, string>>;
  readonly plugin: Plugin;
}

/**
 * What is outside of such a folder, and its front files, load the rest of it when they use something of it.
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
        kind === "entry-point" ? { path, namespace: "folder" } : undefined,
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
      onLoad({ filter: /.*/, namespace: "lazy-source" }, ({ path }) => {
        const folder = dirname(path);
        if (!modulesIn(folder, folders.get(folder)).includes(basename(path)))
          throw new Error(`${path} is imported by others than the front files of its folder: make it one`);
        return {
          contents: `module.exports = require("${LAZY}${FOLDER}${folder}#${idOf(path)}");`,
          resolveDir: ".",
        };
      });
    },
  };
  return {
    entryPoints: Object.fromEntries(
      [...folders.keys()].map((folder) => [folder.replaceAll("/", "-"), `${FOLDER}${folder}`]),
    ),
    plugin,
  };
}

/** Puts, in the text of a chunk, the place of a folder's chunk for its name. */
export function placeFolders(text: string, placeOf: (entryPoint: string) => string): string {
  const asked = new RegExp(`"${LAZY}(${FOLDER}[^"#]+)#`, "g");
  return text.replaceAll(asked, (_, path: string) => `"${LAZY}pack:${placeOf(`folder:${path}`)}#`);
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

function idOf(path: string): string {
  return `of_${basename(path).replace(/\W/g, "_")}`;
}

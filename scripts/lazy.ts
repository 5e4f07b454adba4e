/** Modules of the command that load when something of them is used for the first time, not when a file that may use them is. */
import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

/** How the runner of bin/compiled.js is asked for the pack of a package. */
export const PACK = "pack:";

/**
 * Built-in modules (fs/promises, streams and zlib are a tenth of a short run, the network's another one) and packages
 * that have packs of their own. Classes that extend theirs take them when they are defined.
 * @param packages names of packages, with the files that they are
 */
export function lazyModules(packages: ReadonlyMap<string, string>): Plugin {
  return {
    name: "lazy-modules",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^(?:node:.*|${builtinModules.join("|")})$`) }, ({ path }) => ({
        path,
        namespace: "lazy-builtin",
      }));
      onLoad({ filter: /.*/, namespace: "lazy-builtin" }, async ({ path }) => ({
        contents: getters(await namesOf(path), `process.getBuiltinModule(${JSON.stringify(path)})`),
      }));
      onResolve({ filter: new RegExp(`^(?:${[...packages.keys()].join("|")})$`) }, ({ path }) => ({
        path,
        namespace: "lazy-package",
      }));
      onLoad({ filter: /.*/, namespace: "lazy-package" }, async ({ path }) => ({
        contents: getters(
          await namesOf(new URL(`../${packages.get(path)}`, import.meta.url).href),
          `require("${PACK}${path}")`,
        ),
        resolveDir: ".",
      }));
      onResolve({ filter: new RegExp(`^${PACK}`) }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** Packages that may be missing: asked for by `require` where they are wanted. */
export function optionalPackages(names: readonly string[]): Plugin {
  const filter = new RegExp(`^(?:${names.join("|")})(?:/|$)`);
  return {
    name: "optional-packages",
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, ({ path, namespace }) =>
        namespace === "optional" ? { path, external: true } : { path, namespace: "optional" },
      );
      onLoad({ filter: /.*/, namespace: "optional" }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)});`,
        resolveDir: ".",
      }));
    },
  };
}

async function namesOf(path: string): Promise<readonly string[]> {
  const loaded: object = await import(path);
  return Object.keys(loaded).filter((name) => /^\w+$/.test(name) && name !== "module.exports");
}

/** A CommonJS module with the names of another one, which loads when one of them is asked for. */
export function getters(names: readonly string[], load: string): string {
  return `
    let loaded;
    const get = () => (loaded ??= ${load});
    Object.defineProperty(exports, "__esModule", { value: true });
    for (const name of ${JSON.stringify(names)})
      Object.defineProperty(exports, name, { enumerable: true, get: name === "default" ? get : () => get()[name] });`;
}

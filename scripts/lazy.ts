/** Modules of the command that load when something of them is used for the first time, not when a file that may use them is. */
import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

/** How what is lazy is asked for: the runner of bin/compiled.js answers with what loads when a property of it is read. */
export const LAZY = "lazy:";

/**
 * Built-in modules (fs/promises, streams and zlib are a tenth of a short run, the network's another one) and packages
 * that have packs of their own. Classes that extend theirs take them when they are defined.
 */
export function lazyModules(packages: readonly string[]): Plugin {
  return {
    name: "lazy-modules",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^(?:node:.*|${builtinModules.join("|")})$`) }, ({ path }) => ({
        path: path.replace(/^(?:node:)?/, "node:"),
        namespace: "lazy",
      }));
      onResolve({ filter: new RegExp(`^(?:${packages.join("|")})$`) }, ({ path }) => ({
        path: `pack:${path}/0`,
        namespace: "lazy",
      }));
      onLoad({ filter: /.*/, namespace: "lazy" }, ({ path }) => ({
        contents: `module.exports = require("${LAZY}${path}");`,
        resolveDir: ".",
      }));
      onResolve({ filter: new RegExp(`^${LAZY}`) }, ({ path }) => ({ path, external: true }));
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

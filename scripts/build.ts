/** Bundles the command and the public API into dist/: start-up then reads two small files, not two hundred. */
import { chmod, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { build, type Plugin } from "esbuild";
import * as z from "zod";

/** What is installed only where it is wanted stays outside: it is loaded when its command runs, or missed then. */
const { optionalDependencies = {} } = z
  .object({ optionalDependencies: z.record(z.string(), z.string()).optional() })
  .parse(JSON.parse(await readFile("package.json", "utf8")));

/**
 * commander takes these at every start and needs the first only for commands that are programs of their own, which
 * sixray has none of; loading them costs 5 ms and 5 MB.
 */
const BUILTINS: Readonly<Record<string, string>> = {
  "node:child_process": `exports.spawn = (...given) => process.getBuiltinModule("node:child_process").spawn(...given);`,
  "node:process": "module.exports = process;",
};
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(?:child_process|process)$/ }, ({ path, importer }) =>
      importer.includes("/node_modules/commander/") ? { path, namespace: "lazy-builtin" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "lazy-builtin" }, ({ path }) => ({ contents: BUILTINS[path] ?? "" }));
  },
};

await rm("dist", { recursive: true, force: true });
await build({
  entryPoints: { bin: "src/cli/bin.ts", index: "src/index.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.18",
  external: Object.keys(optionalDependencies),
  legalComments: "linked",
  // Half the text to read at every start; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // yaml's ES modules: its CommonJS ones are 72 wrapped functions.
  alias: { yaml: "./node_modules/yaml/browser/dist/index.js" },
  plugins: [lazyBuiltins],
  // commander is CommonJS: esbuild's shim needs a real require.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
await chmod("bin/sixray.js", 0o755);

// npm links a package's commands into its dependents only; in a checkout "npx sixray" should work, too.
await mkdir("node_modules/.bin", { recursive: true });
await rm("node_modules/.bin/sixray", { force: true });
await symlink("../../bin/sixray.js", "node_modules/.bin/sixray");

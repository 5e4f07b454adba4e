/** Bundles the command and the public API into dist/: start-up then reads one file, not hundreds. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { type BuildOptions, build, type Plugin } from "esbuild";
import * as z from "zod";
import { installSkipped } from "./optional.ts";

/** What is installed only where it is wanted stays outside: it is loaded when its command runs, or missed then. */
const { optionalDependencies = {} } = z
  .object({ optionalDependencies: z.record(z.string(), z.string()).optional() })
  .parse(JSON.parse(await readFile("package.json", "utf8")));

installSkipped(Object.keys(optionalDependencies));

/**
 * Built-in modules are loaded when something of them is used for the first time, not when a file that may use them
 * is: fs/promises, streams and zlib are a tenth of a short run, the network's another one. Classes that extend theirs
 * take them when they are defined.
 */
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
      namespace === "lazy-builtin" ? { path, external: true } : { path, namespace: "lazy-builtin" },
    );
    onLoad({ filter: /.*/, namespace: "lazy-builtin" }, async ({ path }) => {
      const loaded: object = await import(path);
      const names = Object.keys(loaded).filter((name) => /^\w+$/.test(name) && name !== "module.exports");
      const get = `const get = () => process.getBuiltinModule(${JSON.stringify(path)});`;
      const define = `for (const name of ${JSON.stringify(names)}) Object.defineProperty(exports, name, { enumerable: true, get: name === "default" ? get : () => get()[name] });`;
      return { contents: `${get} Object.defineProperty(exports, "__esModule", { value: true }); ${define}` };
    });
  },
};

/** What is large and seldom used, in a file of its own: text costs memory even when it is not run. */
const APART = "zod";
const apart: Plugin = {
  name: "apart",
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^${APART}$`) }, () => ({ path: `./${APART}.cjs`, external: true }));
  },
};

const SHARED = {
  bundle: true,
  platform: "node",
  target: "node22.18",
  external: Object.keys(optionalDependencies),
  legalComments: "linked",
  // Half the text to read at every start; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // yaml's ES modules: its CommonJS ones are 72 wrapped functions.
  alias: { yaml: "./node_modules/yaml/browser/dist/index.js" },
} as const satisfies BuildOptions;

await rm("dist", { recursive: true, force: true });
await Promise.all([
  build({
    ...SHARED,
    entryPoints: { index: "src/index.ts" },
    outdir: "dist",
    splitting: true,
    format: "esm",
    // commander is CommonJS: esbuild's shim needs a real require. Named apart from what libraries import themselves.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
  }),
  build({
    ...SHARED,
    entryPoints: { [APART]: `node_modules/${APART}/index.js` },
    outdir: "dist/cli",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
  }),
  // One file, which bin/compiled.js runs: what a command does not use in it is neither parsed nor run.
  build({
    ...SHARED,
    entryPoints: { bin: "src/cli/bin.ts" },
    entryNames: "[name]-[hash]",
    outdir: "dist/cli",
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    plugins: [lazyBuiltins, apart],
    // A function, for bin/compiled.js to call.
    banner: {
      js: '(function(exports,require,module,__filename,__dirname){const ownUrl=process.getBuiltinModule("node:url").pathToFileURL(__filename).href;',
    },
    define: { "import.meta.url": "ownUrl" },
    footer: { js: "})" },
    // The text is read as Latin-1.
    charset: "ascii",
    // import() in a script that V8 compiled before is an experiment of Node.js that warns: optional packages are required.
    supported: { "dynamic-import": false },
  }),
]);
for (const name of await readdir("dist/cli"))
  if (name.endsWith(".cjs") && /[^\0-\x7f]/.test(await readFile(`dist/cli/${name}`, "latin1")))
    throw new Error(`${name} is not all ASCII: a raw string with other characters in it?`);
await chmod("bin/sixray.js", 0o755);

// npm links a package's commands into its dependents only; in a checkout "npx sixray" should work, too.
await mkdir("node_modules/.bin", { recursive: true });
await rm("node_modules/.bin/sixray", { force: true });
await symlink("../../bin/sixray.js", "node_modules/.bin/sixray");

// In a checkout the first run should be a fast one, too: scanning the samples compiles what most scans need.
const samples = ["test/fixtures/images", "test/fixtures/rootfs"].filter((path) => existsSync(path));
if (samples.length === 2) {
  const images = (await readdir("test/fixtures/images")).map((name) => `test/fixtures/images/${name}`);
  spawnSync(process.execPath, ["bin/sixray.js", "scan", "--quiet", ...images, "test/fixtures/rootfs"], {
    stdio: "ignore",
  });
}

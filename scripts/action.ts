/**
 * Builds the GitHub Action's one file, dist/action/index.js: for releases, where it is committed beside action.yml.
 * Built anew from the same sources it has the same bytes; `--check FILE` says whether FILE is such a build.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { sourceDigest } from "../src/cli/source-digest.ts";

const FILE = "dist/action/index.js";
const PGLITE = "node_modules/@electric-sql/pglite/dist";
/** Programs of the machine, which no bundle can hold: the compiler of PDFs, and a client of Postgres in C. */
const OUTSIDE = ["@myriaddreamin/typst-ts-node-compiler", "pg-native"];

async function packed(name: string): Promise<string> {
  const bytes = await readFile(`${PGLITE}/${name}`);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 };
  return brotliCompressSync(bytes, { params }).toString("base64");
}

/** Postgres as text in the bundle, in place of `src/ledger/pglite-assets.ts`. */
const assets: Plugin = {
  name: "pglite-assets",
  setup({ onLoad }) {
    onLoad({ filter: /\/ledger\/pglite-assets\.ts$/ }, async () => ({
      loader: "ts",
      contents: `
        import { brotliDecompressSync } from "node:zlib";
        const unpack = (text) => brotliDecompressSync(Buffer.from(text, "base64"));
        export async function pgliteAssets() {
          return {
            pgliteWasmModule: await WebAssembly.compile(unpack(${JSON.stringify(await packed("pglite.wasm"))})),
            initdbWasmModule: await WebAssembly.compile(unpack(${JSON.stringify(await packed("initdb.wasm"))})),
            fsBundle: new Blob([unpack(${JSON.stringify(await packed("pglite.data"))})]),
          };
        }`,
    }));
  },
};

const [, , option, given] = process.argv;
const built = await build({
  entryPoints: { index: "src/action/index.ts" },
  outdir: "dist/action",
  bundle: true,
  write: option !== "--check",
  format: "esm",
  platform: "node",
  target: "node24",
  external: OUTSIDE,
  legalComments: "inline",
  minifyWhitespace: true,
  minifySyntax: true,
  alias: { yaml: "./node_modules/yaml/browser/dist/index.js" },
  plugins: [assets],
  define: { SIXRAY_SOURCES: JSON.stringify(sourceDigest(".")) },
  // What CommonJS modules find around them, and an ES module has not.
  banner: {
    js: [
      'import { createRequire as requireFrom } from "node:module";',
      "const require = requireFrom(import.meta.url);",
      "const { filename: __filename, dirname: __dirname } = import.meta;",
    ].join(" "),
  },
});
const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
if (option === "--check") {
  const [fresh, there] = [built.outputFiles?.[0]?.contents, await readFile(given ?? FILE)];
  const same = fresh !== undefined && digest(fresh) === digest(there);
  console.log(
    `${given ?? FILE}: ${same ? "is" : "is not"} what these sources build (sha256 ${digest(there)})`,
  );
  process.exitCode = same ? 0 : 1;
} else console.log(`${FILE}: ${digest(await readFile(FILE))}`);

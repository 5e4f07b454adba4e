/** Bundles the command and the public API into dist/: start-up then reads one file, not hundreds. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Script } from "node:vm";
import { type BuildOptions, build } from "esbuild";
import * as z from "zod";
import { sourceDigest } from "../src/cli/source-digest.ts";
import { emptied } from "./emptied.ts";
import { lazyModules, optionalPackages } from "./lazy.ts";
import { lazyFolders, placeFolders } from "./lazy-folders.ts";
import { installSkipped } from "./optional.ts";
import { PARAMETERS, packsOf, placeOf, textOf } from "./packs.ts";

/** What is installed only where it is wanted stays outside: it is loaded when its command runs, or missed then. */
const { optionalDependencies = {} } = z
  .object({ optionalDependencies: z.record(z.string(), z.string()).optional() })
  .parse(JSON.parse(await readFile("package.json", "utf8")));

const OPTIONAL = Object.keys(optionalDependencies);
installSkipped(OPTIONAL);

/** Where the runner of bin/compiled.js finds the command. */
const CLI = "dist/cli";

/** Large and seldom used: packs of their own, which load when something of them is used. */
const APART = new Map([
  ["zod", "node_modules/zod/index.js"],
  ["yaml", "node_modules/yaml/browser/dist/index.js"],
]);

/** Formats of which most images are not one: what recognises them is always loaded, the rest when it is used. */
const FORMATS = new Map([
  ["src/disk/filesystems/btrfs", ["index", "superblock"]],
  ["src/disk/filesystems/erofs", ["index", "superblock"]],
  ["src/disk/filesystems/exfat", ["index", "boot-sector"]],
  ["src/disk/filesystems/ext", ["index", "superblock", "features"]],
  ["src/disk/filesystems/fat", ["index", "boot-sector"]],
  ["src/disk/filesystems/ntfs", ["index", "boot-sector"]],
  ["src/disk/filesystems/squashfs", ["index", "superblock"]],
  ["src/disk/filesystems/xfs", ["index", "superblock"]],
  ["src/disk/containers/qcow2", ["qcow2", "header"]],
  ["src/disk/containers/vhd", ["vhd", "footer"]],
  ["src/disk/containers/vhdx", ["vhdx"]],
  ["src/disk/containers/vmdk", ["vmdk", "sparse-header"]],
  ["src/ipv6/layers/firewall/nft", ["source"]],
]);

/** What every run needs, and what every scan of a local image needs. */
const FIRST = new Map([
  ["start", ["src/cli/bin.ts"]],
  ["scan", ["src/cli/commands/define/scan.ts", "src/cli/commands/scan.ts", "src/report/text.ts"]],
]);

/** The pack of what else there is: its folder, of providers the whole provider. */
function packOf(source: string): string {
  const [, top = "", folders = ""] = /^(src|providers|node_modules)\/(.+)\//.exec(source) ?? [];
  const depth = top === "src" ? 3 : 1;
  return (
    folders
      .split("/")
      .slice(0, depth)
      .join("-")
      .replace(/[^\w-]/g, "") || "rest"
  );
}

const SHARED = {
  bundle: true,
  platform: "node",
  target: "node22.18",
  legalComments: "linked",
  // Half the text to read at every start; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // The runner reads text as Latin-1.
  charset: "ascii",
  // yaml's ES modules: its CommonJS ones are 72 wrapped functions.
  alias: { yaml: "./node_modules/yaml/browser/dist/index.js" },
} as const satisfies BuildOptions;

const folders = lazyFolders(FORMATS);
await emptied("dist", new Set(["types"]));
const [, split, ...apart] = await Promise.all([
  build({
    ...SHARED,
    entryPoints: { index: "src/index.ts" },
    outdir: "dist",
    splitting: true,
    format: "esm",
    external: OPTIONAL,
    // commander is CommonJS: esbuild's shim needs a real require. Named apart from what libraries import themselves.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
  }),
  build({
    ...SHARED,
    entryPoints: { bin: "src/cli/bin.ts", ...folders.entryPoints },
    outdir: CLI,
    splitting: true,
    format: "esm",
    write: false,
    metafile: true,
    plugins: [folders.plugin, lazyModules([...APART.keys()]), optionalPackages(OPTIONAL)],
    define: { "import.meta.url": "ownUrl", SIXRAY_SOURCES: JSON.stringify(sourceDigest(".")) },
  }),
  ...[...APART].map(([name, path]) =>
    build({ ...SHARED, entryPoints: { [name]: path }, outdir: CLI, format: "cjs", write: false }),
  ),
]);

const chunks = new Map<string, string>();
const packs = packsOf(split.metafile, FIRST, packOf);
const place = (entry: string): string => placeOf(entry, split.metafile, packs);
for (const { path, text } of split.outputFiles) chunks.set(basename(path), placeFolders(text, place));
const texts = new Map([...packs.keys()].map((pack) => [pack, textOf(pack, packs, chunks)]));
for (const [at, name] of [...APART.keys()].entries()) {
  const text = apart[at]?.outputFiles.find(({ path }) => path.endsWith(`${name}.js`))?.text ?? "";
  if (texts.has(name)) throw new Error(`${name} is in the command's packs, too`);
  texts.set(name, `[function(${PARAMETERS}){const module={exports:{}};${text}\nreturn module.exports}]`);
}
const licences = [split, ...apart].flatMap(({ outputFiles }) =>
  outputFiles.filter(({ path }) => path.endsWith(".LEGAL.txt")).map(({ text }) => text),
);
const hash = createHash("sha256")
  .update(JSON.stringify([...texts]))
  .digest("hex")
  .slice(0, 8);
await mkdir(CLI, { recursive: true });
for (const [name, text] of texts) {
  if (/[^\0-\x7f]/.test(text))
    throw new Error(`${name} is not all ASCII: a raw string with other characters in it?`);
  new Script(text, { filename: name });
  await writeFile(join(CLI, `${name}-${hash}.cjs`), text);
}
await writeFile(join(CLI, "LEGAL.txt"), licences.join("\n"));
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

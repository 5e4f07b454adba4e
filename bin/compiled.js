// Runs the built command from code that V8 compiled before: parsing and compiling is most of a short run. Node's own
// compile cache holds only what is compiled while a file loads; functions that are compiled at their first call are
// in this one, too. The command is in packs, which scripts/packs.ts makes: a run reads those that it uses.
"use strict";
const { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { pathToFileURL } = require("node:url");
const { Script } = require("node:vm");

/** Runs of a pack are counted up to here; the 1st, 2nd, 4th, 8th ... look for functions that the cache lacks. */
const LEARNING_RUNS = 64;
/** Growth below this is not worth writing. */
const GROWTH = 1.03;

// Paths are put together by hand: node:path would have to be compiled for it.
/** @param {string} folder where the build put `<pack>-<hash>.cjs`, all with the same hash */
function run(folder) {
  const hash = hashOf(folder);
  const cache = `${folder}/compiled/${hash}-${process.version}-${process.arch}`;
  const caches = cachesIn(cache);
  const ownUrl = pathToFileURL(`${folder}/bin.cjs`).href;
  const packs = new Map();
  const chunks = new Map();
  const learning = [];

  /** The functions of a pack. */
  function packOf(name) {
    let pack = packs.get(name);
    if (pack) return pack;
    const file = `${folder}/${name}-${hash}.cjs`;
    const kept = read(caches.get(name));
    const script = new Script(readFileSync(file, "latin1"), {
      filename: file,
      cachedData: kept?.data,
    });
    const known =
      kept && !script.cachedDataRejected
        ? { path: kept.path, runs: kept.runs, length: kept.data.length }
        : undefined;
    if (!known || known.runs < LEARNING_RUNS) learning.push({ name, script, known });
    pack = script.runInThisContext();
    packs.set(name, pack);
    return pack;
  }

  /** The exports of a chunk, `pack/place in it`. */
  function use(place) {
    let exports = chunks.get(place);
    if (exports) return exports;
    const slash = place.indexOf("/");
    exports = packOf(place.slice(0, slash))[place.slice(slash + 1)](use, load, namespace, requireOf, ownUrl);
    chunks.set(place, exports);
    return exports;
  }
  /** What stands for `import()`. */
  function load(place) {
    return Promise.resolve().then(() => use(place));
  }
  function requireOf(name) {
    if (!name.startsWith("lazy:")) return require(name);
    const [what, member] = name.slice(5).split("#");
    return lazy(() => {
      if (what.startsWith("node:")) return process.getBuiltinModule(what);
      const exports = use(what.slice(5));
      return member === undefined ? exports : exports[member];
    });
  }

  process.once("exit", () => learn(learning, cache));
  // The program is the last chunk of its pack, after all that it imports.
  use(`start/${packOf("start").length - 1}`);
}

/** Stands for a module that is loaded when a property of it is read for the first time. */
function lazy(load) {
  let module;
  return new Proxy(
    {},
    {
      get(_, name) {
        if (name === "$lazy" || name === "__esModule") return true;
        module ??= load();
        return name === "default" && !(name in module) ? module : module[name];
      },
    },
  );
}

function hashOf(folder) {
  for (const name of readdirSync(folder)) {
    const found = /^start-(\w+)\.cjs$/.exec(name);
    if (found) return found[1];
  }
  throw new Error(`${folder} holds no build: run "npm run prepare"`);
}

/** What `import()` gives for a CommonJS module: Node's `default` is all of it, also where `__esModule` is set. */
function namespace(exports) {
  if (!exports || exports.$lazy) return exports;
  const result = Object.create(Object.getPrototypeOf(exports), {
    default: { value: exports, enumerable: true },
  });
  for (const name of Object.getOwnPropertyNames(exports))
    if (name !== "default")
      Object.defineProperty(result, name, { get: () => exports[name], enumerable: true });
  return result;
}

/** For each pack the cache that most runs have looked at. */
function cachesIn(cache) {
  const caches = new Map();
  try {
    for (const one of readdirSync(cache)) {
      const found = /^([\w-]+)-(\d+)-(\d+)$/.exec(one);
      if (!found) continue;
      const runs = Number(found[2]);
      const other = caches.get(found[1]);
      if (!other || other.runs < runs)
        caches.set(found[1], { path: `${cache}/${one}`, runs, length: Number(found[3]) });
    }
  } catch {
    // There are none yet.
  }
  return caches;
}

/** A cache with its bytes; nothing if it is not whole by its own word, which V8 does not check. */
function read(kept) {
  if (!kept) return undefined;
  try {
    const data = readFileSync(kept.path);
    return data.length === kept.length ? { path: kept.path, runs: kept.runs, data } : undefined;
  } catch {
    return undefined;
  }
}

/** Writes what is compiled by now, when it is more than before. Where that cannot be written nothing is lost. */
function learn(learning, cache) {
  for (const { name, script, known } of learning) {
    try {
      const runs = (known ? known.runs : 0) + 1;
      const data = (runs & (runs - 1)) === 0 ? script.createCachedData() : undefined;
      if (known && (!data || data.length <= known.length * GROWTH)) {
        renameSync(known.path, `${cache}/${name}-${runs}-${known.length}`);
        continue;
      }
      const path = `${cache}/${name}-${runs}-${data.length}`;
      mkdirSync(cache, { recursive: true });
      const fresh = `${path}.${process.pid}`;
      writeFileSync(fresh, data, { flag: "wx" });
      renameSync(fresh, path);
      if (known) rmSync(known.path, { force: true });
    } catch {
      // The next run tries again.
    }
  }
}

module.exports = { run };

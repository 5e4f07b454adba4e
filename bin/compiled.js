// Runs the built command from code that V8 compiled before: parsing and compiling is most of a short run. Node's own
// compile cache holds only what is compiled while a file loads; functions that are compiled at their first call are
// in this one, too.
"use strict";
const { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { Script } = require("node:vm");

/** Runs of a command are counted up to here; the 1st, 2nd, 4th, 8th ... look for functions that the cache lacks. */
const LEARNING_RUNS = 64;
/** Growth below this is not worth writing. */
const GROWTH = 1.03;

/** @param {string} folder where the build put `bin-<hash>.cjs` and nothing else of that name */
function run(folder) {
  const name = readdirSync(folder).find((one) => /^bin-\w+\.cjs$/.test(one));
  if (name === undefined) throw new Error(`${folder} holds no build: run "npm run prepare"`);
  const file = join(folder, name);
  const cache = join(folder, "compiled", `${name}-${process.version}-${process.arch}`);
  const command = /^[a-z]+$/.test(process.argv[2] || "") ? process.argv[2] : "none";
  const kept = newest(cache, command);
  const script = new Script(readFileSync(file, "latin1"), {
    filename: file,
    ...(kept ? { cachedData: kept.data } : {}),
  });
  const known =
    kept && !script.cachedDataRejected
      ? { path: kept.path, runs: kept.runs, length: kept.data.length }
      : undefined;
  if (!known || known.runs < LEARNING_RUNS) process.once("exit", () => learn(script, cache, command, known));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, folder);
}

/** The cache of a command that most runs have looked at. Whole by its own word: V8 does not check that. */
function newest(cache, command) {
  try {
    const runs = readdirSync(cache)
      .map((one) => /^([a-z]+)-(\d+)-(\d+)$/.exec(one))
      .filter((one) => one !== null && one[1] === command)
      .sort((a, b) => Number(b[2]) - Number(a[2]));
    if (runs.length === 0) return undefined;
    const path = join(cache, runs[0][0]);
    const data = readFileSync(path);
    return data.length === Number(runs[0][3]) ? { path, data, runs: Number(runs[0][2]) } : undefined;
  } catch {
    return undefined;
  }
}

/** Writes what is compiled by now, when it is more than before. Where that cannot be written nothing is lost. */
function learn(script, cache, command, kept) {
  try {
    const runs = (kept ? kept.runs : 0) + 1;
    const data = (runs & (runs - 1)) === 0 ? script.createCachedData() : undefined;
    if (kept && (!data || data.length <= kept.length * GROWTH)) {
      renameSync(kept.path, join(cache, `${command}-${runs}-${kept.length}`));
      return;
    }
    const path = join(cache, `${command}-${runs}-${data.length}`);
    mkdirSync(cache, { recursive: true });
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, data, { flag: "wx" });
    renameSync(fresh, path);
    if (kept) rmSync(kept.path, { force: true });
  } catch {
    // The next run tries again.
  }
}

module.exports = { run };

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { isReadError } from "../../src/errors.ts";
import { openHive } from "../../src/guest/registry/hive.ts";
import type { RegistryKey } from "../../src/guest/registry/key.ts";
import { smallHive, target, withLog } from "../fuzz/registry.ts";
import { buildHive } from "../support/hive.ts";
import { corpusArchive, missing, run, scratch } from "../support/images.ts";
import { tryMutants } from "../support/mutate.ts";

const DUMP = new URL("../support/hivex-dump.py", import.meta.url).pathname;
const PYTHON = "/usr/bin/python3"; // the system's: it has the system's hivex
const FOLDERS = ["mkorman90__regipy", "EricZimmerman__Registry"];
const why = missing("hivexget", "python3");
const corpus = corpusArchive();

/** Everything in a hive, as hivex-dump.py tells it; without the logs, which hivex does not know. */
async function dump(path: string): Promise<readonly string[]> {
  const { root } = await openHive(memorySource(readFileSync(path), path), async () => []);
  const lines: string[] = [];
  const visit = async (key: RegistryKey, at: string): Promise<void> => {
    lines.push(JSON.stringify(["key", at]));
    for (const value of await key.values()) {
      const data = await value.data();
      const digest = createHash("sha256").update(data).digest("hex");
      lines.push(JSON.stringify(["value", at, value.name, value.type, data.length, digest]));
    }
    for (const child of await key.subkeys()) await visit(child, `${at}\\${child.name}`);
  };
  await visit(root, "");
  return lines.toSorted();
}

function hivexDump(path: string): readonly string[] {
  return run(PYTHON, [DUMP, path])
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.stringify(JSON.parse(line)))
    .toSorted();
}

describe.skipIf(why || !corpus)("against hivex, on the hives of the corpus", async () => {
  const folder = scratch("hives");
  if (corpus && !why) run("tar", ["--zstd", "-xf", corpus.archive, "-C", folder, ...FOLDERS]);
  const hives =
    why || !corpus
      ? []
      : FOLDERS.flatMap((one) =>
          readdirSync(join(folder, one)).map((name) => join(folder, one, name)),
        ).filter((path) => !/\.LOG\d?$/.test(path));

  test("every key and value is the same, or both refuse", async () => {
    const counts = { hives: 0, keys: 0, values: 0, refused: 0, hivexRefused: 0 };
    for (const path of hives) {
      let theirs: readonly string[] | undefined;
      try {
        theirs = hivexDump(path);
      } catch {
        counts.hivexRefused++;
      }
      try {
        const ours = await dump(path);
        if (theirs) expect(ours, path).toEqual(theirs);
        counts.hives++;
        counts.keys += ours.filter((line) => line.startsWith('["key"')).length;
        counts.values += ours.filter((line) => line.startsWith('["value"')).length;
      } catch (error) {
        if (!isReadError(error) || theirs) throw error;
        counts.refused++;
      }
    }
    console.log(
      `hivex: ${counts.hives} hives, ${counts.keys} keys and ${counts.values} values; refused by hivex ${counts.hivexRefused}, by sixray ${counts.refused}`,
    );
    expect(counts.values).toBeGreaterThan(10_000);
  }, 300_000);

  test("logs of entries are replayed: 24 of them over SYSTEM_B", async () => {
    const source = (name: string): ReturnType<typeof memorySource> =>
      memorySource(readFileSync(join(folder, "mkorman90__regipy", name)), name);
    const logs = [source("SYSTEM_B.LOG2"), source("SYSTEM_B.LOG1")];
    const hive = await openHive(source("SYSTEM_B"), async () => logs);
    expect(hive.notes).toEqual([expect.stringContaining("24 log entries replayed")]);
    const [first] = logs;
    const one = await openHive(source("SYSTEM_B"), async () => (first ? [first] : []));
    expect(one.notes).not.toEqual(hive.notes);
  });
});

test.skipIf(why)("built hives: hivex reads them alike", async () => {
  const folder = scratch("built");
  for (const list of ["lf", "lh", "li", "ri"] as const) {
    const path = join(folder, list);
    const keys = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`Key ${i}`, { values: { "": "x", n: i } }]),
    );
    writeFileSync(path, buildHive({ list, keys }));
    expect(await dump(path)).toEqual(hivexDump(path));
  }
});

test("mutants give an answer or a ScanError", async () => {
  expect(withLog(smallHive(true)).length).toBeGreaterThan(0);
  for (const seed of await target.seeds()) {
    const count = await tryMutants(seed.bytes, target.read, { count: 400, readsMax: target.readsMax ?? 0 });
    console.log(`${seed.name}: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`);
    expect(count.accepted).toBeGreaterThan(0);
    expect(count.refused).toBeGreaterThan(0);
  }
}, 60_000);

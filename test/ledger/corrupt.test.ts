import {
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openEmbedded } from "../../src/ledger/embedded.ts";
import { salvage } from "../../src/ledger/salvage.ts";
import { imageOf, KEY, newRun, scanned } from "../conformance/ledger.ts";
import { scratch } from "../support/images.ts";

const folder = scratch("corrupt");
const whole = join(folder, "whole");
const IMAGES = 600;
/** Object ids below are Postgres' own tables. */
const FIRST_OWN = 16_384;

beforeAll(async () => {
  const ledger = await openEmbedded(whole, { create: true });
  await ledger.startRun(newRun("r1"));
  const notes = [Array.from({ length: 3000 }, (_, i) => i * 7919).join(" ")];
  const entries = Array.from({ length: IMAGES }, (_, i) => scanned(imageOf(`i${i}`), { notes }));
  await ledger.record({ id: "r1", ...KEY }, entries);
  await ledger.close();
});

function damaged(name: string, damage: (path: string) => void): string {
  const path = join(folder, name);
  cpSync(whole, path, { recursive: true });
  damage(path);
  return path;
}

function overwrite(file: string, offset: number, length: number): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Buffer.alloc(length, 0x41), 0, length, offset);
}

const BROKEN: Readonly<Record<string, (path: string) => void>> = {
  "the control file": (path) => overwrite(join(path, "global/pg_control"), 0, 8192),
  "no control file": (path) => rmSync(join(path, "global/pg_control")),
  "the log": (path) => {
    for (const name of readdirSync(join(path, "pg_wal")))
      if (name.startsWith("0")) truncateSync(join(path, "pg_wal", name), 0);
  },
  "the catalogue": (path) => overwrite(join(path, "base/5/1259"), 0, 8192),
  "no data": (path) => rmSync(join(path, "base"), { recursive: true }),
  "no version": (path) => rmSync(join(path, "PG_VERSION")),
};

test.each(Object.keys(BROKEN))("damage to %s is said with what to do", async (name) => {
  const path = damaged(name.replaceAll(" ", "-"), BROKEN[name] ?? (() => undefined));
  const clear = {
    code: "corrupt",
    message: expect.stringMatching(
      /^the ledger cannot be opened: (?!Aborted|PGlite).{8,}"sixray ledger export --salvage --state \/[^ ]+" .*To start over, move it away \(mv /,
    ),
  };
  await expect(openEmbedded(path, { create: true })).rejects.toMatchObject(clear);
  // And again: the lock was let go.
  await expect(openEmbedded(path, { create: true })).rejects.toMatchObject(clear);
  await expect(salvage(path, () => Promise.resolve())).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringMatching(/^nothing of the ledger can be read \(.+\)\. To start over, move it away/),
  });
});

test("of a ledger with damaged pages the rest is read, and opens as a new one", async () => {
  const path = damaged("pages", (one) => {
    const data = join(one, "base/5");
    const own = readdirSync(data)
      .filter((name) => Number(name) >= FIRST_OWN)
      .toSorted((a, b) => statSync(join(data, b)).size - statSync(join(data, a)).size);
    for (const name of own.slice(0, 2)) overwrite(join(data, name), 8192, 8192);
  });
  const ledger = await openEmbedded(path, { create: false });
  await expect(Array.fromAsync(ledger.export())).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringMatching(/the ledger is damaged: .*export --salvage --state \//),
  });
  await ledger.close();
  const lines: string[] = [];
  const told = await salvage(path, async (line) => void lines.push(line));
  console.log(`salvaged ${told.rows} rows of ${IMAGES * 4 + 2}, ${told.unreadable} unreadable`);
  expect(told.rows).toBeGreaterThan(IMAGES * 2);
  expect(told.rows).toBeLessThan(IMAGES * 4 + 2);
  expect(told.lost).toEqual([]);
  const again = await openEmbedded(join(folder, "again"), { create: true });
  const { added, there } = await again.import(feed(lines));
  expect(added).toBeGreaterThan(IMAGES);
  expect(there).toBe(0);
  await again.close();
});

test("a folder that is something else, or of another Postgres, is left alone", async () => {
  const other = join(folder, "other");
  mkdirSync(other);
  writeFileSync(join(other, "thesis.tex"), "");
  await expect(openEmbedded(other, { create: true })).rejects.toThrow(/is no ledger: name another/);
  expect(readdirSync(other)).toEqual(["thesis.tex"]);
  const old = damaged("old", (path) => writeFileSync(join(path, "PG_VERSION"), "17\n"));
  await expect(openEmbedded(old, { create: true })).rejects.toThrow(
    /of Postgres 17, this sixray has 18: export/,
  );
  await expect(openEmbedded(join(folder, "none"), { create: false })).rejects.toThrow(/no ledger in .* yet/);
});

async function* feed(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

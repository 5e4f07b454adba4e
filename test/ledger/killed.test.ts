import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openEmbedded } from "../../src/ledger/embedded.ts";
import { KEY } from "../conformance/ledger.ts";
import { scratch } from "../support/images.ts";
import { random } from "../support/mutate.ts";

const WRITER = fileURLToPath(new URL("writer.ts", import.meta.url));
const KILLS = 50;

interface Writer {
  /** The first line, or the end of the process. */
  readonly opened: Promise<boolean>;
  /** So many rows were told, or the end of the process. */
  wrote(rows: number): Promise<void>;
  /** What it was told is committed, once it is dead. */
  kill(): Promise<readonly string[]>;
  letGo(): void;
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>;
}

function writer(folder: string, ...args: readonly string[]): Writer {
  const child = spawn(process.execPath, [WRITER, folder, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = new Promise<{ readonly code: number | null; readonly err: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, err })),
  );
  const opened = new Promise<boolean>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      resolve(true);
    });
    void ended.then(() => resolve(false));
  });
  return {
    opened,
    ended,
    async wrote(rows) {
      // The first line says that it is open.
      while (out.split("\n").length - 2 < rows && child.exitCode === null)
        await Promise.race([once(child.stdout, "data"), ended]);
    },
    letGo: () => void child.stdin.write("\n"),
    async kill() {
      child.kill("SIGKILL");
      await ended;
      // A line that was cut off was not told.
      return out
        .split("\n")
        .slice(0, -1)
        .filter((line) => line.length === 64);
    },
  };
}

function locksOf(folder: string): readonly string[] {
  return readdirSync(dirname(folder)).filter((name) => name.startsWith(`${basename(folder)}.lock-`));
}

test(`killed ${KILLS} times at random points, a ledger loses no row that it said is kept`, async () => {
  const folder = join(scratch("killed"), "ledger");
  const next = random(20261124);
  const told = new Set<string>();
  let whileOpening = 0;
  let openingMs = 900;
  for (let kill = 0; kill < KILLS; kill++) {
    const one = writer(folder, `r${kill}`);
    // A third of them while the folder is being made, opened or recovered, which takes as long as the machine is busy;
    // the others after some rows, and in the middle of one more.
    if (kill % 3 === 0) await sleep(next() * openingMs);
    else {
      const since = performance.now();
      if (await one.opened) openingMs = performance.now() - since;
      await one.wrote(Math.floor(next() * 20));
      await sleep(next() * 5);
    }
    const rows = await one.kill();
    if (rows.length === 0) whileOpening++;
    for (const row of rows) told.add(row);
  }
  const ledger = await openEmbedded(folder, { create: true });
  const known = await ledger.known([...told], KEY);
  expect([...told].filter((content) => !known.has(content))).toEqual([]);
  console.log(`${KILLS} kills, ${whileOpening} before the first row; ${told.size} rows told and found`);
  expect(told.size).toBeGreaterThan(100);
  await ledger.close();
  expect(locksOf(folder)).toEqual([]);
  expect(readdirSync(dirname(folder))).toEqual(["ledger"]);
}, 600_000);

test("the second process on a folder hears who has it, and gets it once that is gone", async () => {
  const folder = join(scratch("shared"), "ledger");
  await (await openEmbedded(folder, { create: true })).close();
  const first = writer(folder, "r", "hold");
  expect(await first.opened).toBe(true);
  await expect(openEmbedded(folder, { create: true })).rejects.toThrow(
    /is in use by process \d+ on \S+ since 20.*: wait for it, give this run a ledger of its own/,
  );
  const second = writer(folder, "r", "hold");
  const { code, err } = await second.ended;
  expect(code).not.toBe(0);
  expect(err).toContain("is in use by process");
  first.letGo();
  expect((await first.ended).code).toBe(0);
  await (await openEmbedded(folder, { create: true })).close();
  expect(locksOf(folder)).toEqual([]);
});

test("of many that come at once, one has the folder at a time and none gets stuck", async () => {
  const folder = join(scratch("crowd"), "ledger");
  await (await openEmbedded(folder, { create: true })).close();
  const crowd = Array.from({ length: 6 }, (_, i) => writer(folder, `r${i}`, "hold"));
  const opened = await Promise.all(crowd.map((one) => one.opened));
  // A writer that does not get it ends; those that do keep it until they are let go.
  expect(opened.filter(Boolean).length).toBeLessThanOrEqual(1);
  await Promise.all(crowd.map((one) => one.kill()));
  await (await openEmbedded(folder, { create: true })).close();
  expect(existsSync(folder)).toBe(true);
  expect(locksOf(folder)).toEqual([]);
});

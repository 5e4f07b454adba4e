import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "./lock.ts";

let parent = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "sixray-lock-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

function left(name: string, holder: object | string): void {
  writeFileSync(join(parent, name), typeof holder === "string" ? holder : JSON.stringify(holder));
}
const startedAt = "2026-11-24T10:00:00.000Z";
/** Of a process that has ended. */
const deadPid = spawnSync(process.execPath, ["-e", ""]).pid;

test("a lock is held beside the folder and let go", async () => {
  const lock = await lockFolder(join(parent, "l"));
  expect(readdirSync(parent)).toHaveLength(1);
  await expect(lockFolder(join(parent, "l"))).rejects.toThrow(`in use by process ${process.pid} on`);
  await (await lockFolder(join(parent, "other"))).release();
  await lock.release();
  await (await lockFolder(join(parent, "l"))).release();
  expect(readdirSync(parent)).toEqual([]);
});

test("what a dead process left is taken over", async () => {
  const host = hostname();
  left(`l.lock-${deadPid}-a`, { pid: deadPid, host, startedAt });
  // The id was given to another process meanwhile; the machine was started anew.
  left(`l.lock-${process.pid}-b`, { pid: process.pid, host, startedAt, ticks: "1" });
  left("l.lock-1-c", { pid: 1, host, startedAt, boot: "another" });
  left(`l.lock-${deadPid}-d`, "");
  left(`l.lock-${deadPid}-e`, '{"pid":');
  const lock = await lockFolder(join(parent, "l"));
  expect(readdirSync(parent)).toHaveLength(1);
  await lock.release();
});

test("what cannot be seen from here is left alone, and the way out is said", async () => {
  const file = "l.lock-1-a";
  left(file, { pid: deadPid, host: "elsewhere", startedAt });
  await expect(lockFolder(join(parent, "l"))).rejects.toThrow(
    `in use by process ${deadPid} on elsewhere since ${startedAt}: wait for it, give this run a ledger of its own with --state, or share a Postgres by DATABASE_URL (if that machine or container is gone, remove ${join(parent, file)})`,
  );
  left(file, { pid: deadPid, host: hostname(), startedAt, pids: "pid:[another container]" });
  await expect(lockFolder(join(parent, "l"))).rejects.toThrow(
    `(if that machine or container is gone, remove ${join(parent, file)})`,
  );
  expect(readdirSync(parent)).toEqual([file]);
});

test("of twenty that come at once at most one has it at a time, and each gets its turn or an answer", async () => {
  let [holding, most, had] = [0, 0, 0];
  const one = async (): Promise<void> => {
    const lock = await lockFolder(join(parent, "l")).catch(() => undefined);
    if (!lock) return;
    most = Math.max(most, ++holding);
    had++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    holding--;
    await lock.release();
  };
  await Promise.all(Array.from({ length: 20 }, one));
  expect(most).toBeLessThanOrEqual(1);
  await one();
  expect(had).toBeGreaterThan(0);
  expect(readdirSync(parent)).toEqual([]);
});

import type { PgBoss } from "pg-boss";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { fleetExitCode } from "../../src/cli/fleet-exit.ts";
import { ScanError } from "../../src/errors.ts";
import { drain, retry } from "../../src/fleet/again.ts";
import { openBoss } from "../../src/fleet/boss.ts";
import type { WorkerContext } from "../../src/fleet/context.ts";
import { enqueue } from "../../src/fleet/enqueue.ts";
import { enumerate } from "../../src/fleet/enumerate.ts";
import { finishRuns } from "../../src/fleet/finish.ts";
import { noLog } from "../../src/fleet/log.ts";
import { Plans } from "../../src/fleet/plans.ts";
import { ENUMERATE, SCAN } from "../../src/fleet/queues.ts";
import { Taker } from "../../src/fleet/taker.ts";
import { noTelemetry } from "../../src/fleet/telemetry.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openWithDatabase } from "../../src/ledger/open.ts";
import { policyKey } from "../../src/scan/policy-key.ts";
import { scanned } from "../conformance/ledger.ts";
import { scratch } from "../support/images.ts";
import { sixray } from "./support.ts";

/* What no run of a fleet may pass, and when one is over. */

const ENGINE = "sixray 0";
const { id: policy, digest: policyDigest, document: policyDocument } = policyKey(undefined);
const state = scratch("fleet-gates");
/** Targets that cannot be listed. */
const broken = new Set<string>();
let ledger: Ledger;
let boss: PgBoss;

beforeAll(async () => {
  const opened = await openWithDatabase({ folder: `${state}/ledger`, create: true });
  ({ ledger } = opened);
  boss = await openBoss(opened.database, { supervise: false, onError: () => undefined });
  // One try, and no pause.
  await boss.updateQueue(ENUMERATE, { retryLimit: 0 });
});

afterAll(async () => {
  await boss.stop({ graceful: false });
  await ledger.close();
});

function start(run: string, target: string, more: { engine?: string; failOn?: string } = {}): Promise<void> {
  const { engine = ENGINE, failOn = "flagged,review,unreadable" } = more;
  const about = {
    startedAt: new Date(),
    policyDigest,
    policy,
    policyDocument,
    source: "x",
    host: "h",
    shard: "",
  };
  const plan = { query: {}, failOn, strict: false, rescan: false };
  return enqueue(
    boss,
    ledger,
    { ...about, id: run, engine },
    { targets: [{ target, provider: "aws" }], plan },
  );
}

/** Lists what waits, an image for each target, and records each as passed or flagged. */
async function work(): Promise<void> {
  const context: WorkerContext = {
    ledger,
    boss,
    plans: new Plans(boss, ledger),
    sources: {
      async *list(target) {
        if (broken.has(target)) throw new ScanError("access", "no rights");
        yield { image: imageIn(target), open: () => Promise.reject(new Error("opened")) };
      },
      one: () => Promise.reject(new Error("not asked")),
    },
    engine: ENGINE,
    log: noLog,
    telemetry: noTelemetry,
    today: () => "2026-11-25",
  };
  for (const job of await boss.fetch<{ readonly run: string; readonly target: string }>(ENUMERATE, {
    batchSize: 10,
    includeMetadata: true,
  })) {
    const taken = { id: job.id, data: job.data, attempt: 1, last: true, throttled: () => undefined };
    try {
      await enumerate({ ...taken, signal: new AbortController().signal }, context);
      await boss.complete(ENUMERATE, [job]);
    } catch (error) {
      await boss.fail(ENUMERATE, [job], { message: String(error) });
      continue;
    }
    const { run, target } = job.data;
    const verdict = target.startsWith("bad") ? "flagged" : "pass";
    await ledger.record({ id: run, policyDigest, engine: ENGINE }, [scanned(imageIn(target), { verdict })]);
  }
  const scans = await boss.fetch(SCAN, { batchSize: 10, includeMetadata: true });
  if (scans.length > 0) await boss.complete(SCAN, scans);
}

const imageIn = (target: string) => ({ provider: "aws", id: `${target}-1`, name: target, family: target });

async function endOf(run: string): Promise<number | undefined> {
  await finishRuns(boss, ledger, { exitCode: fleetExitCode, again: new Set() });
  const found = await ledger.run(run);
  return found?.finishedAt && found.exitCode;
}

test("a target that was drained before it was listed leaves the run incomplete", async () => {
  await start("drained", "good");
  await work();
  expect(await endOf("drained")).toBe(0);
  await start("drained", "later");
  // Enqueued again under its name, the run goes on.
  expect(await endOf("drained")).toBeUndefined();
  await drain(boss, "drained");
  expect(await endOf("drained")).toBe(3);
  await retry(boss, ledger, "drained");
  expect(await endOf("drained")).toBeUndefined();
  await work();
  expect(await endOf("drained")).toBe(0);
  // The same once more is nothing more.
  await start("drained", "later");
  expect(await endOf("drained")).toBe(0);
});

test("a target that only another release could list leaves the run incomplete", async () => {
  await start("upgraded", "good");
  await start("upgraded", "later", { engine: "sixray 9" });
  await work();
  expect(await endOf("upgraded")).toBe(3);
  // And its report says which.
  const images = await Array.fromAsync(ledger.imagesOf("upgraded"));
  expect(Object.fromEntries(images.map(({ image, verdict }) => [image.id, verdict]))).toEqual({
    "good-1": "pass",
    later: "unreadable",
  });
});

test("a listing that failed counts as failed until it is tried again with success", async () => {
  broken.add("shut");
  await start("shut", "shut");
  await work();
  expect(await endOf("shut")).toBe(3);
  expect(await ledger.totals("shut")).toEqual({ scanned: 0, known: 0, failed: 1 });
  broken.clear();
  await retry(boss, ledger);
  await work();
  expect(await endOf("shut")).toBe(0);
  expect(await ledger.totals("shut")).toEqual({ scanned: 1, known: 0, failed: 0 });
});

test("of targets that fail a run on different verdicts, none is left out", async () => {
  await start("words", "bad", { failOn: "never" });
  await start("words", "bad-too");
  await work();
  expect(await endOf("words")).toBe(1);
});

test("jobs that come while a worker stops are handed back once its grace is over", async () => {
  await start("stopping", "good");
  const failed: unknown[] = [];
  let stopped: Promise<void> | undefined;
  const taker = new Taker(boss, {
    queue: ENUMERATE,
    concurrency: 1,
    handle: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      }),
    onFailed: (_, error) => failed.push(error),
    onAway: () => undefined,
  });
  const fetch = boss.fetch.bind(boss);
  vi.spyOn(boss, "fetch").mockImplementationOnce(async (...args: Parameters<typeof fetch>) => {
    const jobs = await fetch(...args);
    stopped = taker.stop(100);
    return jobs;
  });
  await taker.run();
  await stopped;
  expect(failed).toHaveLength(1);
}, 20_000);

test("a run that is not finished has not passed", async () => {
  const place = { state: scratch("unfinished") };
  expect(sixray(place, "fleet", "enqueue", "--run", "r", "nowhere.qcow2").code).toBe(0);
  expect(sixray(place, "fleet", "status", "r").code).toBe(3);
  expect(sixray(place, "fleet", "status").code).toBe(0);
});

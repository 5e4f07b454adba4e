import { expect, test } from "vitest";
import { PROVIDERS } from "../../providers/index.ts";
import { fleetSources } from "../../src/cli/fleet-sources.ts";
import { ScanError } from "../../src/errors.ts";
import { openBoss } from "../../src/fleet/boss.ts";
import type { WorkerContext } from "../../src/fleet/context.ts";
import { enqueue } from "../../src/fleet/enqueue.ts";
import { enumerate } from "../../src/fleet/enumerate.ts";
import { noLog } from "../../src/fleet/log.ts";
import { Plans } from "../../src/fleet/plans.ts";
import { ENUMERATE, SCAN } from "../../src/fleet/queues.ts";
import { judge } from "../../src/fleet/scan.ts";
import { queueStandings } from "../../src/fleet/standing.ts";
import type { Taken } from "../../src/fleet/taker.ts";
import { noTelemetry } from "../../src/fleet/telemetry.ts";
import { openWithDatabase } from "../../src/ledger/open.ts";
import { policyKey } from "../../src/scan/policy-key.ts";
import { imageStore } from "../support/image-store.ts";
import { scratch } from "../support/images.ts";

const IMAGES = 20;

test("a handler that runs twice, or with another policy than its run's, changes nothing", async () => {
  const store = await imageStore({ images: IMAGES });
  const { ledger, database } = await openWithDatabase({ folder: `${scratch("twice")}/ledger`, create: true });
  const boss = await openBoss(database, { supervise: false, onError: () => undefined });
  const context: WorkerContext = {
    ledger,
    boss,
    plans: new Plans(boss, ledger),
    sources: fleetSources(PROVIDERS, {}),
    engine: "sixray 0",
    log: noLog,
    telemetry: noTelemetry,
    today: () => "2026-11-25",
  };
  const { id: policy, digest: policyDigest, document: policyDocument } = policyKey(undefined);
  const run = { id: "r1", startedAt: new Date(), policyDigest, engine: "sixray 0", policy, policyDocument };
  const plan = { query: {}, failOn: "flagged", strict: false, rescan: false };
  const targets = [{ target: store.url, provider: "http" }];
  for (let time = 0; time < 2; time++)
    await enqueue(boss, ledger, { ...run, source: store.url, host: "here", shard: "" }, { targets, plan });
  const jobs = await boss.fetch<object>(ENUMERATE, { batchSize: 10, includeMetadata: true });
  expect(jobs).toHaveLength(1);
  const taken = ({ id, data }: { readonly id: string; readonly data: unknown }): Taken => ({
    id,
    data,
    attempt: 1,
    last: false,
    signal: new AbortController().signal,
    throttled: () => undefined,
  });
  for (const job of jobs) for (let time = 0; time < 2; time++) await enumerate(taken(job), context);
  expect(await ledger.standing("r1")).toMatchObject({ waiting: IMAGES, failed: 0 });
  expect((await queueStandings(boss))[1]).toMatchObject({ queue: "scan", queued: IMAGES });

  const scans = await boss.fetch<object>(SCAN, { batchSize: 100, includeMetadata: true });
  for (const job of scans) {
    const [one, two] = await Promise.all([judge(taken(job), context), judge(taken(job), context)]);
    for (const { run: of, entry } of [one, two]) await ledger.record(of, [entry]);
    // A third, later: what is known is not scanned again, and what was recorded stays.
    const three = await judge(taken(job), context);
    expect(three.entry.outcome).toBe("known");
    await ledger.record(three.run, [three.entry]);
  }
  expect(await ledger.totals("r1")).toEqual({ scanned: IMAGES, known: 0, failed: 0 });
  expect(await ledger.standing("r1")).toMatchObject({ waiting: 0, failed: 0 });

  // Whoever can write to the queue still cannot have a run judged by another policy.
  const [job] = jobs;
  if (!job) throw new Error("no job");
  const other = { id: "strict", title: "", description: "", sections: {} };
  const forged = { ...job.data, plan: { ...plan, policy: other } };
  await expect(enumerate(taken({ id: job.id, data: forged }), context)).rejects.toThrow(
    /policy of run r1 is another/,
  );
  await expect(
    judge(taken({ id: job.id, data: { ...scans[0]?.data, engine: "sixray 9" } }), context),
  ).rejects.toThrow(/the job is for sixray 9, this is sixray 0/);
  await boss.stop({ graceful: false });
  await ledger.close();
  await store.close();
}, 60_000);

test("a name with what a database does not keep gets its job, and its verdict", async () => {
  const { ledger, database } = await openWithDatabase({ folder: `${scratch("names")}/ledger`, create: true });
  const boss = await openBoss(database, { supervise: false, onError: () => undefined });
  const { id: policy, digest: policyDigest, document: policyDocument } = policyKey(undefined);
  const run = { id: "r1", startedAt: new Date(), policyDigest, engine: "sixray 0", policy, policyDocument };
  const images = ["a\0b", "lone \ud800", "\u001b[31mred"].map((id) => ({
    provider: "file",
    id,
    name: id,
    family: id,
  }));
  const context: WorkerContext = {
    ledger,
    boss,
    plans: new Plans(boss, ledger),
    sources: {
      async *list() {
        for (const image of images)
          yield { image, open: () => Promise.reject(new ScanError("access", `no ${image.id}`)) };
      },
      one: async (image) => ({
        image,
        open: () => Promise.reject(new ScanError("access", `no ${image.id}`)),
      }),
    },
    engine: "sixray 0",
    log: noLog,
    telemetry: noTelemetry,
    today: () => "2026-11-25",
  };
  const plan = { query: {}, failOn: "flagged", strict: false, rescan: false };
  const targets = [{ target: "x", provider: "file" }];
  await enqueue(boss, ledger, { ...run, source: "x", host: "here", shard: "" }, { targets, plan });
  const signal = new AbortController().signal;
  const base = { attempt: 5, last: true, signal, throttled: () => undefined };
  for (const job of await boss.fetch<object>(ENUMERATE))
    await enumerate({ ...base, ...job, signal }, context);
  const scans = await boss.fetch<object>(SCAN, { batchSize: 10 });
  expect(scans).toHaveLength(images.length);
  for (const job of scans) {
    const { entry, run: of } = await judge({ ...base, ...job, signal }, context);
    expect(images.map(({ id }) => id)).toContain(entry.image.id);
    await ledger.record(of, [entry]);
  }
  expect(await ledger.standing("r1")).toMatchObject({ waiting: 0, failed: images.length });
  await boss.stop({ graceful: false });
  await ledger.close();
}, 60_000);

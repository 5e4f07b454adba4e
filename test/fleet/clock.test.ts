import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { retry } from "../../src/fleet/again.ts";
import { openBoss } from "../../src/fleet/boss.ts";
import { enqueue } from "../../src/fleet/enqueue.ts";
import { ENUMERATE } from "../../src/fleet/queues.ts";
import { fleetStatus } from "../../src/fleet/status.ts";
import { openWithDatabase } from "../../src/ledger/open.ts";
import { newRun } from "../conformance/ledger.ts";
import { noPostgres, postgres } from "../support/postgres.ts";

/* Machines of a fleet have clocks of their own: what is compared with the database's times has to be of its clock. */

afterEach(() => void vi.useRealTimers());

test.skipIf(noPostgres())("who asks by a clock that is wrong is answered by the database's", async () => {
  const server = await postgres();
  const { ledger, database } = await openWithDatabase({ folder: "", databaseUrl: server.create("clock") });
  onTestFinished(() => ledger.close());
  const boss = await openBoss(database, { supervise: false, onError: () => undefined });
  onTestFinished(() => boss.stop({ graceful: false }));
  await boss.updateQueue(ENUMERATE, { retryLimit: 0 });
  const plan = { query: {}, failOn: "never", strict: false, rescan: false };
  await enqueue(boss, ledger, newRun("r"), { targets: [{ target: "x", provider: "aws" }], plan });
  for (const job of await boss.fetch(ENUMERATE)) await boss.fail(ENUMERATE, [job], { message: "no rights" });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
  expect((await fleetStatus(boss, ledger, "r")).deadLetters).toHaveLength(1);
  expect(await retry(boss, ledger, "r")).toEqual({ dead: 1, drained: 0 });
  // When runs came to their end orders them, whoever ended them.
  await ledger.finishRun("r", { enumerated: 0, exitCode: 0 });
  vi.useRealTimers();
  const { finishedAt } = (await ledger.run("r")) ?? {};
  expect(Math.abs((finishedAt?.getTime() ?? 0) - Date.now())).toBeLessThan(1_800_000);
});

test.skipIf(noPostgres())("how long a worker was quiet is not a matter of the asker's clock", async () => {
  const server = await postgres();
  const { ledger, database } = await openWithDatabase({ folder: "", databaseUrl: server.create("quiet") });
  onTestFinished(() => ledger.close());
  const boss = await openBoss(database, { supervise: true, onError: () => undefined });
  onTestFinished(() => boss.stop({ graceful: false }));
  await expect.poll(async () => (await fleetStatus(boss, ledger)).workers.length).toBe(1);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  const [worker] = (await fleetStatus(boss, ledger)).workers;
  expect(worker?.quietSeconds).toBeLessThan(600);
});

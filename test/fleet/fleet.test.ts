import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ImageStore, imageStore } from "../support/image-store.ts";
import { noPostgres, type Postgres, postgres } from "../support/postgres.ts";
import { enqueue, impatient, sixray, status, type WorkerProcess, worker } from "./support.ts";

const IMAGES = 60;
/** What the issue allows between the death of a worker and the next one's turn. */
const MOVES_ON_MS = 30_000;

/** How often each image stands in a run, and how it ended. */
async function rowsOf(
  url: string,
  run: string,
): Promise<readonly { readonly outcome: string; readonly images: number; readonly rows: number }[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      "select outcome, count(distinct image)::int as images, count(*)::int as rows from sixray.run_images where run = $1 group by 1 order by 1",
      [run],
    );
    return rows;
  } finally {
    await client.end();
  }
}

const imagesIn = (one: WorkerProcess): readonly string[] =>
  one.lines.flatMap(({ event, image }) => (event === "image" && image !== undefined ? [image] : []));

describe.skipIf(noPostgres())("a fleet on Postgres", () => {
  let server: Postgres;
  let store: ImageStore;
  beforeAll(async () => {
    [server, store] = await Promise.all([postgres(), imageStore({ images: IMAGES, latencyMs: 20 })]);
  });
  afterAll(() => store.close());

  test("one of two workers is killed: every image once, and its jobs move on within 30 s", async () => {
    const place = { url: server.create("killed") };
    const run = enqueue(place, store.url);
    store.set({ latencyMs: 500 });
    const [one, two] = [worker(place, "--concurrency", "8"), worker(place, "--concurrency", "8")];
    await two.until(({ event }) => event === "worker started");
    // Seven more are in its hands now, and take five seconds each.
    await one.until(({ event }) => event === "image");
    const killedAt = Date.now();
    one.child.kill("SIGKILL");
    await one.ended;
    store.set({ latencyMs: 20 });
    const done = status(place, run, "--wait");
    const took = Date.now() - killedAt;
    two.child.kill("SIGTERM");
    expect(await two.ended).toBe(0);
    // Jobs that the dead worker had in hand come with a second attempt.
    const moved = two.lines.filter(({ event, attempt = 1 }) => event === "image" && attempt > 1).length;
    expect(moved).toBeGreaterThan(0);
    expect(took).toBeLessThan(MOVES_ON_MS);
    expect(await rowsOf(place.url, run)).toEqual([{ outcome: "scanned", images: IMAGES, rows: IMAGES }]);
    expect(done.runs[0]).toMatchObject({
      images: IMAGES,
      scanned: IMAGES,
      waiting: 0,
      failed: 0,
      exitCode: 1,
    });
    console.log(`${moved} jobs moved on within ${Math.round(took / 100) / 10} s`);
    // The same again: nothing is left to scan.
    const second = enqueue(place, store.url);
    const third = worker(place, "--until-empty");
    expect(await third.ended).toBe(0);
    expect(await rowsOf(place.url, second)).toEqual([{ outcome: "known", images: IMAGES, rows: IMAGES }]);
  }, 90_000);

  test("SIGTERM hands back what does not end in time, and nothing is lost", async () => {
    const place = { url: server.create("stopped") };
    const run = enqueue(place, store.url);
    store.set({ latencyMs: 400 });
    const one = worker(place, "--concurrency", "30", "--grace", "1");
    await one.until(({ event }) => event === "listed");
    await sleep(1_500);
    const at = Date.now();
    one.child.kill("SIGTERM");
    expect(await one.ended).toBe(0);
    expect(Date.now() - at).toBeLessThan(10_000);
    expect(one.lines.some(({ event }) => event === "handed back")).toBe(true);
    store.set({ latencyMs: 0 });
    const two = worker(place, "--until-empty");
    expect(await two.ended).toBe(0);
    expect(await rowsOf(place.url, run)).toEqual([{ outcome: "scanned", images: IMAGES, rows: IMAGES }]);
    expect(new Set([...imagesIn(one), ...imagesIn(two)]).size).toBe(IMAGES);
  }, 60_000);

  test("the database restarts in the middle: every image once", async () => {
    const place = { url: server.create("restarted") };
    const run = enqueue(place, store.url);
    store.set({ latencyMs: 60 });
    const one = worker(place, "--concurrency", "4", "--until-empty");
    await one.until(({ event }) => event === "image");
    for (let restart = 0; restart < 2; restart++) {
      await server.kill();
      await sleep(500);
      await server.start();
      await sleep(700);
    }
    store.set({ latencyMs: 0 });
    expect(await one.ended).toBe(0);
    expect(one.lines.some(({ event }) => event === "database away" || event === "queue")).toBe(true);
    expect(await rowsOf(place.url, run)).toEqual([{ outcome: "scanned", images: IMAGES, rows: IMAGES }]);
  }, 60_000);

  test("an unreachable image becomes a dead letter, counts as failed, and can be tried again", async () => {
    const place = { url: server.create("dead") };
    const gone = `${store.url}family0-20260101-9999.qcow2`;
    const run = enqueue(place, gone);
    await impatient(place.url);
    const one = worker(place, "--until-empty");
    expect(await one.ended).toBe(3);
    const dead = status(place, run);
    expect(dead.runs[0]).toMatchObject({ images: 1, failed: 1, waiting: 0, exitCode: 3 });
    expect(dead.deadLetters).toMatchObject([
      { queue: "scan", what: gone, reason: expect.stringContaining("404") },
    ]);
    store.set({ images: 10_000 });
    expect(sixray(place, "fleet", "retry", run).out).toContain("1 dead letters");
    expect(await worker(place, "--until-empty").ended).toBe(0);
    const after = status(place, run);
    expect(after.runs[0]).toMatchObject({ images: 1, scanned: 1, failed: 0, exitCode: 0 });
    expect(after.deadLetters).toEqual([]);
    store.set({ images: IMAGES });
  }, 60_000);

  test("drain takes back what waits, the run says that it is incomplete, and retry puts it back", async () => {
    const place = { url: server.create("drained") };
    const run = enqueue(place, store.url);
    store.set({ latencyMs: 200 });
    const one = worker(place, "--concurrency", "4");
    await one.until(({ event }) => event === "image");
    const { drained }: { readonly drained: number } = JSON.parse(
      sixray(place, "fleet", "drain", run, "--wait", "--json").out,
    );
    expect(drained).toBeGreaterThan(0);
    const stopped = status(place, run, "--wait");
    expect(stopped.runs[0]).toMatchObject({ images: IMAGES, waiting: drained, exitCode: 3 });
    store.set({ latencyMs: 0 });
    expect(JSON.parse(sixray(place, "fleet", "retry", "--json").out)).toEqual({ dead: 0, drained });
    one.child.kill("SIGTERM");
    await one.ended;
    expect(await worker(place, "--until-empty").ended).toBe(0);
    expect(status(place, run).runs[0]).toMatchObject({ scanned: IMAGES, waiting: 0, exitCode: 1 });
  }, 60_000);
});

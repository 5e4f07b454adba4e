import fc from "fast-check";
import { expect, test } from "vitest";
import { AdaptiveLimit } from "./limit.ts";
import { type Job, pipeline } from "./pipeline.ts";
import { Waiting } from "./waiting.ts";

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of results) all.push(one);
  return all;
}

test("every job of every source runs once, within the limits, and no more are listed ahead than allowed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.array(fc.record({ group: fc.constantFrom("a", "b"), ticks: fc.nat(3) }), { maxLength: 30 }),
        { maxLength: 4 },
      ),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      async (lists, jobs, jobsPerGroup, aheadMax) => {
        let running = 0;
        let listed = 0;
        let started = 0;
        const runningIn: Record<string, number> = { a: 0, b: 0 };
        async function* source(number: number): AsyncGenerator<Job<string>> {
          for (const [at, { group, ticks }] of (lists[number] ?? []).entries()) {
            listed++;
            // Each source holds one job in its hands besides.
            expect(listed - started).toBeLessThanOrEqual(aheadMax + lists.length);
            yield {
              group,
              family: "f",
              run: async () => {
                started++;
                running++;
                runningIn[group] = (runningIn[group] ?? 0) + 1;
                expect(running).toBeLessThanOrEqual(jobs);
                expect(runningIn[group]).toBeLessThanOrEqual(jobsPerGroup);
                for (let i = 0; i < ticks; i++) await tick();
                running--;
                runningIn[group] = (runningIn[group] ?? 0) - 1;
                return `${number}.${at}`;
              },
            };
          }
        }
        const sources = lists.map((_, number) => source(number));
        const results = await collect(
          pipeline(sources, { jobs, jobsPerGroup: () => jobsPerGroup, aheadMax }),
        );
        expect(results.toSorted()).toEqual(
          lists.flatMap((list, number) => list.map((_, at) => `${number}.${at}`)).toSorted(),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("a consumer that stops ends the listing; what runs is waited for", async () => {
  let ran = 0;
  let listing = true;
  async function* endless(): AsyncGenerator<Job<number>> {
    try {
      for (;;) {
        yield { group: "a", family: "f", run: async () => tick().then(() => ++ran) };
      }
    } finally {
      listing = false;
    }
  }
  for await (const result of pipeline([endless()], { jobs: 3, aheadMax: 10 })) if (result >= 5) break;
  expect(listing).toBe(false);
  const before = ran;
  await tick();
  expect(ran).toBe(before);
});

test("a slow consumer keeps results from piling up", async () => {
  let started = 0;
  let taken = 0;
  async function* source(): AsyncGenerator<Job<number>> {
    for (let i = 0; i < 50; i++) yield { group: "a", family: "f", run: async () => ++started };
  }
  for await (const _ of pipeline([source()], { jobs: 4, aheadMax: 8 })) {
    taken++;
    for (let i = 0; i < 5; i++) await tick();
    expect(started - taken).toBeLessThanOrEqual(4);
  }
  expect(taken).toBe(50);
});

test("the first failure of a job or a source is told, once nothing runs", async () => {
  let running = 0;
  async function* source(): AsyncGenerator<Job<number>> {
    for (const fails of [false, true, false]) {
      yield {
        group: "a",
        family: "f",
        run: async () => {
          running++;
          await tick();
          running--;
          if (fails) throw new Error("a bug");
          return 1;
        },
      };
    }
    await tick();
    throw new Error("the listing broke off");
  }
  await expect(collect(pipeline([source()], { jobs: 3, aheadMax: 3 }))).rejects.toThrow("a bug");
  expect(running).toBe(0);
  async function* broken(): AsyncGenerator<Job<number>> {
    yield* [];
    throw new Error("no answer");
  }
  await expect(collect(pipeline([broken()], { jobs: 3, aheadMax: 3 }))).rejects.toThrow("no answer");
});

test("an abort is passed on", async () => {
  const abort = new AbortController();
  async function* source(): AsyncGenerator<Job<number>> {
    for (;;) yield { group: "a", family: "f", run: async () => 1 };
  }
  const run = async (): Promise<void> => {
    for await (const _ of pipeline([source()], { jobs: 2, aheadMax: 2, signal: abort.signal })) abort.abort();
  };
  await expect(run()).rejects.toThrow(/abort/i);
});

test("groups take turns, and families within them", () => {
  const waiting = new Waiting<string>();
  for (const job of ["x1", "x2", "x3"]) waiting.add({ group: "a", family: "x" }, job);
  waiting.add({ group: "a", family: "y" }, "y1");
  waiting.add({ group: "b", family: "z" }, "z1");
  const order: (string | undefined)[] = [];
  for (let i = 0; i < 6; i++) order.push(waiting.take(() => true)?.job);
  expect(order).toEqual(["x1", "z1", "y1", "x2", "x3", undefined]);
  expect(waiting.size).toBe(0);
});

test("a group that may not start lets the others pass", () => {
  const waiting = new Waiting<string>();
  waiting.add({ group: "a", family: "x" }, "a1");
  waiting.add({ group: "b", family: "x" }, "b1");
  expect(waiting.take((group) => group !== "a")?.job).toBe("b1");
  expect(waiting.take((group) => group !== "a")).toBeUndefined();
  expect(waiting.size).toBe(1);
});

test("throttling halves once for what ran together, and comes back step by step", () => {
  const limit = new AdaptiveLimit(8);
  const { generation } = limit;
  limit.throttled(generation);
  limit.throttled(generation);
  expect(limit.limit).toBe(4);
  for (let i = 0; i < 4; i++) limit.wentWell(generation);
  expect(limit.limit).toBe(4);
  for (let i = 0; i < 4; i++) limit.wentWell(limit.generation);
  expect(limit.limit).toBe(5);
  for (let i = 0; i < 5; i++) limit.throttled(limit.generation);
  expect(limit.limit).toBe(1);
  for (let i = 0; i < 100; i++) limit.wentWell(limit.generation);
  expect(limit.limit).toBe(8);
});

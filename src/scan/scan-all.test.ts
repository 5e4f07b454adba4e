import { expect, test } from "vitest";
import { ScanError } from "../errors.ts";
import { type Listed, scanAll, scanAsTheyCome } from "./scan-all.ts";

/** Images that cannot be opened, after a time of their own. */
async function* source(name: string, delays: readonly number[]): AsyncGenerator<Listed> {
  for (const [at, delay] of delays.entries()) {
    const id = `${name}${at}`;
    yield {
      image: { provider: "test", id, name: id, family: name },
      open: async () => {
        await new Promise((resolve) => setTimeout(resolve, delay));
        throw new ScanError("access", `no ${id}`);
      },
    };
  }
}

const sources = (): AsyncGenerator<Listed>[] => [
  source("a", [40, 0, 20]),
  source("b", []),
  source("c", [0, 10]),
];

test("results come in the order of the sources and their listings, however long each took", async () => {
  const ended: string[] = [];
  const ids: string[] = [];
  const onResult = ({ image }: { image: { id: string } }): void => void ended.push(image.id);
  for await (const { image } of scanAll(sources(), { jobs: 5, onResult })) ids.push(image.id);
  expect(ids).toEqual(["a0", "a1", "a2", "c0", "c1"]);
  expect(ended.at(-1)).toBe("a0");
});

test("or as they come, with their places", async () => {
  const places: string[] = [];
  for await (const { source: at, position, result } of scanAsTheyCome(sources(), { jobs: 5 })) {
    expect(result.verdict).toBe("unreadable");
    places.push(`${at}.${position} ${result.image.id}`);
  }
  expect(places.at(-1)).toBe("0.0 a0");
  expect(places.toSorted()).toEqual(["0.0 a0", "0.1 a1", "0.2 a2", "2.0 c0", "2.1 c1"]);
});

/** The second brings a bug to light. */
async function* withBug(): AsyncGenerator<Listed> {
  for (const id of ["a", "b", "c"])
    yield {
      image: { provider: "test", id, name: id, family: "x" },
      open: async () => {
        if (id === "b") throw new TypeError("not a function");
        throw new ScanError("access", `no ${id}`);
      },
    };
}

test("a bug costs one image, where somebody is told of it", async () => {
  const bugs: string[] = [];
  const reasons: string[] = [];
  const onBug = (_: unknown, { id }: { id: string }): void => void bugs.push(id);
  for await (const { reason, verdict } of scanAll([withBug()], { jobs: 2, onBug }))
    reasons.push(`${verdict} ${reason}`);
  expect(bugs).toEqual(["b"]);
  expect(reasons).toEqual([
    "unreadable access: no a",
    "unreadable bug: not a function",
    "unreadable access: no c",
  ]);
});

test("or ends the run", async () => {
  const run = async (): Promise<void> => {
    for await (const _ of scanAll([withBug()], { jobs: 2 }));
  };
  await expect(run()).rejects.toThrow("not a function");
});

test("an abort is no bug", async () => {
  const abort = new AbortController();
  const run = async (): Promise<void> => {
    const onBug = (): never => expect.unreachable();
    const onListed = (): void => abort.abort();
    for await (const _ of scanAll([withBug()], { jobs: 2, onBug, onListed, signal: abort.signal }));
  };
  await expect(run()).rejects.toThrow(/abort/i);
});

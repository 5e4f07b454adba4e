import { expect, test } from "vitest";
import { bounded, everyItem, Pages } from "./pages.ts";

test("pages that go in a circle, or on and on, are no listing", () => {
  const pages = new Pages("DescribeImages");
  expect(["a", "b", "", undefined].map((token) => pages.next(token))).toEqual([
    "a",
    "b",
    undefined,
    undefined,
  ]);
  expect(() => pages.next("a")).toThrow("DescribeImages sends one page again");
  const endless = new Pages("DescribeImages");
  expect(() => {
    for (let token = 0; ; token++) endless.next(`${token}`);
  }).toThrow("goes on after 10000 pages");
});

test("what an SDK lists page by page has an end, too", async () => {
  const paged = (tokens: Iterable<string | undefined>) => ({
    async *byPage() {
      for (const continuationToken of tokens) yield Object.assign([continuationToken], { continuationToken });
    },
  });
  expect(await everyItem("list", paged(["a", "b", undefined]))).toEqual(["a", "b", undefined]);
  await expect(everyItem("list", paged(["a", "b", "a"]))).rejects.toThrow("list sends one page again");
  const endless = (async function* () {
    for (;;) yield 1;
  })();
  await expect(Array.fromAsync(bounded("p", endless))).rejects.toThrow("what p has goes on and on");
});

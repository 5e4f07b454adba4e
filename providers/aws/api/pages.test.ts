import { expect, test } from "vitest";
import { Pages } from "./pages.ts";

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

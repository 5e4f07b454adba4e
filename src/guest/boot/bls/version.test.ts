import { expect, test } from "vitest";
import { compareBlsIds, compareRpm, compareSystemd } from "./version.ts";

test.for([
  ["1.0", "1.0", 0],
  ["2.0", "1.9", 1],
  ["1.10", "1.9", 1],
  ["1.0", "1.0.1", -1],
  ["1.0~rc1", "1.0", -1],
  ["1.0a", "1.0", 1],
  ["1.a", "1.1", -1],
  ["1.05", "1.5", 0],
  ["1_0", "1.0", 0],
  ["abc", "abd", -1],
] as const)("rpm: %s and %s", ([a, b, order]) => {
  expect(Math.sign(compareRpm(a, b))).toBe(order);
  expect(Math.sign(compareRpm(b, a))).toBe(-order || 0);
});

test("entry ids: name, version and release apart, rescue last", () => {
  const ids = ["m-0-rescue", "m-5.14.0-70.el9", "m-5.14.0-362.el9", "m-6.1-2", "ostree-1-x", "ostree-2-x"];
  expect(ids.toSorted((a, b) => compareBlsIds(b, a))).toEqual([
    "ostree-2-x",
    "ostree-1-x",
    "m-6.1-2",
    "m-5.14.0-362.el9",
    "m-5.14.0-70.el9",
    "m-0-rescue",
  ]);
});

// The order that the specification gives as its example.
test("systemd: the version format specification", () => {
  const rising = [
    "122.1",
    "123~rc1-1",
    "123",
    "123-a",
    "123-a.1",
    "123-1",
    "123-1.1",
    "123^post1",
    "123.a-1",
    "123.1-1",
    "123a-1",
    "124-1",
  ];
  for (const [i, a] of rising.entries())
    for (const [j, b] of rising.entries())
      expect(Math.sign(compareSystemd(a, b)), `${a} and ${b}`).toBe(Math.sign(i - j));
});

test.for([
  ["b2~_", "b2~0", -1],
  ["^", "^.~_^a", 1],
  ["0", "b23~^+", 1],
  ["-", "-0+", -1],
  ["~+b2.0", "~00+b", -1],
  ["2_a0^", "2_a0^.+32-^", 1],
  ["1 0", "1_0", 0],
] as const)("systemd-analyze compare-versions: %s and %s", ([a, b, order]) => {
  expect(compareSystemd(a, b)).toBe(order);
});
